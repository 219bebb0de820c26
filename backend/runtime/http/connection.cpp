// The state machine of one client: input, requests, deadlines. Output is in connection_output.cpp.
//
// One round of a busy connection: epoll reports input → recv() into the loop's scratch → for each
// whole request: parse, call the handler, append its answer → one send(). A handler that ends without
// suspending costs no allocation and no trip through the loop.
#include "runtime/http/connection.hpp"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <coroutine>
#include <cstdlib>
#include <cstring>

#include "runtime/http/connection_pending.hpp"

namespace onsale::http {
namespace {

constexpr std::size_t kRoomMin = 1024;  // a recv() for less is not worth its system call

// Runs a handler's Task and tells the connection of its end.
struct HandlerRun {
  struct promise_type {
    static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept {
      detail::free_frame(frame, bytes);
    }
    HandlerRun get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

HandlerRun run_handler(Task<void> task, Exchange* exchange) {
  co_await std::move(task);
  exchange->connection->on_handled(exchange);
}

void write_address(const sockaddr_storage& peer, char* out, std::size_t bytes) {
  out[0] = '\0';
  if (peer.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, out,
                static_cast<socklen_t>(bytes));
  } else if (peer.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
      ::inet_ntop(AF_INET, address.s6_addr + 12, out, static_cast<socklen_t>(bytes));
    } else {
      ::inet_ntop(AF_INET6, &address, out, static_cast<socklen_t>(bytes));
    }
  }
}

}  // namespace

Connection::Connection(EdgeLoop& loop, int descriptor, const sockaddr_storage& peer, bool internal,
                       bool counted)
    : loop_(loop), descriptor_(descriptor), internal_(internal), counted_(counted) {
  write_address(peer, peer_address_, sizeof peer_address_);
  if (counted_) loop_.shared().connections.fetch_add(1, std::memory_order_relaxed);
  slot_ = loop_.enter(this, descriptor);
  set_waiting();
}

Connection::~Connection() {
  release_input();
  release_exchange();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Connection::on_ready(std::uint32_t events) {
  if (state_ == State::closed) return;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    close();
    return;
  }
  if ((events & EPOLLRDHUP) != 0) peer_shut_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP)) != 0) readable_ = true;
  if ((events & EPOLLOUT) != 0 && pending_ != nullptr) on_writable();
  if (state_ == State::reading) {
    pump();
  } else if (state_ == State::lingering) {
    drain_input();
  }
}

void Connection::turn() {
  deferred_ = false;
  if (answer_waits_ && pending_ == nullptr) {
    answer_late();
  } else if (state_ == State::reading) {
    pump();
  } else if (state_ == State::lingering) {
    drain_input();
  }
}

void Connection::pump() {
  if (loop_.busy()) {
    loop_.run_later(this);
    return;
  }
  loop_.set_busy(true);
  while (state_ == State::reading) {
    if (starved_ && (!readable_ || !fill())) break;
    if (!consume()) break;
  }
  settle_input();
  set_waiting();
  loop_.set_busy(false);
}

// Receives once. False if there was nothing, or the client is gone.
bool Connection::fill() {
  if (!make_room()) return false;
  const std::size_t room = input_.capacity - end_;
  ssize_t got = 0;
  do {
    got = ::recv(descriptor_, input_.data + end_, room, 0);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    // The set is edge triggered: a short read has emptied the socket, and more will be a new edge;
    // only the end of the stream may already have been told.
    readable_ = static_cast<std::size_t>(got) == room || peer_shut_;
    end_ += static_cast<std::size_t>(got);
    starved_ = false;
    return true;
  }
  readable_ = false;
  if (got == 0 || errno != EAGAIN) close();
  return false;
}

bool Connection::make_room() {
  if (borrowed_ && begin_ != end_) settle_input();
  if (begin_ == end_) release_input();
  if (input_.data == nullptr) {
    input_ = loop_.scratch();
    borrowed_ = true;
    return true;
  }
  if (input_.capacity - end_ >= kRoomMin) return true;
  std::memmove(input_.data, input_.data + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (input_.capacity - end_ >= kRoomMin) return true;
  const std::size_t wanted = std::max(input_.capacity * 2, end_ + kRoomMin);
  auto* data = static_cast<char*>(std::malloc(wanted));
  check(data != nullptr, "out of memory for a request");
  std::memcpy(data, input_.data, end_);
  loop_.give_back(input_);
  input_ = {data, wanted};
  return true;
}

// What is left of borrowed scratch moves into a block of this connection's own; an empty block goes.
void Connection::settle_input() {
  if (state_ == State::handling) return;  // the handler looks at it
  if (begin_ == end_) {
    release_input();
    return;
  }
  if (!borrowed_) return;
  check(input_.data != nullptr, "input without a buffer");
  const std::size_t left = end_ - begin_;
  const std::size_t capacity = left + 2 * kRoomMin;
  auto* data = static_cast<char*>(std::malloc(capacity));
  check(data != nullptr, "out of memory for a request");
  // Both are checked above; the analyzer does not follow that far.
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
  std::memcpy(data, input_.data + begin_, left);
  input_ = {data, capacity};
  borrowed_ = false;
  begin_ = 0;
  end_ = left;
}

void Connection::release_input() {
  if (!borrowed_ && input_.data != nullptr) loop_.give_back(input_);
  input_ = {};
  borrowed_ = false;
  begin_ = end_ = 0;
}

void Connection::release_exchange() {
  if (exchange_ != nullptr) loop_.give_back(exchange_);
  exchange_ = nullptr;
}

// Answers the whole requests that are buffered, up to a batch. True: it needs more input now.
bool Connection::consume() {
  const Limits& limits = loop_.limits();
  if (exchange_ == nullptr) exchange_ = loop_.take_exchange();
  exchange_->connection = this;
  bool batch_full = false;
  for (std::size_t answered = 0;; ++answered) {
    if (begin_ == end_) {
      starved_ = true;
      break;
    }
    if (answered == limits.pipelined_max || loop_.out().size() >= limits.output_bytes_max) {
      batch_full = true;
      break;
    }
    Refusal why;
    const Parsed parsed = next_request(*exchange_, why);
    if (parsed == Parsed::incomplete) {
      starved_ = true;
      break;
    }
    if (parsed == Parsed::refused) {
      loop_.counters().malformed.add();
      answer_refusal(*exchange_, why, true);
      break;
    }
    loop_.counters().requests.add();
    if (loop_.shared().in_flight.load(std::memory_order_relaxed) >= limits.in_flight_max) {
      loop_.counters().refused_in_flight.add();
      answer_refusal(*exchange_, {Code::unavailable, "too many requests are in flight"}, false);
    } else if (start(*exchange_)) {
      answer(*exchange_);
    } else {
      flush();
      return false;
    }
    if (ending_ || state_ != State::reading) break;
  }
  release_exchange();
  if (state_ == State::closed || !flush()) return false;
  if (ending_) {
    finish();
    return false;
  }
  if (batch_full) {
    loop_.run_later(this);
    return false;
  }
  return state_ == State::reading;
}

Parsed Connection::next_request(Exchange& exchange, Refusal& why) {
  exchange.request.method = Method::get;
  exchange.head = {};
  const std::string_view bytes(input_.data + begin_, end_ - begin_);
  if (phase_ == Phase::head) {
    if (scanned_ != 0 && !worth_parsing(bytes, scanned_, loop_.limits())) return Parsed::incomplete;
    const Parsed parsed =
        parse_head(bytes, loop_.limits(), exchange.request, exchange.fields, exchange.head, why);
    if (parsed == Parsed::incomplete) {
      scanned_ = bytes.size() < 4 ? 1 : bytes.size() - 3;
      if (waiting_ != Waiting::head) {
        waiting_ = Waiting::head;
        loop_.set_deadline(slot_, loop_.limits().header_time_max);
      }
    }
    return parsed == Parsed::complete ? read_head(exchange, why) : parsed;
  }
  return read_body(exchange, why);
}

// The head is whole: does a body follow?
Parsed Connection::read_head(Exchange& exchange, Refusal& why) {
  const Head& head = exchange.head;
  if (head.content_length == 0 && !head.chunked) [[likely]] {
    head_bytes_ = head.bytes;
    return take_whole(exchange, 0, why);
  }
  if (head.content_length > loop_.limits().body_bytes_max) {
    why = {Code::content_too_large, "the body is too large"};
    return Parsed::refused;
  }
  head_bytes_ = head.bytes;
  body_bytes_ = static_cast<std::size_t>(head.content_length);
  if (!head.chunked && end_ - begin_ >= head_bytes_ + body_bytes_) {
    return take_whole(exchange, body_bytes_, why);
  }
  phase_ = head.chunked ? Phase::chunked_body : Phase::sized_body;
  chunks_ = {};
  if (head.expect_continue && end_ - begin_ == head_bytes_) {
    loop_.out().append("HTTP/1.1 100 Continue\r\n\r\n");
  }
  waiting_ = Waiting::body;
  loop_.set_deadline(slot_, loop_.limits().body_time_max);
  return head.chunked ? read_body(exchange, why) : Parsed::incomplete;
}

Parsed Connection::read_body(Exchange& exchange, Refusal& why) {
  std::size_t body_bytes = body_bytes_;
  if (phase_ == Phase::sized_body) {
    if (end_ - begin_ < head_bytes_ + body_bytes_) return Parsed::incomplete;
  } else {
    std::size_t region = end_ - begin_ - head_bytes_;
    const Parsed parsed =
        chunks_.step(input_.data + begin_ + head_bytes_, region, loop_.limits(), why);
    end_ = begin_ + head_bytes_ + region;
    if (parsed != Parsed::complete) return parsed;
    body_bytes = chunks_.decoded();
  }
  // The head may have moved since it was parsed, and other requests have used the exchange.
  const std::string_view head_text(input_.data + begin_, head_bytes_);
  const Parsed again =
      parse_head(head_text, loop_.limits(), exchange.request, exchange.fields, exchange.head, why);
  check(again == Parsed::complete, "a parsed head parses differently");
  return take_whole(exchange, body_bytes, why);
}

Parsed Connection::take_whole(Exchange& exchange, std::size_t body_bytes, Refusal&) {
  exchange.request.body = {input_.data + begin_ + head_bytes_, body_bytes};
  begin_ += head_bytes_ + body_bytes;
  phase_ = Phase::head;
  scanned_ = 0;
  waiting_ = Waiting::nothing;
  return Parsed::complete;
}

// Calls the handler. False if it suspended; then this connection waits for on_handled().
bool Connection::start(Exchange& exchange) {
  Request& request = exchange.request;
  assign_trace(exchange.head.traceparent, exchange.head.trace_id, loop_.trace_ids(), request);
  request.peer_address = peer_address_;
  request.internal_listener = internal_;
  exchange.response.reset();
  exchange.done = false;
  exchange.starting = true;
  Task<void> task = loop_.shared().handler->handle(request, exchange.response);
  if (task.await_ready()) {
    exchange.done = true;
  } else {
    run_handler(std::move(task), &exchange);
  }
  exchange.starting = false;
  if (exchange.done) return true;

  state_ = State::handling;
  loop_.clear_deadline(slot_);
  loop_.shared().in_flight.fetch_add(1, std::memory_order_relaxed);
  if (borrowed_) {
    input_ = loop_.take_scratch();
    borrowed_ = false;
  }
  return false;
}

void Connection::on_handled(Exchange* exchange) {
  exchange->done = true;
  if (exchange->starting) return;
  if (Scheduler::current() != &loop_.scheduler()) {  // an adapter that came back on its own thread
    loop_.scheduler().post([this, exchange] { on_handled(exchange); });
    return;
  }
  loop_.shared().in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (state_ == State::closed) {  // the client has gone meanwhile
    release_exchange();
    release_input();
    loop_.leave(this);
    return;
  }
  answer_waits_ = true;
  state_ = State::flushing;
  if (pending_ != nullptr) return;  // answers before this one are still on their way
  answer_late();
}

// Writes the answer of a handler that had suspended, and goes on reading.
void Connection::answer_late() {
  if (state_ == State::closed) return;
  if (loop_.busy()) {
    loop_.run_later(this);
    return;
  }
  loop_.set_busy(true);
  answer_waits_ = false;
  state_ = State::reading;
  answer(*exchange_);
  release_exchange();
  const bool sent = state_ == State::reading && flush();
  if (sent && ending_) finish();
  starved_ = begin_ == end_;
  loop_.set_busy(false);
  if (sent && state_ == State::reading) {
    pump();
  } else {
    settle_input();
  }
}

void Connection::set_waiting() {
  if (state_ != State::reading || waiting_ == Waiting::head || waiting_ == Waiting::body) return;
  waiting_ = Waiting::idle;
  loop_.set_deadline(slot_, loop_.limits().idle_time_max);
}

void Connection::on_deadline() {
  switch (state_) {
    case State::reading:
      if (waiting_ == Waiting::head || waiting_ == Waiting::body) {
        loop_.counters().timed_out.add();
        refuse_now(Code::request_timeout, waiting_ == Waiting::head
                                              ? "the request's head took too long"
                                              : "the request's body took too long");
      } else {
        close();
      }
      break;
    case State::flushing:
      loop_.counters().timed_out.add();
      close();
      break;
    case State::handling:
      if (pending_ != nullptr) close();
      break;
    case State::lingering:
      close();
      break;
    case State::closed:
      break;
  }
}

void Connection::on_drain() {
  if (state_ != State::reading || begin_ != end_) return;
  readable_ = true;  // perhaps a request came just now: it is still answered
  pump();
  if (state_ == State::reading && begin_ == end_ && !deferred_) close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  loop_.clear_deadline(slot_);
  if (counted_) loop_.shared().connections.fetch_sub(1, std::memory_order_relaxed);
  const bool handler_runs = state_ == State::handling;
  state_ = State::closed;
  pending_.reset();
  if (handler_runs) return;  // on_handled() ends it
  loop_.leave(this);
}

}  // namespace onsale::http
