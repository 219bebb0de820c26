// Events 1 and 2 with seats 1..100 at 50,000 KRW each, on sale unless the test says otherwise.
#pragma once

#include "ports/catalogue.hpp"

namespace onsale {

class PlainCatalogue final : public Catalogue {
 public:
  catalog::SaleState state = catalog::SaleState::on_sale;

  [[nodiscard]] Result<catalog::SaleState> sale_state(EventId event, Instant) const override {
    if (!known(event)) return Code::event_not_found;
    return state;
  }
  [[nodiscard]] Result<Quote> quote(EventId event, const SeatIds& seats) const override {
    if (!known(event)) return Code::event_not_found;
    for (const SeatId seat : seats) {
      if (seat.value < 1 || seat.value > 100) return Code::seat_not_found;
    }
    return Quote{Money{50'000 * static_cast<std::int64_t>(seats.size())}, "KRW"};
  }
  [[nodiscard]] SeatLabel label(EventId, SeatId) const override { return {}; }

 private:
  static bool known(EventId event) { return event.value == 1 || event.value == 2; }
};

}  // namespace onsale
