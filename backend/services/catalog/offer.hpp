// An event on offer: the event, its hall, and what is asked of them a thousand times a second,
// worked out once. Immutable: a re-import makes a new Offer. Safe to read from any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "domain/catalog/hall.hpp"

namespace onsale::catalog {

// Where a seat stands, by its index in the numbering. `row` counts the rows of the whole hall from
// 0, in the order of sections; `column` the seats of that row from 0. A retired seat (no longer in
// the plan) stands at row = Offer::rows(), beyond the last row, with price 0.
struct SeatPlace {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::int64_t price = 0;
  std::uint32_t section = 0;      // index into hall().sections
  std::uint32_t section_row = 0;  // index into its rows
  bool on_plan = false;
};

class Offer {
 public:
  // `hall`'s seat indices are unique and below event.numbering.count (a bug otherwise).
  Offer(Event event, Hall hall);

  [[nodiscard]] const Event& event() const { return event_; }
  [[nodiscard]] const Hall& hall() const { return hall_; }
  [[nodiscard]] std::uint32_t rows() const { return rows_; }
  [[nodiscard]] std::uint32_t columns() const { return columns_; }  // of the longest row
  [[nodiscard]] std::uint32_t seat_count() const { return event_.numbering.count; }
  [[nodiscard]] const std::vector<SeatPlace>& places() const { return places_; }
  [[nodiscard]] std::int64_t price_min() const { return price_min_; }
  [[nodiscard]] std::int64_t price_max() const { return price_max_; }

  [[nodiscard]] SaleState sale_state(Instant now) const;

 private:
  Event event_;
  Hall hall_;
  std::uint32_t rows_ = 0;
  std::uint32_t columns_ = 0;
  std::int64_t price_min_ = 0;
  std::int64_t price_max_ = 0;
  std::vector<SeatPlace> places_;
};

}  // namespace onsale::catalog
