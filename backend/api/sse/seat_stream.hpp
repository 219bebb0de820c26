// One event's seat changes as server-sent events (WHATWG HTML, section 9.2).
//
//   retry: 2417                                      first, different for each viewer
//   id: 5 / event: INIT / data: {"eventId":1,"version":5}
//   id: 6 / event: SEAT_UPDATE / data: {"seatId":4,"status":"HELD","version":6}
//   id: 9 / event: RESET / data: {"version":9}       what was missed cannot be told
//
// A viewer's cursor is the version it has; ids are versions. After a RESET the cursor is the RESET's
// version. When RESET follows INIT at once (an id that cannot be resumed), INIT carries no id: a cut
// between the two must not make the viewer believe it has that version.
//
// Thread-safe: the view has its own lock, the rest is immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/seat/numbering.hpp"
#include "runtime/http/stream_hub.hpp"
#include "services/catalog/seat_map_view.hpp"

namespace onsale::sse {

struct SeatStreamLimits {
  // Up to so many missed changes are told one by one; beyond, those of one seat are merged into its
  // latest.
  std::size_t told_singly_max = 1'024;
};

// Decimal digits of a number ≤ 2^53-1, no sign, no blanks, no leading zero; else nullopt.
std::optional<Version> parse_event_id(std::string_view text);

class SeatStreamChannel final : public http::StreamChannel {
 public:
  // `view` must outlive the channel.
  SeatStreamChannel(EventId event, SeatNumbering numbering, const catalog::SeatMapView& view,
                    SeatStreamLimits limits = {});

  // How a stream begins. Refresh the view before. `last_event_id`: as the client sent it, nullopt
  // if it sent none (an empty one counts as none). `jitter`: any random number, spreads `retry:`
  // over 1 to 3 s.
  struct Opening {
    std::uint64_t cursor = 0;
    std::string first;
  };
  [[nodiscard]] Opening open(std::optional<std::string_view> last_event_id,
                             std::uint64_t jitter) const;

  // http::StreamChannel
  std::uint64_t catch_up(std::uint64_t cursor, std::string& out) override;
  [[nodiscard]] std::string farewell() const override;

  // A change told by hand (POST /internal/seat-update), without an id: it is no entry of the feed.
  [[nodiscard]] std::string aside(SeatId seat, seat::WireStatus status, Version version) const;

  // What brings every viewer that stands at `cursor` to the present; the bytes are empty if nothing
  // has changed.
  struct Frame {
    std::uint64_t cursor = 0;
    std::size_t changes = 0;
    std::string bytes;
  };
  [[nodiscard]] Frame frame_after(std::uint64_t cursor) const;

 private:
  std::uint64_t append_changes(catalog::SeatMapView::News news, std::string& out) const;

  const EventId event_;
  const SeatNumbering numbering_;
  const catalog::SeatMapView& view_;
  const SeatStreamLimits limits_;
};

}  // namespace onsale::sse
