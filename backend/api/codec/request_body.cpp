// One reader object a body: it parses into a stack buffer, hands out members by type and collects
// faults, so that each read_… below is a list of what the body must have.
#include "api/codec/request_body.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "api/codec/plain_body.hpp"

namespace onsale::api {
namespace {

namespace bj = boost::json;

constexpr std::int64_t kIdMax = (1LL << 53) - 1;
constexpr std::size_t kDepthMax = 8;

class BodyReader {
 public:
  explicit BodyReader(std::string_view text) : memory_(buffer_.data(), buffer_.size()) {
    if (text.empty()) {
      malformed("The body is empty; send a JSON object.");
      return;
    }
    bj::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code error;
    value_ = bj::parse({text.data(), text.size()}, error, &memory_, options);
    if (error) {
      malformed("The body is not valid JSON: " + error.message() + ".");
    } else if (!value_.is_object()) {
      fault("", "must be a JSON object");
    }
  }

  // Integers may be written 3 or 3.0 (JSON Schema 2020-12 section 4.2.2).
  std::optional<std::int64_t> integer(std::string_view name, bool required, std::int64_t low,
                                      std::int64_t high, bool saturate = false) {
    const bj::value* member = find(name, required);
    if (member == nullptr) return std::nullopt;
    return to_integer(*member, pointer_to(name), low, high, saturate);
  }

  std::uint64_t id(std::string_view name) {
    return static_cast<std::uint64_t>(integer(name, true, 1, kIdMax).value_or(0));
  }

  std::string_view string(std::string_view name) {
    const bj::value* member = find(name, true);
    if (member == nullptr) return {};
    if (!member->is_string()) {
      fault(pointer_to(name), "must be a string");
      return {};
    }
    return {member->get_string().data(), member->get_string().size()};
  }

  void seat_list(SeatIds& seats) {
    const bj::value* member = find("seatIds", true);
    if (member == nullptr) return;
    if (!member->is_array()) {
      fault("/seatIds", "must be an array of seat ids");
      return;
    }
    const bj::array& list = member->get_array();
    if (list.empty() || list.size() > kSeatsPerCallMax) {
      fault("/seatIds", "must have 1 to 16 seat ids");
      return;
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string pointer = "/seatIds/" + std::to_string(i);
      const auto number = to_integer(list[i], pointer, 1, kIdMax, false);
      if (!number) continue;
      const SeatId seat{static_cast<std::uint64_t>(*number)};
      if (std::find(seats.begin(), seats.end(), seat) != seats.end()) {
        fault(pointer, "names a seat twice");
      } else {
        seats.push_back(seat);
      }
    }
  }

  [[nodiscard]] bool has(std::string_view name) const {
    return ok() && value_.get_object().contains({name.data(), name.size()});
  }
  void fault(std::string pointer, std::string message) {
    fault_.code = Code::validation_failed;
    fault_.fields.push_back({std::move(pointer), std::move(message)});
  }

  template <typename T>
  Body<T> result(T body) {
    if (failed_ || !fault_.fields.empty()) return std::move(fault_);
    return body;
  }

 private:
  static std::string pointer_to(std::string_view name) { return "/" + std::string{name}; }
  [[nodiscard]] bool ok() const { return !failed_ && value_.is_object(); }

  void malformed(std::string detail) {
    failed_ = true;
    fault_.code = Code::malformed_request;
    fault_.detail = std::move(detail);
  }

  const bj::value* find(std::string_view name, bool required) {
    if (!ok()) return nullptr;
    const bj::value* member = value_.get_object().if_contains({name.data(), name.size()});
    if (member == nullptr && required) fault(pointer_to(name), "is missing");
    return member;
  }

  std::optional<std::int64_t> to_integer(const bj::value& member, const std::string& pointer,
                                         std::int64_t low, std::int64_t high, bool saturate) {
    double approximate = 0;
    std::int64_t exact = 0;
    if (member.is_int64()) {
      exact = member.get_int64();
      approximate = static_cast<double>(exact);
    } else if (member.is_uint64()) {
      approximate = static_cast<double>(member.get_uint64());
      exact = INT64_MAX;
    } else if (member.is_double() && std::trunc(member.get_double()) == member.get_double()) {
      approximate = member.get_double();
      exact = std::abs(approximate) < 9e18 ? static_cast<std::int64_t>(approximate)
                                           : (approximate < 0 ? INT64_MIN : INT64_MAX);
    } else {
      fault(pointer, "must be an integer");
      return std::nullopt;
    }
    if (exact >= low && exact <= high) return exact;
    if (saturate) return approximate < 0 ? low : high;
    fault(pointer, "must be from " + std::to_string(low) + " to " + std::to_string(high));
    return std::nullopt;
  }

  std::array<unsigned char, 4096> buffer_;
  bj::monotonic_resource memory_;
  bj::value value_ = bj::value(bj::storage_ptr(&memory_));
  bool failed_ = false;
  BodyFault fault_;
};

}  // namespace

Body<HoldBody> read_hold_body(std::string_view json) {
  if (const auto plain = read_plain_body(json)) {
    return HoldBody{plain->event, plain->seats, plain->hold_seconds};
  }
  BodyReader reader{json};
  HoldBody body;
  body.event = {reader.id("eventId")};
  const bool one = reader.has("seatId");
  const bool several = reader.has("seatIds");
  if (one && several) {
    reader.fault("", "must have seatId or seatIds, not both");
  } else if (several) {
    reader.seat_list(body.seats);
  } else {
    body.seats.push_back({reader.id("seatId")});
  }
  constexpr std::int64_t kWishMax = 1'000'000'000;
  body.hold_seconds = reader.integer("holdSeconds", false, -kWishMax, kWishMax, true);
  return reader.result(body);
}

Body<OrderBody> read_order_body(std::string_view json) {
  if (const auto plain = read_plain_body(json); plain && plain->several) {
    return OrderBody{plain->event, plain->seats};
  }
  BodyReader reader{json};
  OrderBody body;
  body.event = {reader.id("eventId")};
  reader.seat_list(body.seats);
  return reader.result(body);
}

Body<ExtendBody> read_extend_body(std::string_view json) {
  if (const auto seconds = read_plain_seconds(json)) return ExtendBody{*seconds};
  BodyReader reader{json};
  return reader.result(ExtendBody{reader.integer("seconds", true, 1, kIdMax).value_or(0)});
}

Body<AuthorizeBody> read_authorize_body(std::string_view json) {
  BodyReader reader{json};
  const std::string_view text = reader.string("orderId");
  const auto order = OrderId::parse(text);
  if (text.data() != nullptr && (!order || text.size() != 36)) {
    reader.fault("/orderId", "must be an order id");
  }
  return reader.result(AuthorizeBody{order.value_or(OrderId{})});
}

Body<SeatUpdateBody> read_seat_update_body(std::string_view json) {
  BodyReader reader{json};
  SeatUpdateBody body;
  body.event = {reader.id("eventId")};
  body.seat = {reader.id("seatId")};
  const std::string_view status = reader.string("status");
  bool known = false;
  for (const auto each : {seat::WireStatus::available, seat::WireStatus::held,
                          seat::WireStatus::sold, seat::WireStatus::blocked}) {
    if (seat::name_of(each) == status) {
      body.status = each;
      known = true;
    }
  }
  if (!known && reader.has("status")) {
    reader.fault("/status", "must be AVAILABLE, HELD, SOLD or BLOCKED");
  }
  body.version = {
      static_cast<std::uint64_t>(reader.integer("version", true, 0, kIdMax).value_or(0))};
  return reader.result(body);
}

Body<EventBody> read_event_body(std::string_view json) {
  BodyReader reader{json};
  return reader.result(EventBody{{reader.id("eventId")}});
}

Body<LogLevelBody> read_log_level_body(std::string_view json) {
  BodyReader reader{json};
  return reader.result(LogLevelBody{std::string{reader.string("level")}});
}

}  // namespace onsale::api
