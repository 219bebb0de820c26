// SentinelTopology: the master that the sentinels name. They are asked at the start, whenever the
// master is away, and once a second besides: a master that was deposed while it still answers us is
// left within that time (what it told since is void: its memory is another fence's).
#pragma once

#include <memory>
#include <string>

#include "adapters/redis/question.hpp"
#include "adapters/redis/topology.hpp"

namespace onsale::redis {

class SentinelTopology final : public Topology {
 public:
  SentinelTopology(AsioScheduler& loop, const Options& options, Hooks hooks);
  ~SentinelTopology() override;

  void start() override;
  Connection* connection_of(EventId) override { return connection_.get(); }
  SteadyTime lost_since() const override { return began_; }
  std::vector<Endpoint> ready_masters() const override;
  void redirected(std::string_view) override {}

 private:
  void ask();
  void told(const Reply& reply);
  void tick();

  AsioScheduler& loop_;
  const Options& options_;
  Hooks hooks_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Question> question_;
  std::size_t next_sentinel_ = 0;
  SteadyTime began_;
  SteadyTime asked_at_;
  std::shared_ptr<bool> alive_;
};

}  // namespace onsale::redis
