// SeatLedgerAdmin: what an office does to a ledger around sales: open an event, restore its truth
// from the order store after a restart, reset a demo event, block seats. Not on any hot path.
// Same adapters, same atomicity as SeatLedger; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "domain/seat/numbering.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_ledger.hpp"
#include "runtime/task.hpp"

namespace onsale {

// The proof of who owns what, from the order store.
struct SeatClaim {
  EventId event;
  SeatId seat;
  OrderId order;
  BuyerId buyer;
  bool sold = false;  // CONFIRMED; else the order is still open and the seat is PINNED
};

struct SeatCounts {
  std::uint64_t available = 0;
  std::uint64_t held = 0;
  std::uint64_t pinned = 0;
  std::uint64_t sold = 0;
  std::uint64_t blocked = 0;
  Version version;
  friend bool operator==(const SeatCounts&, const SeatCounts&) = default;
};

// One seat's truth, for an audit.
struct SeatRecord {
  SeatId seat;
  seat::State state;
};

class SeatLedgerAdmin {
 public:
  virtual ~SeatLedgerAdmin() = default;

  // Makes the event known, or grows it; never shrinks. Seats listed in `blocked` start (or become,
  // if AVAILABLE) BLOCKED. Idempotent.
  virtual Task<Status> open_event(EventId event, SeatNumbering numbering,
                                  std::vector<SeatId> blocked) = 0;
  // Makes SOLD and PINNED exactly what `claims` says for every open event, before the first request
  // is served: pins get `pin_deadline`; a claimed seat is taken from whoever holds it. SOLD without a
  // claim becomes AVAILABLE. PINNED without one had no order yet: it is HELD again by its buyer until
  // its own expiresAt, AVAILABLE if that has passed.
  virtual Task<Status> restore(std::vector<SeatClaim> claims, Instant pin_deadline) = 0;
  // Every seat but BLOCKED becomes AVAILABLE, each with a feed entry.
  virtual Task<Status> reset(EventId event) = 0;
  virtual Task<LedgerAnswer<Version>> set_blocked(EventId event, SeatIds seats, bool blocked) = 0;
  virtual Task<Result<SeatCounts>> counts(EventId event) = 0;
  virtual Task<Result<std::vector<SeatRecord>>> records(EventId event) = 0;
};

}  // namespace onsale
