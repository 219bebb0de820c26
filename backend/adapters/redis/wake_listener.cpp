// One ear a master.
#include "adapters/redis/wake_listener.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/redis/errands.hpp"
#include "adapters/redis/wire.hpp"
#include "runtime/tcp_link.hpp"

namespace onsale::redis {
namespace {

constexpr Milliseconds kLookEvery{100};
constexpr int kRoundsBetweenWakes = 10;
constexpr std::string_view kPrefix = "feed{e:";
constexpr std::string_view kChannel = "__redis__:invalidate";

}  // namespace

// Connects, asks to be told, and is told. Once lost it stays lost; another takes its place.
class WakeListener::Ear {
 public:
  Ear(AsioScheduler& loop, const Options& options, const Endpoint& endpoint, const Hooks& hooks)
      : hooks_(hooks),
        deadline_(std::chrono::steady_clock::now() + options.connect_within +
                  options.answer_within),
        answer_within_(options.answer_within),
        link_(loop, {.on_open = [this, &options] { ask(options); },
                     .on_bytes = [this](std::string_view bytes) { hear(bytes); },
                     .on_closed = [this](std::string_view) { lost_ = true; }}) {
    link_.connect(endpoint.host, endpoint.port, options.connect_within);
  }

  [[nodiscard]] bool lost() const { return lost_; }
  [[nodiscard]] bool listens() const { return listens_ && !lost_; }

  // Asks for a sign of life; lost if the last one is too long ago.
  void probe() {
    if (lost_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now > deadline_) {
      lost_ = true;
      link_.close();
    } else if (listens_ && !pinged_) {
      pinged_ = true;
      deadline_ = now + answer_within_;
      link_.write(Command(1).add("PING").text());
    }
  }

 private:
  void ask(const Options& options) {
    if (!options.password.empty()) {
      Command auth(options.user.empty() ? 2 : 3);
      auth.add("AUTH");
      if (!options.user.empty()) auth.add(options.user);
      link_.write(auth.add(options.password).text());
      ++skip_;
    }
    link_.write(Command(2).add("CLIENT").add("ID").text());
  }

  void hear(std::string_view bytes) {
    reader_.feed(bytes);
    while (!lost_) {
      Reply reply;
      if (!reader_.next(reply)) {
        lost_ = true;
        link_.close();
        return;
      }
      if (!reply.known()) return;
      take(reply);
    }
  }

  void take(const Reply& reply) {
    if (skip_ > 0) {
      --skip_;
    } else if (!asked_) {  // the id: RESP2 tells invalidations to a subscriber, here to itself
      asked_ = true;
      const redisReply* id = reply.integer();
      if (id == nullptr) {
        give_up();
        return;
      }
      link_.write(Command(8)
                      .add("CLIENT")
                      .add("TRACKING")
                      .add("ON")
                      .add("REDIRECT")
                      .add(static_cast<std::uint64_t>(id->integer))
                      .add("BCAST")
                      .add("PREFIX")
                      .add(kPrefix)
                      .text());
      link_.write(Command(2).add("SUBSCRIBE").add(kChannel).text());
    } else if (reply.is_error()) {
      give_up();
    } else if (reply.text(0) == "subscribe") {
      listens_ = true;
      deadline_ = std::chrono::steady_clock::time_point::max();
      hooks_.wake_all();
    } else if (reply.text(0) == "pong") {
      pinged_ = false;
      deadline_ = std::chrono::steady_clock::time_point::max();
    } else if (reply.text(0) == "message") {
      told(reply.element(2));
    }
  }

  void told(const redisReply* keys) {
    if (keys == nullptr || keys->type != REDIS_REPLY_ARRAY) return hooks_.wake_all();  // FLUSHALL
    for (std::size_t i = 0; i < keys->elements; ++i) {
      const std::string_view key = Reply::text_of(*keys->element[i]);
      if (!key.starts_with(kPrefix)) continue;
      hooks_.wake(EventId{number<std::uint64_t>(key.substr(kPrefix.size()))});
    }
  }

  void give_up() {
    lost_ = true;
    link_.close();
  }

  const Hooks& hooks_;
  Reader reader_;
  int skip_ = 0;
  bool asked_ = false;
  bool listens_ = false;
  bool pinged_ = false;
  bool lost_ = false;
  std::chrono::steady_clock::time_point deadline_;
  Milliseconds answer_within_;
  TcpLink link_;
};

WakeListener::WakeListener(AsioScheduler& loop, const Options& options, Hooks hooks)
    : loop_(loop),
      options_(options),
      hooks_(std::move(hooks)),
      alive_(std::make_shared<bool>(true)) {}

WakeListener::~WakeListener() { *alive_ = false; }

void WakeListener::start() { look_around(); }

void WakeListener::stop() {
  stopped_ = true;
  listening_ = false;
  ears_.clear();
}

void WakeListener::look_around() {
  if (stopped_) return;
  const std::vector<Endpoint> masters = hooks_.masters();
  const bool time_to_wake = ++rounds_ % kRoundsBetweenWakes == 0;
  std::erase_if(ears_, [&](const auto& entry) {
    const bool wanted = std::find(masters.begin(), masters.end(), entry.first) != masters.end();
    if (time_to_wake) entry.second->probe();
    return !wanted || entry.second->lost();
  });
  bool all_listen = !masters.empty();
  for (const Endpoint& master : masters) {
    std::unique_ptr<Ear>& ear = ears_[master];
    if (!ear) ear = std::make_unique<Ear>(loop_, options_, master, hooks_);
    all_listen = all_listen && ear->listens();
  }
  listening_ = all_listen;
  if (time_to_wake) hooks_.wake_all();
  loop_.post_after(kLookEvery, [this, alive = alive_] {
    if (*alive) look_around();
  });
}

}  // namespace onsale::redis
