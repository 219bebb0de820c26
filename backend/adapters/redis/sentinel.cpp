// Ask, follow, ask again.
#include "adapters/redis/sentinel.hpp"

#include <utility>

#include "adapters/redis/errands.hpp"

namespace onsale::redis {
namespace {

constexpr Milliseconds kTickEvery{100};
constexpr Milliseconds kAskAnyway{1000};

}  // namespace

SentinelTopology::SentinelTopology(AsioScheduler& loop, const Options& options, Hooks hooks)
    : loop_(loop),
      options_(options),
      hooks_(std::move(hooks)),
      began_(std::chrono::steady_clock::now()),
      alive_(std::make_shared<bool>(true)) {}

SentinelTopology::~SentinelTopology() { *alive_ = false; }

void SentinelTopology::start() {
  ask();
  tick();
}

std::vector<Endpoint> SentinelTopology::ready_masters() const {
  if (!connection_ || !connection_->ready()) return {};
  return {connection_->endpoint()};
}

void SentinelTopology::tick() {
  loop_.post_after(kTickEvery, [this, alive = alive_] {
    if (!*alive) return;
    const bool away = !connection_ || !connection_->ready();
    if (away || std::chrono::steady_clock::now() - asked_at_ > kAskAnyway) ask();
    tick();
  });
}

void SentinelTopology::ask() {
  if (question_) return;
  asked_at_ = std::chrono::steady_clock::now();
  const Endpoint& sentinel = options_.seeds[next_sentinel_++ % options_.seeds.size()];
  Command command(3);
  command.add("SENTINEL").add("get-master-addr-by-name").add(options_.master_name);
  question_ = std::make_unique<Question>(loop_, options_, sentinel, command, false,
                                         [this](const Reply& reply) { told(reply); });
}

void SentinelTopology::told(const Reply& reply) {
  loop_.post([gone = std::shared_ptr<Question>(std::move(question_))] {});
  question_ = nullptr;
  if (reply.size() != 2) return;
  const Endpoint master{std::string(reply.text(0)), number<std::uint16_t>(reply.text(1))};
  if (connection_ && connection_->endpoint() == master) return;
  connection_ = std::make_unique<Connection>(
      loop_, master, options_,
      Connection::Hooks{
          .on_ready = [this] { hooks_.on_ready(); },
          .on_down = [this, master](std::string_view why) { hooks_.on_down(master, why); }});
  connection_->start();
}

}  // namespace onsale::redis
