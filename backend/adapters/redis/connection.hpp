// Connection: one pipelined connection to one Redis master, kept up for ever: after a loss it comes
// back by itself, each time as a stranger who looks whom it is talking to.
//
// The fence names the memory behind the connection: which process (run_id) and which history
// (master_replid, new at each promotion). As long as the fence is the same, what Redis has told was
// not forgotten, unless by FLUSHALL. It is read when the connection is made and probed from then on.
//
// Belongs to one loop, like the TcpLink inside it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/redis/options.hpp"
#include "adapters/redis/wire.hpp"
#include "base/steady.hpp"
#include "runtime/loop.hpp"
#include "runtime/tcp_link.hpp"

namespace onsale::redis {

class Connection {
 public:
  // The reply; an unknown one if the connection was lost before it came.
  using Answer = std::function<void(Reply)>;
  struct Hooks {
    std::function<void()> on_ready;
    // Lost or could not be made; `why` is for a person. It will try again.
    std::function<void(std::string_view why)> on_down;
  };

  Connection(AsioScheduler& loop, Endpoint endpoint, const Options& options, Hooks hooks);
  ~Connection();  // answers that have not come are told to be unknown
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const std::string& fence() const { return fence_; }
  // Since when there has been no ready connection.
  [[nodiscard]] SteadyTime down_since() const { return down_since_; }

  // Only while ready(). Replies come in order.
  void send(const std::string& command, Answer answer);
  // Begins anew: what is behind this connection is not what we want.
  void drop(std::string_view why);

 private:
  void connect();
  void greet();
  void on_info(const Reply& reply);
  void on_library(const Reply& reply);
  void on_bytes(std::string_view bytes);
  void watch();
  void push(const std::string& command, Answer answer);

  AsioScheduler& loop_;
  const Endpoint endpoint_;
  const Options& options_;
  Hooks hooks_;
  std::unique_ptr<TcpLink> link_;
  Reader reader_;
  struct Pending {
    Answer answer;
    SteadyTime deadline;
  };
  std::deque<Pending> pending_;
  bool ready_ = false;
  std::string fence_;
  SteadyTime down_since_;
  SteadyTime next_probe_;
  Milliseconds backoff_{0};
  std::uint64_t life_ = 0;  // counts connections: an old one's timers and answers know it is over
  std::shared_ptr<bool> alive_;  // false once destroyed, for timers
};

}  // namespace onsale::redis
