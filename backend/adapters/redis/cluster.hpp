// ClusterTopology: the masters of a Redis Cluster. An event's keys share the hash tag {e:ID}, so they
// share a slot; which master has the slot is told by CLUSTER SLOTS, and by MOVED when that has
// changed. The map is asked for at the start, at every redirection, while a master is away, and once
// in a while.
//
// ASK is not followed: while a slot is on its way the keys of an event may be on either side, and the
// side we have not greeted may have lost its memory; the call waits some milliseconds until the move
// is over. On the new master the fence differs, so the event is rebuilt there.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/redis/question.hpp"
#include "adapters/redis/topology.hpp"

namespace onsale::redis {

inline constexpr std::size_t kSlots = 16'384;
// Of the tag "e:ID" within the braces.
std::uint16_t slot_of(EventId event);

class ClusterTopology final : public Topology {
 public:
  ClusterTopology(AsioScheduler& loop, const Options& options, Hooks hooks);
  ~ClusterTopology() override;

  void start() override;
  Connection* connection_of(EventId event) override;
  SteadyTime lost_since() const override { return began_; }
  std::vector<Endpoint> ready_masters() const override;
  void redirected(std::string_view error) override;

 private:
  void ask();
  void told(const Endpoint& asked, const Reply& reply);
  void tick();
  Connection& connection_to(const Endpoint& master);

  AsioScheduler& loop_;
  const Options& options_;
  Hooks hooks_;
  std::vector<std::optional<Endpoint>> slots_;
  std::map<Endpoint, std::unique_ptr<Connection>> connections_;
  std::unique_ptr<Question> question_;
  std::size_t next_node_ = 0;
  SteadyTime began_;
  SteadyTime asked_at_;
  std::shared_ptr<bool> alive_;
};

}  // namespace onsale::redis
