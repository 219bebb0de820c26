// An order's life, as data. The saga in services/order drives it; every arrow is one durable,
// conditional write of the OrderStore.
//
//   CREATED --authorised--> AUTHORISED --sold & captured--> CONFIRMED
//      \                        \ .
//       \__refused/late/lost__   \__fenced out / capture refused / late__
//                             \__________________________________________\--> CANCELLING --voided & seats given back--> CANCELLED
//
// CREATED: seats are pinned. AUTHORISED: money is reserved, the decision to sell is durable.
// CANCELLING: the decision not to sell is durable; what was authorised is voided, then the seats go
// back. CONFIRMED and CANCELLED are final.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "domain/seat/seat.hpp"

namespace onsale {

// Whole units of a currency as the catalogue prices them (KRW has no minor unit).
struct Money {
  std::int64_t amount = 0;
  friend bool operator==(const Money&, const Money&) = default;
};

namespace order {

enum class Status : std::uint8_t { created, authorised, confirmed, cancelling, cancelled };
std::string_view name_of(Status status);  // "CREATED" …
inline bool is_final(Status s) { return s == Status::confirmed || s == Status::cancelled; }

// Why an order was cancelled; a buyer reads the text, a program the name.
enum class Reason : std::uint8_t {
  none,
  payment_declined,     // the provider said no
  payment_too_late,     // no answer before pay_by
  payment_unavailable,  // the provider could not be reached before pay_by
  seats_lost,           // fenced out: the seats had moved on
  event_reset,          // an administrator reset the event
};
std::string_view name_of(Reason reason);  // "PAYMENT_DECLINED" …; "" for none
std::string_view text_of(Reason reason);  // one plain sentence

// May an order go from one status to another? The store asks before it writes.
bool may_become(Status from, Status to);

}  // namespace order

struct Ticket {
  TicketId id;
  SeatId seat;
  friend bool operator==(const Ticket&, const Ticket&) = default;
};

struct Order {
  OrderId id;
  BuyerId buyer;
  EventId event;
  SeatIds seats;
  Money total;
  std::string currency;
  order::Status status = order::Status::created;
  order::Reason reason = order::Reason::none;
  std::uint32_t version = 1;  // grows by one with every write; writes are conditional on it
  AttemptId attempt;          // the one payment attempt of this order, made with the order
  Instant created_at;
  Instant pay_by;
  Instant updated_at;
  TraceId trace_id;
  std::vector<Ticket> tickets;  // once CONFIRMED
};

}  // namespace onsale
