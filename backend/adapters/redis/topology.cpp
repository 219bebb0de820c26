// One server: the simplest topology.
#include "adapters/redis/topology.hpp"

#include <utility>

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
  void redirected(std::string_view) override {}

 private:
  Hooks hooks_;
  Connection connection_;
};

}  // namespace

std::unique_ptr<Topology> Topology::make(AsioScheduler& loop, const Options& options, Hooks hooks) {
  return std::make_unique<SingleServer>(loop, options, std::move(hooks));
}

}  // namespace onsale::redis
