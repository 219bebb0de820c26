// People who only watch: each follows the seat stream on its own connection and keeps its own map
// from a snapshot and what the stream says after it, as a browser would.
//
// How a viewer gets into step: open the stream first, wait for INIT, then take a map that was asked
// for after that; apply what the stream told since, but only what is newer than the map. After a cut
// it resumes with Last-Event-ID; after RESET it takes a new map.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rehearsal/histogram.hpp"
#include "rehearsal/http_client.hpp"
#include "rehearsal/loop.hpp"
#include "rehearsal/options.hpp"
#include "rehearsal/script.hpp"
#include "rehearsal/seat_board.hpp"
#include "rehearsal/sse_reader.hpp"
#include "rehearsal/target.hpp"

namespace onsale::rehearsal {

// Hears everything that one viewer learns; the referee is one.
class ViewerListener {
 public:
  // `after`: the version known before, to notice gaps.
  virtual void on_change(std::uint64_t version, std::uint64_t after, std::uint32_t seat,
                         SeatStatus status, Nanos seen) = 0;
  // In step again after RESET or at first; nothing is known of the time since `blind_from`.
  virtual void on_snapshot(const Snapshot& snapshot, Nanos blind_from, Nanos seen) = 0;

 protected:
  ~ViewerListener() = default;
};

// When was each version acknowledged to the buyer who caused it, and how long after did viewers
// know? A viewer who knew before the buyer counts as zero.
class LagBook {
 public:
  LagBook() : entries_(kept) {}
  void acknowledged(std::uint64_t version, Nanos at);
  void seen(std::uint64_t version, Nanos at);
  [[nodiscard]] const Histogram& lag() const { return lag_; }

 private:
  static constexpr std::size_t kept = 1UL << 16U;  // versions remembered, by their low bits
  struct Entry {
    std::uint64_t version = 0;
    Nanos acknowledged = 0;
    std::uint32_t seen_before = 0;
  };
  Entry& entry(std::uint64_t version);
  std::vector<Entry> entries_;
  Histogram lag_;
};

struct AudienceTally {
  std::uint64_t following = 0;  // now: connected, and INIT was read
  std::uint64_t updates = 0;    // SEAT_UPDATE events read
  std::uint64_t reads = 0;      // reads with news: coalesced sends, about
  std::uint64_t bytes = 0;      // off the sockets, HTTP framing included
  std::uint64_t missing = 0;    // versions passed over by a coalesced catch-up
  std::uint64_t gaps = 0;       // places where that happened
  std::uint64_t repeats = 0;    // versions told twice to one viewer
  std::uint64_t resets = 0;     // RESET events
  std::uint64_t reconnects = 0;
  std::uint64_t refused = 0;     // 503 and other refusals to a viewer
  std::uint64_t unreadable = 0;  // events that made no sense
  std::uint64_t snapshots = 0;   // maps taken for viewers (shared by those waiting)
};

class Viewer;

// All viewers of a run: paces their connecting, takes maps for them, reads identical frames once.
class Audience {
 public:
  Audience(Loop& loop, const Target& target, SeatIndex& seats, const Options& options);
  ~Audience();

  AudienceTally tally;
  LagBook lag_book;

  // What was wrong with the last map that could not be had; empty if nothing was.
  [[nodiscard]] const std::string& map_trouble() const { return map_trouble_; }

 private:
  friend class Viewer;
  // The changes in a run of bytes that begins and ends at event boundaries.
  struct Frame {
    std::string bytes;
    std::vector<FeedEvent> events;
    std::vector<std::uint32_t> seats;  // index of each event's seat
  };
  void want_connection(Viewer& viewer);
  void connection_settled();
  void want_map(Viewer& viewer);
  void forget(Viewer& viewer);
  Script<> fetch_maps();
  void connect_more();

  Loop& loop_;
  const Target& target_;
  SeatIndex& seats_;
  const Options& options_;
  std::mt19937_64 random_;
  std::deque<Viewer*> to_connect_;
  std::uint32_t connecting_ = 0;
  Timer connect_timer_;
  std::vector<Viewer*> want_map_;
  bool fetching_ = false;
  Connection map_connection_;
  std::string map_trouble_;
  std::string stream_path_;
  std::string map_path_;
  Frame frame_;
  Frame scratch_frame_;
  Script<> fetch_script_;
};

class Viewer final : private Loop::Watcher {
 public:
  explicit Viewer(Audience& audience, ViewerListener* listener = nullptr);
  ~Viewer() override;
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  void open();   // queue to connect; reconnects by itself until close()
  void close();  // keeps the board
  // Has a map and follows the stream: board() is right up to version().
  [[nodiscard]] bool in_step() const { return has_board_ && following_; }
  [[nodiscard]] bool has_board() const { return has_board_; }
  [[nodiscard]] bool is_following() const { return following_; }
  [[nodiscard]] const Board& board() const { return board_; }
  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] bool was_refused() const {
    return refused_;
  }  // the last attempt was answered 4xx/5xx
  [[nodiscard]] bool sale_over() const { return sale_over_; }  // 204: nothing more will come

 private:
  friend class Audience;
  enum class State : std::uint8_t { closed, queued, connecting, sending, streaming };
  struct Pending {
    std::uint64_t version;
    std::uint32_t seat;
    SeatStatus status;
  };
  void connect();
  void on_ready(std::uint32_t events) override;
  void read_on();
  void lost();
  void take(const Audience::Frame& frame, Nanos seen);
  void apply(std::uint64_t version, std::uint32_t seat, SeatStatus status, Nanos seen);
  void on_map(const Snapshot& snapshot, Nanos seen);
  void leave_state();

  Audience& audience_;
  ViewerListener* listener_;
  State state_ = State::closed;
  int fd_ = -1;
  bool following_ = false;
  bool has_board_ = false;
  bool waiting_for_map_ = false;
  bool refused_ = false;
  bool sale_over_ = false;
  std::uint8_t failures_ = 0;
  std::uint64_t last_id_ = 0;
  std::uint64_t version_ = 0;  // board_ is right up to here
  std::uint64_t told_ = 0;     // the last update's version on this stream
  std::uint64_t map_version_min_ = 0;
  Nanos heard_ = 0;
  Nanos blind_from_ = 0;
  Board board_;
  std::vector<Pending> pending_;
  ResponseReader reader_;
  SseReader sse_;
  Timer timer_;
};

}  // namespace onsale::rehearsal
