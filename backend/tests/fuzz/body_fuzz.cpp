// Every JSON body reader on any bytes: each ends in a value or a fault, and what it accepts keeps the
// contract's bounds.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/codec/import_wish.hpp"
#include "api/codec/request_body.hpp"
#include "base/assert.hpp"

namespace {

using namespace onsale;  // NOLINT: one small program

void check_seats(EventId event, const SeatIds& seats) {
  constexpr std::uint64_t kIdMax = (1ULL << 53U) - 1;
  check(event.value >= 1 && event.value <= kIdMax, "an event id out of bounds was accepted");
  check(!seats.empty(), "no seat was accepted");
  for (std::size_t i = 0; i < seats.size(); ++i) {
    check(seats[i].value >= 1 && seats[i].value <= kIdMax, "a seat id out of bounds was accepted");
    for (std::size_t j = 0; j < i; ++j) check(seats[i] != seats[j], "a seat was accepted twice");
  }
}

template <typename T>
void check_fault(const api::Body<T>& body) {
  const auto* fault = std::get_if<api::BodyFault>(&body);
  if (fault == nullptr) return;
  check(fault->code == Code::malformed_request || !fault->fields.empty(),
        "a fault without a reason");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto hold = api::read_hold_body(text);
  check_fault(hold);
  if (const auto* body = std::get_if<api::HoldBody>(&hold)) check_seats(body->event, body->seats);
  const auto order = api::read_order_body(text);
  check_fault(order);
  if (const auto* body = std::get_if<api::OrderBody>(&order)) check_seats(body->event, body->seats);
  const auto extend = api::read_extend_body(text);
  check_fault(extend);
  if (const auto* body = std::get_if<api::ExtendBody>(&extend))
    check(body->seconds >= 1, "no time");
  check_fault(api::read_authorize_body(text));
  check_fault(api::read_seat_update_body(text));
  check_fault(api::read_event_body(text));
  check_fault(api::read_import_wish(text));
  static_cast<void>(api::read_import_report(text));
  return 0;
}
