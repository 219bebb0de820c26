// Who gets the seat: one pure function that can be read aloud to a box-office clerk.
//
// decide(state, command, now) answers what becomes of the seat. No clock, no storage, no limits
// over several seats (those are counted by the ledger inside the same atomic step).
// Order of refusals is part of the contract and tested: SOLD before everything, then BLOCKED, then
// ownership, then expiry.
#pragma once

#include <variant>

#include "domain/seat/seat.hpp"

namespace onsale::seat {

// Holding what one already holds succeeds and keeps the same expires_at.
struct Hold {
  BuyerId buyer;
  Instant expires_at;
  Instant extendable_until;
};
// The new expires_at is max(current, min(wanted, extendable_until)): never sooner than promised.
struct Extend {
  BuyerId buyer;
  Instant wanted;
};
struct Release {
  BuyerId buyer;
};
// HELD by that buyer, not lapsed -> PINNED. PINNED to the same order: no change. A seat that nobody
// holds: reservation_expired if it was this buyer's hold that lapsed, else reservation_conflict.
struct Pin {
  BuyerId buyer;
  OrderId order;
  Instant deadline;
};
// PINNED to that order -> HELD again with its old expires_at (AVAILABLE if that has passed).
struct Unpin {
  OrderId order;
};
// PINNED to that order -> SOLD. SOLD to the same order: no change. Anything else: the seat has
// moved on, reservation_expired.
struct Sell {
  OrderId order;
};
// PINNED or SOLD to that order -> AVAILABLE (payment failed, refund). Anything else: no change, the
// order has nothing here any more.
struct GiveBack {
  OrderId order;
};
// HELD by that buyer, not lapsed -> SOLD at once, without payment: box-office staff.
struct Confirm {
  BuyerId buyer;
  OrderId order;
};
// A hold past expires_at or a pin past its deadline -> AVAILABLE; else no change.
struct Lapse {};
struct Block {};  // AVAILABLE -> BLOCKED; BLOCKED: no change; else reservation_conflict / seat_sold
struct Unblock {};  // BLOCKED -> AVAILABLE; AVAILABLE: no change

using Command =
    std::variant<Hold, Extend, Release, Pin, Unpin, Sell, GiveBack, Confirm, Lapse, Block, Unblock>;

struct Change {
  State next;
};
struct NoChange {};  // already so: success, nothing is written, no version is taken
struct Refusal {
  Code code;
};
using Decision = std::variant<Change, NoChange, Refusal>;

Decision decide(const State& state, const Command& command, Instant now);

}  // namespace onsale::seat
