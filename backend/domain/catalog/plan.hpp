// What may be done to a hall before it is sold: prices put on its tiers, its seats numbered, a
// changed plan merged into one that is already on sale. Pure functions over plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/catalog/hall.hpp"
#include "domain/seat/seat.hpp"

namespace onsale::catalog {

// The most seats a hall may have.
inline constexpr std::size_t kHallSeatsMax = 200'000;
// No coordinate of a plan is further from its origin than this.
inline constexpr double kHallCoordinateMax = 1e7;
// A tier that nobody has priced yet. Never on sale: apply_prices() refuses it.
inline constexpr Money kUnpriced{-1};
inline constexpr std::int64_t kPriceMax = 1'000'000'000'000;

// Coordinates are kept to a thousandth of the plan's unit, so that a plan written and read again
// is the same plan.
double hall_coordinate(double value);

std::size_t seat_count(const Hall& hall);
// Gives the seats the indices 0, 1, 2, … in the order of sections, rows and seats.
void number_seats(Hall& hall);

struct TierPrice {
  std::string tier;
  Money price;
  friend bool operator==(const TierPrice&, const TierPrice&) = default;
};
// Puts prices on tiers by name. Refused (validation_failed, the detail lists the tiers) when a name
// is no tier of the hall, or when a tier that has seats is left without a price and there is no
// `otherwise`. Prices the plan itself brought stand unless named.
Result<Hall> apply_prices(Hall hall, const std::vector<TierPrice>& prices,
                          std::optional<Money> otherwise);

struct Merge {
  Event event;                         // the old one with its numbering grown
  Hall hall;                           // the new plan; kept seats have their old index
  std::vector<std::uint32_t> added;    // indices
  std::vector<std::uint32_t> retired;  // indices no longer in the plan: to be blocked
  std::size_t kept = 0;
  std::size_t repriced = 0;  // kept seats whose price changed; matters to unsold ones only
};
// A changed plan for an event that is on sale. A seat with the same guid keeps its index, so it
// keeps its id, its holds and its owner; new seats are appended. A seat that is gone from the new
// plan must be AVAILABLE or BLOCKED by `statuses` (by index): otherwise the merge is refused
// (reservation_conflict; the detail names the first such seats) and nothing changes.
Result<Merge> merge(const Event& event, const Hall& old_hall, Hall new_hall,
                    std::span<const seat::WireStatus> statuses);

// Indices of the event that no seat of the hall has: retired seats, to be kept BLOCKED.
std::vector<std::uint32_t> retired_indices(const SeatNumbering& numbering, const Hall& hall);

}  // namespace onsale::catalog
