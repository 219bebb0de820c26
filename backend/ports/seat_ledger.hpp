// SeatLedger: who holds or owns each seat now. The heart of the house.
//
// Contract, for every adapter (backend/tests/conformance/seat_ledger_*):
// - Each call is one atomic step over all the seats it names, with the buyer's limit and the feed's
//   next versions: all of it happens or none. k changed seats take k consecutive versions, in the
//   order of the call; a seat that need not change takes none.
// - The rule for one seat is seat::decide(); an adapter in another language keeps the same rule.
// - Every call is idempotent: repeating it with the same arguments changes nothing and answers the
//   same.
// - Refusals: event_not_found / seat_not_found before anything else; then, over all seats, the
//   gravest of seat_sold, reservation_conflict (held by another or blocked), hold_not_owned,
//   reservation_expired; then limit_exceeded. Refused::seats lists each seat in the way.
// - A hold is never taken away before its expires_at by the ledger's own clock, and is free at most
//   1 s after it, with an entry in the feed.
// - When the store behind it is away or being rebuilt: unavailable. When it cannot be known whether
//   a call took effect: unavailable too; the caller may repeat it.
// - Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "domain/seat/seat.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct Refused {
  Code code{};
  RefusedSeats seats;
};

// Success or a refusal that names the seats; no heap in either.
template <typename T>
struct LedgerAnswer {
  std::variant<T, Refused> outcome;
  LedgerAnswer(T value) : outcome(std::move(value)) {}            // NOLINT: implicit on purpose
  LedgerAnswer(Refused refused) : outcome(std::move(refused)) {}  // NOLINT
  LedgerAnswer(Code code) : outcome(Refused{code, {}}) {}         // NOLINT
  [[nodiscard]] bool granted() const { return outcome.index() == 0; }
  [[nodiscard]] const T& value() const { return *std::get_if<0>(&outcome); }
  [[nodiscard]] const Refused& refused() const { return *std::get_if<1>(&outcome); }
};

struct HoldRequest {
  EventId event;
  SeatIds seats;
  BuyerId buyer;
  Milliseconds wanted{};                  // how long, already clamped by the service
  Milliseconds life_max{};                // a hold's whole life over all extends
  std::uint32_t seats_per_buyer_max = 8;  // holds, pins and sold seats of this event together
};
struct HoldGranted {
  Instant expires_at;  // the soonest of all the seats named (those already held keep theirs)
  Version version;     // the last one taken; of an unchanged hold the feed's present one
};
struct LiveHold {
  SeatId seat;
  Instant expires_at;
  Instant extendable_until;
  bool pinned = false;
  friend bool operator==(const LiveHold&, const LiveHold&) = default;
};
struct BuyerHolds {
  Version version;
  std::vector<LiveHold> holds;  // HELD not lapsed, and PINNED; by seat id
};
struct PinGranted {
  Version version;
};
enum class Settlement : std::uint8_t {
  sell,       // PINNED -> SOLD; refused with reservation_expired if the pin is gone
  unpin,      // PINNED -> HELD: the order never came to be
  give_back,  // PINNED or SOLD to this order -> AVAILABLE: payment failed, refund
};

class SeatLedger {
 public:
  virtual ~SeatLedger() = default;

  virtual Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) = 0;
  // The new expires_at: max(current, min(now + by, extendable_until)).
  virtual Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                             Milliseconds by) = 0;
  // Gives one's own hold back. A seat nobody holds: success (it is free, as wanted); pinned:
  // reservation_conflict.
  virtual Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) = 0;
  // The live holds of a buyer.
  virtual Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer) = 0;
  // Ties held seats to an order, until `deadline`. One's own hold lapsed: reservation_expired (or
  // reservation_conflict, if the ledger no longer remembers); never held: reservation_conflict; held
  // by another: hold_not_owned.
  virtual Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer,
                                             OrderId order, Instant deadline) = 0;
  // Ends a pin, or a sale for give_back. Only seats that belong to `order` are touched.
  virtual Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                             Settlement settlement) = 0;
  // Sells a held seat at once (box-office staff).
  virtual Task<LedgerAnswer<Version>> confirm(EventId event, SeatId seat, BuyerId buyer,
                                              OrderId order) = 0;
};

}  // namespace onsale
