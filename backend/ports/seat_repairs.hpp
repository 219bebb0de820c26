// SeatRepairs: setting single seats right in a ledger that several nodes share while it is in use. For
// the reconciler alone: it alone has looked twice and asked the orders in between.
//
// Contract: look() tells seats as they are, AVAILABLE ones too, each true at some moment of the call;
// a part of the event at a time, so that nobody waits for the whole. correct() makes a seat `right`
// only if it still is what was `seen`, with a feed entry, whatever the seat's rules say; it tells how
// many are right afterwards. Both: event_not_found, unavailable. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct SeatCorrection {
  SeatId seat;
  seat::State seen;
  seat::State right;
};

class SeatRepairs {
 public:
  virtual ~SeatRepairs() = default;
  // At most `max` seats, from the seat of that index on; none past the last.
  virtual Task<Result<std::vector<SeatRecord>>> look(EventId event, std::uint32_t from,
                                                     std::uint32_t max) = 0;
  virtual Task<Result<std::size_t>> correct(EventId event,
                                            std::vector<SeatCorrection> corrections) = 0;
};

}  // namespace onsale
