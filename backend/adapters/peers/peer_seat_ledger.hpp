// PeerSeatLedger and PeerLedgerAdmin: the seat ledger as a role without Redis sees it, by asking the
// reservation role over HTTP. Every verb of the ledger may be repeated, so an answer that never came
// is asked for again within the deadline; then it is `unavailable`, as the port says.
// Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <functional>

#include "adapters/peers/peer_client.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale {

struct PeerLedgerPolicy {
  Milliseconds deadline{3000};      // of one verb, tries included
  Milliseconds try_deadline{1200};  // of one try: a node that hangs leaves time for another
  // The trace that a question about an order belongs to; nil, or none told: a new one each time.
  std::function<TraceId(OrderId)> trace_of;
};

class PeerSeatLedger final : public SeatLedger {
 public:
  explicit PeerSeatLedger(PeerClient& reservation, PeerLedgerPolicy policy = {})
      : reservation_(reservation), policy_(policy) {}

  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override;
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                     Milliseconds by) override;
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override;
  Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer) override;
  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override;
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override;
  Task<LedgerAnswer<Version>> confirm(EventId event, SeatId seat, BuyerId buyer,
                                      OrderId order) override;

 private:
  Task<http::ClientAnswer> ask(std::string_view path, std::string body, OrderId order = {});

  PeerClient& reservation_;
  const PeerLedgerPolicy policy_;
};

// Of an admin's work only reset() is asked of a peer; the rest belongs to the roles that have the
// ledger at hand and answers `unavailable` here.
class PeerLedgerAdmin final : public SeatLedgerAdmin {
 public:
  explicit PeerLedgerAdmin(PeerClient& reservation) : reservation_(reservation) {}

  Task<Status> open_event(EventId event, SeatNumbering numbering,
                          std::vector<SeatId> blocked) override;
  Task<Status> restore(std::vector<SeatClaim> claims, Instant pin_deadline) override;
  // Asked once: a reset that came through after the sale went on would free what was sold since.
  Task<Status> reset(EventId event) override;
  Task<LedgerAnswer<Version>> set_blocked(EventId event, SeatIds seats, bool blocked) override;
  Task<Result<SeatCounts>> counts(EventId event) override;
  Task<Result<std::vector<SeatRecord>>> records(EventId event) override;

 private:
  PeerClient& reservation_;
};

}  // namespace onsale
