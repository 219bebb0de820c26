// The use cases of a hold; see the header. None of these is a coroutine: the ledger's answer is
// passed on as it comes, so a hold costs no frame here.
#include "services/reservation/reservation_service.hpp"

#include <algorithm>

namespace onsale {

Seconds ReservationService::clamp(std::optional<std::int64_t> wanted_seconds) const {
  if (!wanted_seconds) return policy_.seconds_default;
  return std::clamp(Seconds{*wanted_seconds}, policy_.seconds_min, policy_.seconds_max);
}

Task<LedgerAnswer<HoldGranted>> ReservationService::hold(EventId event, SeatIds seats,
                                                         BuyerId buyer, Seconds granted_seconds) {
  const auto sale = catalogue_.sale_state(event, clock_.now());
  if (!sale) return LedgerAnswer<HoldGranted>{sale.code()};
  if (*sale != catalog::SaleState::on_sale) {
    const auto quote = catalogue_.quote(event, seats);  // a seat that is none is told first
    return LedgerAnswer<HoldGranted>{quote ? Code::not_on_sale : quote.code()};
  }
  return ledger_.hold({.event = event,
                       .seats = seats,
                       .buyer = buyer,
                       .wanted = granted_seconds,
                       .life_max = policy_.life_max,
                       .seats_per_buyer_max = policy_.seats_per_buyer_max});
}

Task<LedgerAnswer<Instant>> ReservationService::extend(EventId event, SeatId seat, BuyerId buyer,
                                                       Seconds by) {
  // Anything longer than a hold's whole life is the same wish; this also keeps the sum in range.
  return ledger_.extend(event, seat, buyer, std::min(by, policy_.life_max));
}

Task<LedgerAnswer<Unit>> ReservationService::release(EventId event, SeatId seat, BuyerId buyer) {
  return ledger_.release(event, seat, buyer);
}

Task<Result<BuyerHolds>> ReservationService::holds_of(EventId event, BuyerId buyer) {
  return ledger_.holds_of(event, buyer);
}

}  // namespace onsale
