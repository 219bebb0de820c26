// StreamHub: server-sent events to very many viewers from one loop.
//
// The idea: a viewer is a file descriptor, a cursor into its channel and, only while its socket is
// full, a pending frame. When a channel has news it is encoded once (a SharedBytes frame) and every
// viewer that is up to date gets the same bytes by one plain send(). A viewer whose socket is full
// keeps the rest of that one frame and is skipped; when its socket drains, the channel writes it one
// coalesced frame from its cursor to the present (or a RESET if that is no longer possible). So a
// slow viewer costs one bounded frame and delays nobody.
//
// Viewers are many and idle: they leave Asio at the hand-over and live in the hub's own epoll set,
// whose descriptor the loop watches as one. A channel belongs to all loops; a hub to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "runtime/http/message.hpp"

namespace onsale::http {

// One stream of changes, written by api/sse. Thread-safe: every loop's hub calls it.
class StreamChannel {
 public:
  virtual ~StreamChannel() = default;

  // Appends to `out` what brings a viewer from `cursor` to the present, one event a changed seat at
  // most (coalesced), or a RESET where the history is too short; returns the new cursor.
  virtual std::uint64_t catch_up(std::uint64_t cursor, std::string& out) = 0;

  // What a viewer is told when the server drains (may be empty).
  virtual std::string farewell() const = 0;
};

struct StreamHubLimits {
  std::size_t viewers_max = 20'000;           // per loop; one more is answered 503
  Milliseconds heartbeat_every{15'000};       // comment line to a viewer that got nothing else
  Milliseconds write_stall_max{20'000};       // a socket full for so long is cut
  int send_buffer_bytes = 0;                  // SO_SNDBUF of a viewer; 0 leaves the kernel's
};

struct StreamHubStats {
  std::size_t viewers = 0;
  std::uint64_t frames_sent = 0;     // send() calls that took a whole frame
  std::uint64_t bytes_sent = 0;
  std::uint64_t caught_up = 0;       // coalesced catch-ups of slow viewers
  std::uint64_t cut_slow = 0;
  std::uint64_t refused_full = 0;
};

}  // namespace onsale::http
