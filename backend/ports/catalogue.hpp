// Catalogue: what the order and reservation services ask of the catalogue: is this event on sale,
// is this a seat of it, what does it cost. Answered from memory; thread-safe.
#pragma once

#include <string>

#include "base/result.hpp"
#include "domain/catalog/hall.hpp"
#include "domain/seat/seat.hpp"

namespace onsale {

struct Quote {
  Money total;
  std::string currency;
};

class Catalogue {
 public:
  virtual ~Catalogue() = default;
  // event_not_found; or announced / on_sale / closed at `now`.
  [[nodiscard]] virtual Result<catalog::SaleState> sale_state(EventId event, Instant now) const = 0;
  // event_not_found, seat_not_found.
  [[nodiscard]] virtual Result<Quote> quote(EventId event, const SeatIds& seats) const = 0;
  // Section, row and seat as printed; empty strings if unknown.
  struct SeatLabel {
    std::string section, row, seat;
  };
  [[nodiscard]] virtual SeatLabel label(EventId event, SeatId seat) const = 0;
};

}  // namespace onsale
