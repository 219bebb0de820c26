// One connection's life: connect, greet (AUTH, INFO, FUNCTION LOAD), serve, be probed, be lost, again.
#include "adapters/redis/connection.hpp"

#include <algorithm>
#include <utility>

#include "adapters/redis/library.hpp"

namespace onsale::redis {
namespace {

constexpr Milliseconds kWatchEvery{50};
constexpr Milliseconds kBackoffMin{20};
constexpr Milliseconds kBackoffMax{500};
constexpr std::size_t kFencePart = 16;  // hex digits of run_id, and as many of master_replid

std::string_view field(std::string_view info, std::string_view name) {
  const std::string key = "\n" + std::string(name) + ":";
  const std::size_t at = info.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = info.substr(at + key.size());
  return rest.substr(0, rest.find_first_of("\r\n"));
}

std::string replication_part(std::string_view info) {
  return std::string(field(info, "master_replid").substr(0, kFencePart));
}

}  // namespace

Connection::Connection(AsioScheduler& loop, Endpoint endpoint, const Options& options, Hooks hooks)
    : loop_(loop),
      endpoint_(std::move(endpoint)),
      options_(options),
      hooks_(std::move(hooks)),
      down_since_(steady_now()),
      alive_(std::make_shared<bool>(true)) {}

Connection::~Connection() {
  *alive_ = false;
  ready_ = false;
  for (Pending& pending : pending_) pending.answer(Reply{});
}

void Connection::start() {
  connect();
  watch();
}

void Connection::connect() {
  ++life_;
  reader_ = Reader();
  link_ = std::make_unique<TcpLink>(
      loop_, TcpLinkCallbacks{.on_open = [this] { greet(); },
                              .on_bytes = [this](std::string_view bytes) { on_bytes(bytes); },
                              .on_closed = [this](std::string_view why) { drop(why); }});
  link_->connect(endpoint_.host, endpoint_.port, options_.connect_within);
}

void Connection::greet() {
  if (!options_.password.empty()) {
    Command auth(options_.user.empty() ? 2 : 3);
    auth.add("AUTH");
    if (!options_.user.empty()) auth.add(options_.user);
    auth.add(options_.password);
    push(auth.text(), [this](const Reply& reply) {
      if (reply.is_error()) drop(reply.text());
    });
  }
  push(Command(3).add("CLIENT").add("SETNAME").add("onsale").text(), [](const Reply&) {});
  push(Command(4).add("INFO").add("server").add("replication").add("memory").text(),
       [this](const Reply& reply) { on_info(reply); });
}

void Connection::on_info(const Reply& reply) {
  if (!reply.known()) return;
  if (reply.is_error()) return drop(reply.text());
  const std::string_view info = reply.text();
  if (field(info, "role") != "master") return drop("not a master");
  // A server that evicts keys forgets holds and sales behind our back.
  if (field(info, "maxmemory") != "0" && field(info, "maxmemory_policy").starts_with("allkeys")) {
    return drop("maxmemory-policy must not be allkeys-*: set noeviction");
  }
  fence_ = std::string(field(info, "run_id").substr(0, kFencePart)) + replication_part(info);
  push(Command(3).add("FUNCTION").add("LOAD").add(library_text()).text(),
       [this](const Reply& loaded) { on_library(loaded); });
}

void Connection::on_library(const Reply& reply) {
  if (!reply.known()) return;
  if (reply.is_error() && reply.text().find("already exists") == std::string_view::npos) {
    return drop(reply.text());
  }
  ready_ = true;
  backoff_ = Milliseconds{0};
  next_probe_ = steady_now() + options_.probe_every;
  if (hooks_.on_ready) hooks_.on_ready();
}

void Connection::push(const std::string& command, Answer answer) {
  pending_.push_back({std::move(answer), steady_now() + options_.answer_within});
  link_->write(command);
}

void Connection::send(const std::string& command, Answer answer) {
  check(ready_, "a command for a connection that is down");
  push(command, std::move(answer));
}

void Connection::on_bytes(std::string_view bytes) {
  reader_.feed(bytes);
  const std::uint64_t life = life_;
  const std::shared_ptr<bool> alive = alive_;
  while (*alive && life == life_ && link_) {
    Reply reply;
    if (!reader_.next(reply)) return drop("not the protocol of Redis");
    if (!reply.known()) return;
    if (pending_.empty()) return drop("an answer to nothing");
    const Answer answer = std::move(pending_.front().answer);
    pending_.pop_front();
    answer(std::move(reply));
  }
}

void Connection::drop(std::string_view why) {
  if (!link_) return;
  const std::string reason(why);
  link_->close();
  // The link may be the caller: it goes when its callback has ended.
  loop_.post([gone = std::shared_ptr<TcpLink>(std::move(link_))] {});
  link_ = nullptr;
  ++life_;
  if (ready_) down_since_ = steady_now();
  ready_ = false;
  backoff_ = std::clamp(backoff_ * 2, kBackoffMin, kBackoffMax);
  loop_.post_after(backoff_, [this, alive = alive_, life = life_] {
    if (*alive && life == life_) connect();
  });
  std::deque<Pending> unknown;
  unknown.swap(pending_);
  const std::shared_ptr<bool> alive = alive_;
  for (Pending& pending : unknown) {
    pending.answer(Reply{});
    if (!*alive) return;
  }
  if (hooks_.on_down) hooks_.on_down(reason);
}

void Connection::watch() {
  loop_.post_after(kWatchEvery, [this, alive = alive_] {
    if (!*alive) return;
    const SteadyTime now = steady_now();
    if (!pending_.empty() && now >= pending_.front().deadline) {
      drop("no answer in time");
    } else if (ready_ && now >= next_probe_) {
      next_probe_ = now + options_.probe_every;
      push(Command(2).add("INFO").add("replication").text(), [this](const Reply& reply) {
        if (!reply.known() || reply.is_error()) return;
        const bool same = field(reply.text(), "role") == "master" &&
                          fence_.ends_with(replication_part(reply.text()));
        if (!same) drop("the server has changed its role or history");
      });
    }
    if (*alive) watch();
  });
}

}  // namespace onsale::redis
