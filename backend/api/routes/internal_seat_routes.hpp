// The seat ledger over HTTP, for the roles that have none of their own: one call a verb of
// ports/seat_ledger.hpp. On the internal listener only. A refusal is the house's error body with the
// seats in the way; adapters/peers reads it back.
//
// Deadline-Ms tells how long the caller still waits: 0 is refused (422), since nobody would hear
// the answer.
#pragma once

#include "api/call.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

class InternalSeatRoutes {
 public:
  InternalSeatRoutes(SeatLedger& ledger, SeatLedgerAdmin& admin) : ledger_(ledger), admin_(admin) {}

  Task<void> hold(Call call) const;
  Task<void> extend(Call call) const;
  Task<void> release(Call call) const;
  Task<void> holds(Call call) const;
  Task<void> pin(Call call) const;
  Task<void> settle(Call call) const;
  Task<void> confirm(Call call) const;
  Task<void> reset(Call call) const;  // the seats alone; orders are the caller's

 private:
  SeatLedger& ledger_;
  SeatLedgerAdmin& admin_;
};

// The milliseconds the caller still waits, of Deadline-Ms; nullopt without a (readable) one.
std::optional<Milliseconds> deadline_of(const http::Request& request);

}  // namespace onsale::api
