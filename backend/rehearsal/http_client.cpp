// Level-triggered, one small state: connecting, writing, reading, idle.
#include "rehearsal/http_client.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/assert.hpp"

namespace onsale::rehearsal {

std::string request_bytes(std::string_view method, std::string_view path, std::string_view host,
                          std::string_view extra_headers, std::string_view body) {
  std::string bytes;
  bytes.reserve(160 + path.size() + extra_headers.size() + body.size());
  bytes.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(host);
  bytes.append("\r\n").append(extra_headers);
  if (!body.empty()) {
    bytes.append("Content-Type: application/json\r\nContent-Length: ");
    bytes.append(std::to_string(body.size())).append("\r\n");
  } else if (method != "GET" && method != "HEAD" && method != "DELETE") {
    bytes.append("Content-Length: 0\r\n");
  }
  bytes.append("\r\n").append(body);
  return bytes;
}

Connection::Connection(Loop& loop, const Target& target)
    : loop_(loop), target_(target), timer_(loop, [this](Nanos) {
        finish(written_ == 0 ? Fate::not_sent : Fate::unknown, true);
      }) {}

Connection::~Connection() { close(); }

void Connection::close() {
  if (fd_ < 0) return;
  loop_.remove(fd_);
  ::close(fd_);
  fd_ = -1;
  connecting_ = false;
  wants_writable_ = false;
}

Connection::Exchange Connection::exchange(std::string request, Nanos deadline) {
  check(!waiter_, "a connection has one request in flight");
  request_ = std::move(request);
  deadline_ = deadline;
  return Exchange(*this);
}

void Connection::Exchange::await_suspend(std::coroutine_handle<> waiter) {
  connection_->waiter_ = waiter;
  connection_->begin();
}

Answer Connection::Exchange::await_resume() { return std::move(connection_->answer_); }

void Connection::begin() {
  answer_ = Answer{};
  answer_.sent_at = Loop::now();
  written_ = 0;
  reader_.reset();
  timer_.set(deadline_);
  if (fd_ < 0) {
    fd_ = begin_connect(target_);
    connecting_ = fd_ >= 0;
    if (fd_ >= 0) {
      wants_writable_ = true;
      loop_.add(fd_, EPOLLIN | EPOLLOUT, *this);
    } else {
      timer_.set(answer_.sent_at);  // fail on a later turn, never inside the caller
    }
    return;
  }
  write_on();
}

void Connection::on_ready(std::uint32_t events) {
  if (connecting_) {
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) == 0) return;
    if (connect_error(fd_) != 0) {
      close();
      if (waiter_) finish(Fate::not_sent);
      return;
    }
    connecting_ = false;
    answer_.sent_at = Loop::now();
  }
  if (!waiter_) {  // idle: the office closed, or speaks out of turn
    close();
    return;
  }
  if (written_ < request_.size()) {
    write_on();
    if (!waiter_ || fd_ < 0) return;
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read_on();
}

void Connection::write_on() {
  while (written_ < request_.size()) {
    const auto sent = ::send(fd_, request_.data() + written_, request_.size() - written_,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      written_ += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    // Not read from: an answer sent before the cut would be lost with the connection anyway.
    close();
    timer_.set(0);  // finish on a later turn: write_on() may run inside the caller's await
    return;
  }
  const bool wants = written_ < request_.size();
  if (wants != wants_writable_) {
    wants_writable_ = wants;
    loop_.change(fd_, wants ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void Connection::read_on() {
  const auto got = ::recv(fd_, loop_.scratch(), Loop::scratch_bytes, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (got <= 0) {
    const bool whole = got == 0 && reader_.end_of_input() == ResponseReader::Progress::done;
    close();
    finish(whole ? Fate::answered : Fate::unknown);
    return;
  }
  const auto progress = reader_.feed({loop_.scratch(), static_cast<std::size_t>(got)});
  if (progress == ResponseReader::Progress::more) return;
  const bool whole = progress == ResponseReader::Progress::done;
  if (!whole || !reader_.keeps_alive()) close();
  finish(whole ? Fate::answered : Fate::unknown);
}

void Connection::finish(Fate fate, bool timed_out) {
  timer_.cancel();
  if (timed_out && Loop::now() < deadline_) timed_out = false;  // the alarm of a failed send
  if (fate != Fate::answered) close();
  answer_.fate = fate;
  answer_.timed_out = timed_out;
  answer_.answered_at = Loop::now();
  if (fate == Fate::answered) std::swap(answer_.response, reader_.response());
  const auto waiter = std::exchange(waiter_, nullptr);
  waiter.resume();
}

}  // namespace onsale::rehearsal
