// LedgerProof: what a seat ledger that may lose its memory (Redis) is rebuilt from. The order store
// serves it, because only there a sale is proved.
//
// Contract: begin_epoch() durably raises the event's epoch and answers the new one; it waits for
// every place() that was let in under an earlier epoch, and from then on such a place() is refused
// with pin_outdated. So claims_of(), asked afterwards, misses no order that pinned its seats in an
// earlier epoch. Epochs of an event only grow, whoever asks. Thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "runtime/task.hpp"

namespace onsale {

class LedgerProof {
 public:
  virtual ~LedgerProof() = default;
  // `at_least`: the highest epoch seen elsewhere (an old ledger's); the answer is greater.
  virtual Task<Result<std::uint32_t>> begin_epoch(EventId event, std::uint32_t at_least) = 0;
  // Every live claim on the event's seats.
  virtual Task<Result<std::vector<SeatClaim>>> claims_of(EventId event) = 0;
};

}  // namespace onsale
