// SeatMapBodies: the seat map of one event in every form it is sent, always ready.
//
// The idea: the text of a seat never changes but for its status, so the JSON body is written once,
// each status padded with white space to the longest, and a change is patched in place. The gzip
// form is a row of independently deflated chunks of some hundred seats; a change deflates its own
// chunk again and the members' CRC is combined, not recomputed. So a new version costs O(changed
// chunks) of work plus one copy of the body, an unchanged version nothing: the same bytes are
// shared by every answer in flight, and are never touched again.
//
// Thread-safe. Each form is brought up to date when it is asked for, under a lock of its own event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "runtime/http/message.hpp"
#include "services/catalog/offer.hpp"
#include "services/catalog/seat_map_view.hpp"

namespace onsale::codec {

inline constexpr std::string_view kSeatMapType = "application/vnd.onsale.seatmap";
inline constexpr std::string_view kSeatDeltaType = "application/vnd.onsale.seatdelta";

enum class SeatMapForm : std::uint8_t { json, json_gzip, binary, binary_gzip };

class SeatMapBodies {
 public:
  struct Body {
    http::SharedBytes bytes;
    Version version;
    std::string etag;  // strong: "\"<first 16 of the layout hash>-<version>-<form>\""
  };

  // `offer` and `view` must outlive it. `layout_hash` as LayoutBody::hash.
  SeatMapBodies(const catalog::Offer& offer, const catalog::SeatMapView& view,
                std::string_view layout_hash);
  ~SeatMapBodies();
  SeatMapBodies(const SeatMapBodies&) = delete;
  SeatMapBodies& operator=(const SeatMapBodies&) = delete;

  // The form at the view's present version (refresh the view first).
  Body body(SeatMapForm form);

  // The ETag that body(form) would have now, without making it: for 304.
  [[nodiscard]] std::string etag(SeatMapForm form) const;
  // Does a validator list (If-None-Match: `*`, or ETags, weak ones compared weakly) name `etag`?
  static bool none_match_names(std::string_view if_none_match, std::string_view etag);

  // The delta from `since`; nullopt when the history is too short (send the full map instead).
  std::optional<Body> delta(Version since) const;

 private:
  struct State;
  const catalog::Offer& offer_;
  const catalog::SeatMapView& view_;
  const std::string etag_stem_;
  std::unique_ptr<State> state_;
};

}  // namespace onsale::codec
