// One reader an object: members by type, every fault with its pointer.
#include "api/codec/internal_body.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

namespace onsale::api {
namespace {

namespace bj = boost::json;

constexpr std::int64_t kIdMax = (1LL << 53) - 1;
constexpr std::int64_t kMsMax = 4'102'444'800'000;  // the year 2100
constexpr std::size_t kDepthMax = 4;

class Reader {
 public:
  explicit Reader(std::string_view text) : memory_(buffer_.data(), buffer_.size()) {
    bj::parse_options options;
    options.max_depth = kDepthMax;
    boost::system::error_code error;
    value_ = bj::parse({text.data(), text.size()}, error, &memory_, options);
    if (error) {
      fault_.code = Code::malformed_request;
      fault_.detail = "The body is not valid JSON: " + error.message() + ".";
    } else if (!value_.is_object()) {
      fault("", "must be a JSON object");
    }
  }

  std::int64_t integer(std::string_view name, std::int64_t low, std::int64_t high) {
    const bj::value* member = find(name);
    if (member == nullptr) return low;
    return integer_of(*member, "/" + std::string{name}, low, high);
  }
  EventId event() { return {static_cast<std::uint64_t>(integer("eventId", 1, kIdMax))}; }
  Instant time(std::string_view name) { return instant_of_ms(integer(name, 0, kMsMax)); }
  Milliseconds duration(std::string_view name) { return Milliseconds{integer(name, 0, kMsMax)}; }

  std::string_view text(std::string_view name) {
    const bj::value* member = find(name);
    if (member == nullptr) return {};
    if (!member->is_string()) {
      fault("/" + std::string{name}, "must be a string");
      return {};
    }
    return {member->get_string().data(), member->get_string().size()};
  }

  template <typename Id>
  Id wide_id(std::string_view name) {
    const std::string_view written = text(name);
    const auto id = Id::parse(written);
    if (written.data() != nullptr && (!id || written.size() != 36)) {
      fault("/" + std::string{name}, "must be an id of 36 characters");
    }
    return id.value_or(Id{});
  }

  SeatIds one_seat() { return {SeatId{static_cast<std::uint64_t>(integer("seatId", 0, kIdMax))}}; }
  SeatIds several_seats() {
    SeatIds seats;
    const bj::value* member = find("seatIds");
    if (member == nullptr) return seats;
    const bj::array* list = member->if_array();
    if (list == nullptr || list->size() > kSeatsPerCallMax) {
      fault("/seatIds", "must be an array of at most 16 seat ids");
      return seats;
    }
    // Whether it is none, or one twice, is for the ledger to judge, at its place among the refusals.
    for (const bj::value& each : *list) {
      seats.push_back({static_cast<std::uint64_t>(integer_of(each, "/seatIds", 0, kIdMax))});
    }
    return seats;
  }

  void fault(std::string pointer, std::string message) {
    if (fault_.code == Code::malformed_request) return;
    fault_.code = Code::validation_failed;
    fault_.fields.push_back({std::move(pointer), std::move(message)});
  }
  template <typename T>
  Body<T> result(T body) {
    if (!fault_.detail.empty() || !fault_.fields.empty()) return std::move(fault_);
    return body;
  }

 private:
  const bj::value* find(std::string_view name) {
    const bj::object* object = value_.if_object();
    if (object == nullptr) return nullptr;
    const bj::value* member = object->if_contains({name.data(), name.size()});
    if (member == nullptr) fault("/" + std::string{name}, "is missing");
    return member;
  }

  std::int64_t integer_of(const bj::value& member, std::string pointer, std::int64_t low,
                          std::int64_t high) {
    const std::int64_t* number = member.if_int64();
    if (number != nullptr && *number >= low && *number <= high) return *number;
    fault(std::move(pointer),
          "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return low;
  }

  std::array<unsigned char, 2048> buffer_;
  bj::monotonic_resource memory_;
  bj::value value_ = bj::value(bj::storage_ptr(&memory_));
  BodyFault fault_{.code = Code::validation_failed, .detail = {}, .fields = {}};
};

PaymentAttempt read_attempt(Reader& reader) {
  constexpr std::int64_t kMoneyMax = 1'000'000'000'000'000;
  PaymentAttempt attempt;
  attempt.id = reader.wide_id<AttemptId>("attemptId");
  attempt.order = reader.wide_id<OrderId>("orderId");
  attempt.amount.amount = reader.integer("amount", 0, kMoneyMax);
  const std::string_view currency = reader.text("currency");
  const bool known =
      currency.size() == 3 &&
      std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (currency.data() != nullptr && !known) reader.fault("/currency", "must be an ISO 4217 code");
  attempt.currency = currency;
  return attempt;
}

}  // namespace

Body<HoldOrder> read_hold_order(std::string_view json) {
  Reader reader{json};
  HoldRequest request;
  request.event = reader.event();
  request.seats = reader.several_seats();
  request.buyer = reader.wide_id<BuyerId>("buyerId");
  request.wanted = reader.duration("wantedMs");
  request.life_max = reader.duration("lifeMaxMs");
  request.seats_per_buyer_max =
      static_cast<std::uint32_t>(reader.integer("seatsPerBuyerMax", 1, 1'000'000));
  return reader.result(HoldOrder{request});
}

Body<ExtendOrder> read_extend_order(std::string_view json) {
  Reader reader{json};
  ExtendOrder order;
  order.of.event = reader.event();
  order.of.seats = reader.one_seat();
  order.of.buyer = reader.wide_id<BuyerId>("buyerId");
  order.by = reader.duration("byMs");
  return reader.result(order);
}

Body<SeatsBody> read_release_order(std::string_view json) {
  Reader reader{json};
  SeatsBody body;
  body.event = reader.event();
  body.seats = reader.one_seat();
  body.buyer = reader.wide_id<BuyerId>("buyerId");
  return reader.result(body);
}

Body<SeatsBody> read_holds_question(std::string_view json) {
  Reader reader{json};
  SeatsBody body;
  body.event = reader.event();
  body.buyer = reader.wide_id<BuyerId>("buyerId");
  return reader.result(body);
}

Body<PinOrder> read_pin_order(std::string_view json) {
  Reader reader{json};
  PinOrder order;
  order.of.event = reader.event();
  order.of.seats = reader.several_seats();
  order.of.buyer = reader.wide_id<BuyerId>("buyerId");
  order.of.order = reader.wide_id<OrderId>("orderId");
  order.deadline = reader.time("deadlineMs");
  return reader.result(order);
}

Body<SettleOrder> read_settle_order(std::string_view json) {
  Reader reader{json};
  SettleOrder order;
  order.of.event = reader.event();
  order.of.seats = reader.several_seats();
  order.of.order = reader.wide_id<OrderId>("orderId");
  const std::string_view settlement = reader.text("settlement");
  if (settlement == "SELL") {
    order.settlement = Settlement::sell;
  } else if (settlement == "UNPIN") {
    order.settlement = Settlement::unpin;
  } else if (settlement == "GIVE_BACK") {
    order.settlement = Settlement::give_back;
  } else if (settlement.data() != nullptr) {
    reader.fault("/settlement", "must be SELL, UNPIN or GIVE_BACK");
  }
  return reader.result(order);
}

Body<SeatsBody> read_confirm_order(std::string_view json) {
  Reader reader{json};
  SeatsBody body;
  body.event = reader.event();
  body.seats = reader.one_seat();
  body.buyer = reader.wide_id<BuyerId>("buyerId");
  body.order = reader.wide_id<OrderId>("orderId");
  return reader.result(body);
}

Body<PaymentOrder> read_authorise_order(std::string_view json) {
  Reader reader{json};
  PaymentOrder order;
  order.attempt = read_attempt(reader);
  order.pay_by = reader.time("payByMs");
  return reader.result(std::move(order));
}

Body<PaymentOrder> read_settle_payment(std::string_view json) {
  Reader reader{json};
  PaymentOrder order;
  order.attempt = read_attempt(reader);
  return reader.result(std::move(order));
}

}  // namespace onsale::api
