// Answers are told apart by status and skipped by Content-Length; nothing else of them is read.
#include "rehearsal/hammer_lane.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

namespace onsale::rehearsal {

namespace {

constexpr Nanos reconnect_delay = 20 * nanos_per_ms;
constexpr std::size_t head_bytes_max = 32UL * 1024;

// Status and body length of a response head, or nullopt if it has none that can be skipped.
struct Head {
  int status = 0;
  std::uint64_t body_bytes = 0;
};
std::optional<Head> read_head(std::string_view head) {
  Head read;
  if (head.size() < 13 || head.substr(0, 7) != "HTTP/1.") return std::nullopt;
  const char* digits = head.data() + 9;
  read.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  if (read.status < 100 || read.status >= 600) return std::nullopt;
  if (read.status == 204 || read.status == 304) return read;
  constexpr std::string_view name = "content-length:";
  for (std::size_t at = head.find('\n'); at != std::string_view::npos && at + 1 < head.size();
       at = head.find('\n', at + 1)) {
    const std::string_view line = head.substr(at + 1);
    if ((line[0] | 0x20) != 'c' || line.size() < name.size()) continue;
    std::size_t same = 0;
    while (same < name.size() && (line[same] == name[same] || (line[same] | 0x20) == name[same])) {
      ++same;
    }
    if (same != name.size()) continue;
    std::size_t from = same;
    while (from < line.size() && line[from] == ' ') ++from;
    const auto parsed =
        std::from_chars(line.data() + from, line.data() + line.size(), read.body_bytes);
    if (parsed.ec != std::errc{}) return std::nullopt;
    return read;
  }
  return std::nullopt;
}

}  // namespace

Lane::Lane(LaneOwner& owner, std::uint32_t number)
    : owner_(owner), number_(number), reconnect_(owner.loop, [this](Nanos) { open(); }) {}

void Lane::open() {
  fd_ = begin_connect(owner_.target);
  if (fd_ < 0) {
    reconnect_.set(Loop::now() + reconnect_delay);
    return;
  }
  state_ = State::connecting;
  owner_.loop.add(fd_, EPOLLOUT, *this);
}

void Lane::drop() {
  if (fd_ >= 0) {
    owner_.loop.remove(fd_);
    ::close(fd_);
  }
  fd_ = -1;
  state_ = State::closed;
}

void Lane::lost() {
  drop();
  if (owner_.measuring) owner_.results.resets += std::max<std::size_t>(1, flights_.size());
  flights_.clear();
  batch_.clear();
  written_ = 0;
  body_left_ = 0;
  partial_head_.clear();
  reconnect_.set(Loop::now() + reconnect_delay);
}

void Lane::on_ready(std::uint32_t events) {
  if (state_ == State::connecting) {
    if (connect_error(fd_) != 0) {
      lost();
      return;
    }
    state_ = State::open;
    wants_writable_ = false;
    owner_.loop.change(fd_, EPOLLIN);
    owner_.refill(*this, 0, Loop::now());
    return;
  }
  if ((events & EPOLLOUT) != 0) fire();
  if (state_ == State::open && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read_on();
}

bool Lane::load(Nanos start) {
  bool timed = true;
  if (!owner_.magazine.load(number_, batch_, timed)) return false;
  flights_.push_back({start, timed});
  return true;
}

void Lane::fire() {
  if (state_ != State::open) return;
  while (written_ < batch_.size()) {
    const auto sent = ::send(fd_, batch_.data() + written_, batch_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) {
        lost();
        return;
      }
      break;
    }
    written_ += static_cast<std::size_t>(sent);
  }
  const bool wants = written_ < batch_.size();
  if (!wants) {
    batch_.clear();
    written_ = 0;
  }
  if (wants != wants_writable_) {
    wants_writable_ = wants;
    owner_.loop.change(fd_, wants ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void Lane::read_on() {
  const auto got = ::recv(fd_, owner_.loop.scratch(), Loop::scratch_bytes, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    lost();
    return;
  }
  const Nanos now = Loop::now();
  owner_.results.bytes += static_cast<std::uint64_t>(got);
  std::size_t answered = 0;
  if (!take({owner_.loop.scratch(), static_cast<std::size_t>(got)}, now, answered)) {
    owner_.give_up("an answer without Content-Length cannot be hammered");
    return;
  }
  if (answered > 0) owner_.refill(*this, answered, now);
}

bool Lane::take(std::string_view bytes, Nanos now, std::size_t& answered) {
  while (!bytes.empty()) {
    if (body_left_ > 0) {
      const auto skipped = std::min<std::uint64_t>(body_left_, bytes.size());
      bytes.remove_prefix(skipped);
      body_left_ -= skipped;
      if (body_left_ > 0) return true;
      continue;
    }
    std::string_view head = bytes;
    if (!partial_head_.empty()) {
      partial_head_.append(bytes);
      head = partial_head_;
    }
    const auto end = head.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      if (partial_head_.empty()) partial_head_ = std::string(bytes);
      return partial_head_.size() < head_bytes_max;
    }
    const std::size_t kept_before = head.size() - bytes.size();
    const std::optional<Head> read = read_head(head.substr(0, end + 2));
    bytes.remove_prefix(end + 4 - kept_before);
    partial_head_.clear();
    if (!read || flights_.empty()) return false;
    body_left_ = read->body_bytes;
    const Flight flight = flights_.front();
    flights_.pop_front();
    ++answered;
    Results& results = owner_.results;
    if (!owner_.measuring) continue;
    ++results.answers;
    ++results.by_status[static_cast<std::size_t>(read->status)];
    if (flight.timed) {
      results.latency.record(now - flight.start);
    } else {
      ++results.untimed;
    }
  }
  return true;
}

}  // namespace onsale::rehearsal
