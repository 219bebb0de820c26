// Reads the seat stream (text/event-stream) into what it says about seats. Pure. A reader keeps
// only an unfinished event, so ten thousand idle ones cost next to nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rehearsal/seat_board.hpp"

namespace onsale::rehearsal {

struct FeedEvent {
  enum class Kind : std::uint8_t {
    init,    // the first one; version: the feed's present one
    update,  // seat, status, version
    reset,   // re-read the map; version: at least this one
    other,   // an event of another name; ignored
  };
  Kind kind = Kind::other;
  std::uint64_t id = 0;       // the `id:` line, 0 if there was none
  std::uint64_t version = 0;  // from the data; the id if the data has none
  std::uint64_t seat_id = 0;
  SeatStatus status{};
};

class SseReader {
 public:
  // Appends the events that `bytes` completes. False: not an event stream of ours (unreadable
  // update); the events so far stand.
  bool feed(std::string_view bytes, std::vector<FeedEvent>& events);
  // No unfinished event is pending: the next feed() depends on its bytes alone.
  [[nodiscard]] bool at_boundary() const { return tail_.empty(); }
  void reset() { tail_.clear(); }
  // The last `retry:` line, milliseconds; 0 before the first.
  [[nodiscard]] std::uint32_t retry_ms() const { return retry_ms_; }

 private:
  bool read_event(std::string_view block, std::vector<FeedEvent>& events);

  std::string tail_;
  std::uint32_t retry_ms_ = 0;
};

}  // namespace onsale::rehearsal
