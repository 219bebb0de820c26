// Works out once what an offer is asked for again and again.
#include "services/catalog/offer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.hpp"

namespace onsale::catalog {

Offer::Offer(Event event, Hall hall) : event_(std::move(event)), hall_(std::move(hall)) {
  places_.resize(event_.numbering.count);
  price_min_ = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t s = 0; s < hall_.sections.size(); ++s) {
    const Section& section = hall_.sections[s];
    for (std::uint32_t r = 0; r < section.rows.size(); ++r) {
      const HallRow& row = section.rows[r];
      std::uint32_t column = 0;
      for (const HallSeat& seat : row.seats) {
        check(seat.index < places_.size() && !places_[seat.index].on_plan,
              "two seats of a hall have one index, or one beyond the event's numbering");
        const std::int64_t price = hall_.tiers[seat.tier].price.amount;
        places_[seat.index] = {.row = rows_,
                               .column = column++,
                               .price = price,
                               .section = s,
                               .section_row = r,
                               .on_plan = true};
        price_min_ = std::min(price_min_, price);
        price_max_ = std::max(price_max_, price);
      }
      columns_ = std::max(columns_, column);
      ++rows_;
    }
  }
  if (price_min_ > price_max_) price_min_ = price_max_;  // no seats
  std::uint32_t retired = 0;
  for (SeatPlace& place : places_) {
    if (place.on_plan) continue;
    place.row = rows_;
    place.column = retired++;
  }
}

SaleState Offer::sale_state(Instant now) const {
  if (now >= event_.closes_at.value_or(event_.starts_at)) return SaleState::closed;
  return now < event_.on_sale_at ? SaleState::announced : SaleState::on_sale;
}

}  // namespace onsale::catalog
