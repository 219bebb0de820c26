// Reservation: the use cases around a hold. The rules of one seat are the domain's, atomicity is the
// ledger's; what is left here is the office's policy: how long a hold may be, whether the event is on
// sale, how many seats a buyer may have. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "ports/catalogue.hpp"
#include "ports/clock.hpp"
#include "ports/seat_ledger.hpp"

namespace onsale {

struct HoldPolicy {
  Seconds seconds_min{5};
  Seconds seconds_max{900};
  Seconds seconds_default{120};
  Seconds life_max{900};  // a hold's whole life, over all extends
  std::uint32_t seats_per_buyer_max = 8;
};

class ReservationService {
 public:
  ReservationService(SeatLedger& ledger, const Catalogue& catalogue, const Clock& clock,
                     HoldPolicy policy)
      : ledger_(ledger), catalogue_(catalogue), clock_(clock), policy_(policy) {}

  // The seconds really granted for a wish, inside seconds_min..seconds_max (any number is a wish).
  [[nodiscard]] Seconds clamp(std::optional<std::int64_t> wanted_seconds) const;

  // All seats or none. Refusals: event_not_found, seat_not_found, not_on_sale, then the ledger's.
  Task<LedgerAnswer<HoldGranted>> hold(EventId event, SeatIds seats, BuyerId buyer,
                                       Seconds granted_seconds);
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer, Seconds by);
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer);
  Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer);

 private:
  SeatLedger& ledger_;
  const Catalogue& catalogue_;
  const Clock& clock_;
  HoldPolicy policy_;
};

}  // namespace onsale
