// One keep-alive HTTP/1.1 connection with one request in flight, awaited from a Script.
//
// What the caller learns about a request that got no answer is the point of this file: `not_sent`
// means that not one byte of it can have reached the office; `unknown` means that it may have taken
// effect or not, and only asking the office can tell.
#pragma once

#include <coroutine>
#include <cstdint>
#include <string>
#include <string_view>

#include "rehearsal/loop.hpp"
#include "rehearsal/response_reader.hpp"
#include "rehearsal/target.hpp"

namespace onsale::rehearsal {

enum class Fate : std::uint8_t {
  answered,
  not_sent,  // no connection; safe to send again
  unknown,   // cut off or timed out after it may have been sent
};

struct Answer {
  Fate fate = Fate::not_sent;
  bool timed_out = false;  // with `unknown` or `not_sent`
  Nanos sent_at = 0;       // the request was handed to the kernel (or would have been)
  Nanos answered_at = 0;   // the last byte was read, or the failure was noticed
  Response response;

  [[nodiscard]] bool is(int status) const {
    return fate == Fate::answered && response.status == status;
  }
};

// The bytes of a request. `extra_headers`: whole lines, each ended by CRLF. A body is JSON.
std::string request_bytes(std::string_view method, std::string_view path, std::string_view host,
                          std::string_view extra_headers, std::string_view body = {});

class Connection final : private Loop::Watcher {
 public:
  Connection(Loop& loop, const Target& target);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  class Exchange {
   public:
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter);
    Answer await_resume();

   private:
    friend class Connection;
    explicit Exchange(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
  };

  // Sends one request, connecting first if need be, and reads its answer. One at a time. The answer
  // is `unknown` (or `not_sent`) at `deadline` at the latest.
  Exchange exchange(std::string request, Nanos deadline);
  void close();

 private:
  friend class Exchange;
  void on_ready(std::uint32_t events) override;
  void begin();
  void write_on();
  void read_on();
  void finish(Fate fate, bool timed_out = false);

  Loop& loop_;
  const Target& target_;
  int fd_ = -1;
  bool connecting_ = false;
  bool wants_writable_ = false;
  std::string request_;
  std::size_t written_ = 0;
  Nanos deadline_ = 0;
  std::coroutine_handle<> waiter_;
  Answer answer_;
  ResponseReader reader_;
  Timer timer_;
};

// co_await pause(...): resumes at `due` with the time it was due at.
class Pause {
 public:
  Pause(Loop& loop, Nanos due) : due_(due), timer_(loop, [this](Nanos) { waiter_.resume(); }) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    timer_.set(due_);
  }
  Nanos await_resume() const noexcept { return due_; }

 private:
  Nanos due_;
  std::coroutine_handle<> waiter_;
  Timer timer_;
};

}  // namespace onsale::rehearsal
