// Reads the JSON bodies of requests into plain values, or says exactly what is wrong with them: not
// JSON at all (malformed_request), or JSON whose members are missing, mistyped or out of range
// (validation_failed, one JSON pointer each). Depth and size are bounded; unknown members are
// ignored, as the contract says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/wire_errors.hpp"
#include "domain/seat/seat.hpp"

namespace onsale::api {

struct BodyFault {
  Code code{};         // malformed_request or validation_failed
  std::string detail;  // for malformed_request
  std::vector<FieldError> fields;
};

template <typename T>
using Body = std::variant<T, BodyFault>;

struct HoldBody {
  EventId event;
  SeatIds seats;
  std::optional<std::int64_t> hold_seconds;  // saturated to the int64 range
};
struct OrderBody {
  EventId event;
  SeatIds seats;
};
struct ExtendBody {
  std::int64_t seconds = 0;
};
struct AuthorizeBody {
  OrderId order;
};
struct SeatUpdateBody {
  EventId event;
  SeatId seat;
  seat::WireStatus status{};
  Version version;
};
struct LogLevelBody {
  std::string level;
};
struct EventBody {
  EventId event;
};

Body<HoldBody> read_hold_body(std::string_view json);
Body<OrderBody> read_order_body(std::string_view json);
Body<ExtendBody> read_extend_body(std::string_view json);
Body<AuthorizeBody> read_authorize_body(std::string_view json);
Body<SeatUpdateBody> read_seat_update_body(std::string_view json);
Body<EventBody> read_event_body(std::string_view json);
Body<LogLevelBody> read_log_level_body(std::string_view json);

}  // namespace onsale::api
