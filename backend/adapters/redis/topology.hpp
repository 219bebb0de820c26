// Topology: which server an event lives on, and the connections to the servers. One server, the
// master that sentinels name, or the masters of a cluster.
//
// Belongs to one loop.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "adapters/redis/connection.hpp"
#include "adapters/redis/options.hpp"
#include "base/ids.hpp"

namespace onsale::redis {

class Topology {
 public:
  struct Hooks {
    std::function<void()> on_ready;  // some connection can be used (again)
    std::function<void(const Endpoint&, std::string_view why)> on_down;
  };
  virtual ~Topology() = default;

  virtual void start() = 0;
  // Where the event's keys are; nullptr while that is not known. It may not be ready().
  virtual Connection* connection_of(EventId event) = 0;
  // Since when nothing is known of a server for the event; asked while connection_of is nullptr.
  virtual SteadyTime lost_since() const = 0;
  // The masters that can be used now.
  [[nodiscard]] virtual std::vector<Endpoint> ready_masters() const = 0;
  // A server said MOVED, ASK or CLUSTERDOWN: what we know of the cluster is old.
  virtual void redirected(std::string_view error) = 0;

  static std::unique_ptr<Topology> make(AsioScheduler& loop, const Options& options, Hooks hooks);
};

}  // namespace onsale::redis
