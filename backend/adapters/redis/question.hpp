// Question: one command to one server over a connection of its own, and its reply; for asking
// sentinels and cluster nodes where things are. Belongs to one loop.
#pragma once

#include <functional>
#include <string>

#include "adapters/redis/options.hpp"
#include "adapters/redis/wire.hpp"
#include "runtime/loop.hpp"
#include "runtime/tcp_link.hpp"

namespace onsale::redis {

class Question {
 public:
  // An unknown reply: nobody there, or no answer in time. The callback may destroy the question.
  using Answered = std::function<void(Reply)>;
  Question(AsioScheduler& loop, const Options& options, const Endpoint& endpoint,
           const Command& command, bool with_password, Answered answered);
  ~Question();
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

 private:
  void hear(std::string_view bytes);
  void end(Reply reply);

  Reader reader_;
  int skip_ = 0;
  bool ended_ = false;
  Answered answered_;
  std::shared_ptr<bool> alive_;
  TcpLink link_;
};

}  // namespace onsale::redis
