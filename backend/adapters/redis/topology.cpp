// One server, the simplest topology; and the choice among the three.
#include "adapters/redis/topology.hpp"

#include <utility>

#include "adapters/redis/cluster.hpp"
#include "adapters/redis/sentinel.hpp"

namespace onsale::redis {
namespace {

class SingleServer final : public Topology {
 public:
  SingleServer(AsioScheduler& loop, const Options& options, Hooks hooks)
      : hooks_(std::move(hooks)),
        connection_(
            loop, options.seeds.front(), options,
            {.on_ready = [this] { hooks_.on_ready(); },
             .on_down =
                 [this](std::string_view why) { hooks_.on_down(connection_.endpoint(), why); }}) {}

  void start() override { connection_.start(); }
  Connection* connection_of(EventId) override { return &connection_; }
  SteadyTime lost_since() const override { return {}; }
  std::vector<Endpoint> ready_masters() const override {
    if (!connection_.ready()) return {};
    return {connection_.endpoint()};
  }
  void redirected(std::string_view) override {}

 private:
  Hooks hooks_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Topology> Topology::make(AsioScheduler& loop, const Options& options, Hooks hooks) {
  switch (options.form) {
    case Form::single:
      break;
    case Form::sentinel:
      return std::make_unique<SentinelTopology>(loop, options, std::move(hooks));
    case Form::cluster:
      return std::make_unique<ClusterTopology>(loop, options, std::move(hooks));
  }
  return std::make_unique<SingleServer>(loop, options, std::move(hooks));
}

}  // namespace onsale::redis
