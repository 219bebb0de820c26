// The ledger's office work for a thread that may wait: what an import or a tool does in a straight
// line, over a ledger that answers later. Each call runs on the loop to its end.
#pragma once

#include <utility>
#include <vector>

#include "app/run_on.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale::app {

class WaitingLedgerAdmin final : public SeatLedgerAdmin {
 public:
  WaitingLedgerAdmin(Scheduler& loop, SeatLedgerAdmin& ledger) : loop_(loop), ledger_(ledger) {}

  Task<Status> open_event(EventId event, SeatNumbering numbering,
                          std::vector<SeatId> blocked) override {
    return run_on(loop_, [&] { return ledger_.open_event(event, numbering, blocked); });
  }
  Task<Status> restore(std::vector<SeatClaim> claims, Instant pin_deadline) override {
    return run_on(loop_, [&] { return ledger_.restore(claims, pin_deadline); });
  }
  Task<Status> reset(EventId event) override {
    return run_on(loop_, [&] { return ledger_.reset(event); });
  }
  Task<LedgerAnswer<Version>> set_blocked(EventId event, SeatIds seats, bool blocked) override {
    return run_on(loop_, [&] { return ledger_.set_blocked(event, seats, blocked); });
  }
  Task<Result<SeatCounts>> counts(EventId event) override {
    return run_on(loop_, [&] { return ledger_.counts(event); });
  }
  Task<Result<std::vector<SeatRecord>>> records(EventId event) override {
    return run_on(loop_, [&] { return ledger_.records(event); });
  }

 private:
  Scheduler& loop_;
  SeatLedgerAdmin& ledger_;
};

}  // namespace onsale::app
