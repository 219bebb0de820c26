// The form in which nearly every hold and order comes, {"eventId":1,"seatIds":[4,7],…}: one flat
// object of plain integers. Read in one pass, without a document and without the heap. Whatever is
// unusual in any way (other members, a member twice, escapes, fractions, signs, large numbers, too
// many seats, anything wrong) is no plain body; request_body.cpp then reads it in full and says what
// is wrong. So this decides nothing: it is only faster.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "domain/seat/seat.hpp"

namespace onsale::api {

struct PlainBody {
  EventId event;
  SeatIds seats;
  bool several = false;  // seatIds, not seatId
  std::optional<std::int64_t> hold_seconds;
};

// nullopt if it is not plain. Ids are 1 to 10^15 - 1, seconds 0 to 10^9, seats distinct, 1 to 16.
std::optional<PlainBody> read_plain_body(std::string_view json);

// The same for the body of an extend, {"seconds":60}: 1 to 10^15 - 1.
std::optional<std::int64_t> read_plain_seconds(std::string_view json);

}  // namespace onsale::api
