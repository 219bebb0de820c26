// Connect, ask, hear, end.
#include "adapters/redis/question.hpp"

#include <utility>

namespace onsale::redis {

Question::Question(AsioScheduler& loop, const Options& options, const Endpoint& endpoint,
                   const Command& command, bool with_password, Answered answered)
    : answered_(std::move(answered)),
      alive_(std::make_shared<bool>(true)),
      link_(loop, {.on_open = nullptr,
                   .on_bytes = [this](std::string_view bytes) { hear(bytes); },
                   .on_closed = [this](std::string_view) { end(Reply{}); }}) {
  link_.connect(endpoint.host, endpoint.port, options.connect_within);
  if (with_password && !options.password.empty()) {
    Command auth(options.user.empty() ? 2 : 3);
    auth.add("AUTH");
    if (!options.user.empty()) auth.add(options.user);
    link_.write(auth.add(options.password).text());
    ++skip_;
  }
  link_.write(command.text());
  loop.post_after(options.connect_within + options.answer_within, [this, alive = alive_] {
    if (*alive) end(Reply{});
  });
}

Question::~Question() { *alive_ = false; }

void Question::hear(std::string_view bytes) {
  reader_.feed(bytes);
  while (!ended_) {
    Reply reply;
    if (!reader_.next(reply)) return end(Reply{});
    if (!reply.known()) return;
    if (skip_ > 0) {
      --skip_;
    } else {
      return end(std::move(reply));
    }
  }
}

void Question::end(Reply reply) {
  if (ended_) return;
  ended_ = true;
  link_.close();
  const Answered answered = std::move(answered_);
  answered(std::move(reply));
}

}  // namespace onsale::redis
