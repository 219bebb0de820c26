// The state machine of one client: answers, full sockets, the polite end.
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "runtime/http/connection_pending.hpp"

namespace onsale::http {
namespace {

// Sends [offset, …) of `first` and `second` together. -1: the socket is broken.
ssize_t send_from(int descriptor, std::string_view first, std::string_view second,
                  std::size_t offset) {
  iovec parts[2];
  std::size_t count = 0;
  if (offset < first.size()) {
    parts[count++] = {const_cast<char*>(first.data() + offset), first.size() - offset};
    offset = 0;
  } else {
    offset -= first.size();
  }
  if (offset < second.size()) {
    parts[count++] = {const_cast<char*>(second.data() + offset), second.size() - offset};
  }
  ssize_t sent = 0;
  do {
    if (count == 1) {
      sent = ::send(descriptor, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = parts;
      message.msg_iovlen = count;
      sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
    }
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno == EAGAIN) return 0;
  return sent;
}

}  // namespace

// Appends the answer to the batch; a large shared body sends the batch at once, itself behind it.
void Connection::answer(Exchange& exchange) {
  Response& response = exchange.response;
  const Head& head = exchange.head;
  const bool head_only = exchange.request.method == Method::head;
  if (ResponseAccess::is_stream(response) && !head_only) {
    if (hand_over(exchange)) return;
    answer_refusal(exchange, {Code::unavailable, "no room for one more viewer"}, true);
    return;
  }
  if (ResponseAccess::wants_close(response)) linger_ = true;
  ending_ = !head.keep_alive || linger_ || loop_.draining() || ResponseAccess::is_stream(response);
  const SharedBytes body = ResponseAccess::write(loop_.out(), response,
                                                 {.date_line = loop_.date_line(),
                                                  .trace_id = exchange.request.trace_id,
                                                  .head_only = head_only,
                                                  .close = ending_,
                                                  .keep_alive = head.http_1_0});
  if (body != nullptr) flush(body);
}

void Connection::answer_refusal(Exchange& exchange, const Refusal& why, bool close) {
  Response& response = exchange.response;
  response.reset();
  Request& request = exchange.request;
  assign_trace(exchange.head.traceparent, exchange.head.trace_id, loop_.trace_ids(), request);
  loop_.shared().handler->refuse(why.code, why.detail, request.trace_id, response);
  if (why.code == Code::unavailable && !ResponseAccess::has_field(response, "Retry-After")) {
    response.header("Retry-After", "1");
  }
  ending_ = close || !exchange.head.keep_alive || loop_.draining();
  linger_ = linger_ || close;
  const SharedBytes rest = ResponseAccess::write(loop_.out(), response,
                                                 {.date_line = loop_.date_line(),
                                                  .trace_id = request.trace_id,
                                                  .head_only = request.method == Method::head,
                                                  .close = ending_,
                                                  .keep_alive = exchange.head.http_1_0});
  check(rest == nullptr, "a refusal has a large shared body");
}

// Refuses outside of pump(): a deadline, or one connection too many.
void Connection::refuse_now(Code code, std::string_view detail) {
  check(!loop_.busy(), "a refusal inside another connection's turn");
  loop_.set_busy(true);
  Exchange* exchange = loop_.take_exchange();
  exchange->request = {};
  exchange->head = {};
  answer_refusal(*exchange, {code, detail}, true);
  loop_.give_back(exchange);
  release_input();
  if (flush()) finish();
  loop_.set_busy(false);
}

void Connection::refuse_and_close() { refuse_now(Code::unavailable, "too many connections"); }

// The connection becomes a viewer of the loop's hub and this object ends. False if there is no room.
bool Connection::hand_over(Exchange& exchange) {
  StreamHub& hub = loop_.hub();
  if (hub.full() || loop_.draining()) {
    hub.count_refused();
    return false;
  }
  OutBuffer& out = loop_.out();
  ResponseAccess::write(
      out, exchange.response,
      {.date_line = loop_.date_line(), .trace_id = exchange.request.trace_id, .close = true});
  const ssize_t sent = send_from(descriptor_, {out.data(), out.size()}, {}, 0);
  std::string unsent;
  if (sent >= 0) unsent.assign(out.data() + sent, out.size() - static_cast<std::size_t>(sent));
  out.clear();
  if (sent >= 0) {
    loop_.forget(descriptor_);
    hub.adopt(std::exchange(descriptor_, -1), ResponseAccess::take_channel(exchange.response),
              ResponseAccess::cursor(exchange.response), std::move(unsent));
  }
  close();
  return true;
}

// Sends the batch, and `body` behind it. False if the connection now waits for its socket or is gone.
bool Connection::flush(SharedBytes body) {
  OutBuffer& out = loop_.out();
  const std::string_view batch(out.data(), out.size());
  const std::size_t total = batch.size() + (body ? body->size() : 0);
  if (total == 0) return state_ != State::flushing && state_ != State::closed;
  const ssize_t sent = send_from(descriptor_, batch, body ? std::string_view(*body) : "", 0);
  if (sent == static_cast<ssize_t>(total)) {
    out.clear();
    return true;
  }
  if (sent < 0) {
    out.clear();
    close();
    return false;
  }
  pending_ = std::make_unique<Pending>();
  pending_->bytes.assign(batch);
  pending_->body = std::move(body);
  pending_->offset = static_cast<std::size_t>(sent);
  out.clear();
  if (state_ == State::reading) state_ = State::flushing;
  loop_.set_deadline(slot_, loop_.limits().write_time_max);
  return false;
}

// True once nothing is pending; false: still full, or gone.
bool Connection::send_pending() {
  Pending& pending = *pending_;
  const std::size_t total = pending.bytes.size() + (pending.body ? pending.body->size() : 0);
  const ssize_t sent =
      send_from(descriptor_, pending.bytes, pending.body ? std::string_view(*pending.body) : "",
                pending.offset);
  if (sent < 0) {
    close();
    return false;
  }
  pending.offset += static_cast<std::size_t>(sent);
  if (pending.offset == total) {
    pending_.reset();
    return true;
  }
  if (sent > 0) loop_.set_deadline(slot_, loop_.limits().write_time_max);
  return false;
}

void Connection::on_writable() {
  if (!send_pending()) return;
  loop_.clear_deadline(slot_);
  if (state_ != State::flushing) return;  // a handler is at work; its answer comes later
  if (answer_waits_) {
    answer_late();
    return;
  }
  state_ = State::reading;
  if (ending_) {
    finish();
    return;
  }
  starved_ = begin_ == end_;
  waiting_ = Waiting::nothing;
}

// Everything has been sent: the end.
void Connection::finish() {
  if (!linger_ && begin_ == end_ && !readable_) {
    close();
    return;
  }
  ::shutdown(descriptor_, SHUT_WR);
  state_ = State::lingering;
  release_input();
  loop_.set_deadline(slot_, loop_.limits().linger_time_max);
  readable_ = true;
  drain_input();
}

void Connection::drain_input() {
  constexpr int kReadsPerTurn = 8;
  const Block& scratch = loop_.scratch();
  for (int i = 0; i < kReadsPerTurn; ++i) {
    const ssize_t got = ::recv(descriptor_, scratch.data, scratch.capacity, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      close();
      return;
    }
    lingered_bytes_ += static_cast<std::size_t>(got);
    if (lingered_bytes_ > loop_.limits().linger_bytes_max) {
      close();
      return;
    }
  }
  loop_.run_later(this);
}

}  // namespace onsale::http
