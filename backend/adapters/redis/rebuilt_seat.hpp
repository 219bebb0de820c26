// What becomes of one seat when a ledger's memory is set right by the proof. Pure.
#pragma once

#include "domain/seat/seat.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale::redis {

// `claim`: nullptr if no order claims the seat. Claimed: SOLD, or PINNED until `pin_deadline` (a pin
// of the same order keeps the hold it came from). Not claimed: a sale is undone; a pin had no order
// yet and is the hold again that it was, if that still lives; all else stays.
seat::State rebuilt(const seat::State& state, const SeatClaim* claim, Instant now,
                    Instant pin_deadline);

}  // namespace onsale::redis
