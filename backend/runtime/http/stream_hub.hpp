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

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "runtime/http/message.hpp"

namespace onsale::http {

// One stream of changes, written by api/sse. Thread-safe: every loop's hub calls it.
class StreamChannel {
 public:
  virtual ~StreamChannel() = default;

  // Appends to `out` what brings a viewer from `cursor` to the present, one event a changed seat at
  // most (coalesced), or a RESET where the history is too short; returns the new cursor. Cursors grow.
  // "The present" is best the to_cursor of the newest publish(): a viewer brought further than that
  // misses the next shared frame and has to be caught up by itself once more.
  virtual std::uint64_t catch_up(std::uint64_t cursor, std::string& out) = 0;

  // What a viewer is told when the server drains (may be empty).
  virtual std::string farewell() const = 0;

  // Whether a hub has viewers of it; if not, whoever would publish() may spare itself the frame. A
  // hub counts itself in before it brings a new viewer to the present, so none is left behind.
  [[nodiscard]] bool watched() const { return hubs_.load() != 0; }
  void begin_watch() { hubs_.fetch_add(1); }
  void end_watch() { hubs_.fetch_sub(1); }

 private:
  std::atomic<std::uint32_t> hubs_{0};  // that have viewers of it
};

struct StreamHubLimits {
  std::size_t viewers_max = 20'000;      // per loop; one more is answered 503
  Milliseconds heartbeat_every{15'000};  // comment line to a viewer that got nothing else
  Milliseconds write_stall_max{20'000};  // a socket full for so long is cut
  int send_buffer_bytes = 0;             // SO_SNDBUF of a viewer; 0 leaves the kernel's
};

struct StreamHubStats {
  std::size_t viewers = 0;
  std::uint64_t frames_sent = 0;  // send() calls that took a whole frame
  std::uint64_t bytes_sent = 0;
  std::uint64_t caught_up = 0;  // coalesced catch-ups of slow viewers
  std::uint64_t cut_slow = 0;
  std::uint64_t refused_full = 0;
};

// The viewers of one loop. Everything but stats() belongs to the loop's thread.
class StreamHub {
 public:
  explicit StreamHub(const StreamHubLimits& limits);
  ~StreamHub();  // cuts whoever is left
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  // The set to watch for readability, and what to call then; false once nothing more was ready.
  [[nodiscard]] int epoll_descriptor() const { return epoll_; }
  bool serve_ready();

  [[nodiscard]] bool full() const { return viewers_ >= limits_.viewers_max; }
  void count_refused() { add(refused_full_); }
  [[nodiscard]] std::size_t viewers() const { return viewers_; }

  // Takes over a connection's descriptor. `unsent`: what of the head and the first events the socket
  // has not taken yet. Not when full().
  void adopt(int descriptor, std::shared_ptr<StreamChannel> channel, std::uint64_t cursor,
             std::string unsent);

  void publish(const StreamChannel* channel, std::uint64_t from_cursor, std::uint64_t to_cursor,
               const SharedBytes& frame);
  void end_streams(const StreamChannel* channel, const SharedBytes& last);
  // Says farewell to every viewer and closes it.
  void drain();

  // Heartbeats due and stalled viewers; to be called every `tick_ms`.
  void tick(std::int64_t tick_ms);

  [[nodiscard]] StreamHubStats stats() const;

 private:
  // A viewer whose socket is full: the rest of one frame, which it must get whole.
  struct Stalled {
    SharedBytes frame;  // or, if null:
    std::string own;
    std::size_t offset = 0;
    std::uint32_t since = 0;
  };
  struct Viewer {
    int descriptor = -1;
    std::uint32_t last_sent = 0;
    std::uint64_t cursor = 0;
    std::unique_ptr<Stalled> stalled;
  };
  struct Group {
    explicit Group(std::shared_ptr<StreamChannel> of) : channel(std::move(of)) {
      channel->begin_watch();
    }
    ~Group() { channel->end_watch(); }
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    const std::shared_ptr<StreamChannel> channel;
    std::vector<Viewer> viewers;  // dense: a shared frame goes out in one pass over it
    std::size_t next_heartbeat = 0;
    double heartbeats_owed = 0;
  };
  struct Place {
    Group* group = nullptr;
    std::uint32_t at = 0;
  };
  enum class Sent : std::uint8_t { whole, partly, gone };

  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  Sent send_frame(Viewer& viewer, const SharedBytes& frame);
  Sent send_own(Viewer& viewer, std::string_view bytes);
  Sent catch_up(Group& group, Viewer& viewer);
  Sent on_writable(Group& group, Viewer& viewer);
  bool on_readable(const Viewer& viewer);
  Stalled& stall(Viewer& viewer);
  void remove(Group& group, std::size_t at);
  void drop_if_empty(Group& group);
  void heartbeat(Group& group, std::int64_t tick_ms);

  const StreamHubLimits limits_;
  int epoll_ = -1;
  std::unordered_map<const StreamChannel*, std::unique_ptr<Group>> groups_;
  std::vector<Place> places_;  // by descriptor
  std::vector<int> stalled_;   // descriptors; stale entries are skipped
  std::string coalesced_;      // scratch of catch_up
  std::size_t viewers_ = 0;
  std::uint32_t now_ = 0;
  std::int64_t tick_ms_ = 250;
  std::atomic<std::uint64_t> viewers_shown_{0};
  std::atomic<std::uint64_t> frames_sent_{0};
  std::atomic<std::uint64_t> bytes_sent_{0};
  std::atomic<std::uint64_t> caught_up_{0};
  std::atomic<std::uint64_t> cut_slow_{0};
  std::atomic<std::uint64_t> refused_full_{0};
};

}  // namespace onsale::http
