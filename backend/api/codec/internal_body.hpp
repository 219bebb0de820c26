// Bodies of the calls between roles (contract/openapi.yaml, tag internal): seats by order and buyer,
// payments by attempt. Times are milliseconds since the epoch, ids as everywhere. The callers are our
// own programs, so the reading is strict and its faults are short; unknown members are ignored, so
// that an older node understands a newer one.
#pragma once

#include <string>
#include <string_view>

#include "api/codec/request_body.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/seat_ledger.hpp"

namespace onsale::api {

// One seat or several of an event, for a buyer, an order or both.
struct SeatsBody {
  EventId event;
  SeatIds seats;
  BuyerId buyer;
  OrderId order;
};
struct HoldOrder {
  HoldRequest request;
};
struct ExtendOrder {
  SeatsBody of;
  Milliseconds by{};
};
struct PinOrder {
  SeatsBody of;
  Instant deadline;
};
struct SettleOrder {
  SeatsBody of;
  Settlement settlement{};
};
struct PaymentOrder {
  PaymentAttempt attempt;
  Instant pay_by;  // of an authorise
};

Body<HoldOrder> read_hold_order(std::string_view json);
Body<ExtendOrder> read_extend_order(std::string_view json);
Body<SeatsBody> read_release_order(std::string_view json);   // one seat, buyer
Body<SeatsBody> read_holds_question(std::string_view json);  // event, buyer
Body<PinOrder> read_pin_order(std::string_view json);
Body<SettleOrder> read_settle_order(std::string_view json);
Body<SeatsBody> read_confirm_order(std::string_view json);  // one seat, buyer, order
Body<PaymentOrder> read_authorise_order(std::string_view json);
Body<PaymentOrder> read_settle_payment(std::string_view json);

}  // namespace onsale::api
