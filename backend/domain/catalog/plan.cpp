// Prices, numbering and merging of halls. The rule of a merge: a seat is its guid; who owns it never
// depends on where it is drawn.
#include "domain/catalog/plan.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

namespace onsale::catalog {
namespace {

constexpr std::size_t kNamedMax = 10;  // tiers, seats in a refusal's text

template <typename Visit>
void for_each_seat(const Hall& hall, Visit visit) {
  for (const Section& section : hall.sections) {
    for (const HallRow& row : section.rows) {
      for (const HallSeat& seat : row.seats) visit(section, row, seat);
    }
  }
}

std::string tier_names(const Hall& hall) {
  std::string names;
  for (const Tier& tier : hall.tiers) {
    if (!names.empty()) names += ", ";
    names += "'" + tier.name + "'";
  }
  return names.empty() ? "none" : names;
}

std::string_view why_kept(seat::WireStatus status) {
  switch (status) {
    case seat::WireStatus::held:
      return "held";
    case seat::WireStatus::sold:
      return "sold";
    case seat::WireStatus::available:
    case seat::WireStatus::blocked:
      break;
  }
  return "";
}

}  // namespace

double hall_coordinate(double value) {
  const double kept = std::round(value * 1000.0) / 1000.0;
  return kept == 0 ? 0.0 : kept;  // no negative zero
}

std::size_t seat_count(const Hall& hall) {
  std::size_t count = 0;
  for (const Section& section : hall.sections) {
    for (const HallRow& row : section.rows) count += row.seats.size();
  }
  return count;
}

void number_seats(Hall& hall) {
  std::uint32_t next = 0;
  for (Section& section : hall.sections) {
    for (HallRow& row : section.rows) {
      for (HallSeat& seat : row.seats) seat.index = next++;
    }
  }
}

Result<Hall> apply_prices(Hall hall, const std::vector<TierPrice>& prices,
                          std::optional<Money> otherwise) {
  for (const TierPrice& wanted : prices) {
    bool found = false;
    for (Tier& tier : hall.tiers) {
      if (tier.name != wanted.tier) continue;
      tier.price = wanted.price;
      found = true;
    }
    if (!found) {
      return Failure{Code::validation_failed, "no tier is called '" + wanted.tier +
                                                  "'; the hall's tiers are " + tier_names(hall)};
    }
  }
  std::vector<bool> used(hall.tiers.size(), false);
  for_each_seat(
      hall, [&](const Section&, const HallRow&, const HallSeat& seat) { used[seat.tier] = true; });
  std::string missing;
  for (std::size_t i = 0; i < hall.tiers.size(); ++i) {
    Tier& tier = hall.tiers[i];
    if (tier.price != kUnpriced) continue;
    if (otherwise) {
      tier.price = *otherwise;
    } else if (used[i]) {
      missing += (missing.empty() ? "'" : ", '") + tier.name + "'";
    } else {
      tier.price = Money{0};
    }
  }
  if (!missing.empty()) {
    return Failure{Code::validation_failed,
                   "no price for " + missing + "; the hall's tiers are " + tier_names(hall)};
  }
  return hall;
}

Result<Merge> merge(const Event& event, const Hall& old_hall, Hall new_hall,
                    std::span<const seat::WireStatus> statuses) {
  struct Known {
    std::uint32_t index = 0;
    Money price;
    bool kept = false;
  };
  std::unordered_map<std::string_view, Known> known;
  for_each_seat(old_hall, [&](const Section&, const HallRow&, const HallSeat& seat) {
    known.emplace(seat.guid, Known{seat.index, old_hall.tiers[seat.tier].price});
  });

  Merge merged;
  merged.event = event;
  std::uint32_t next = event.numbering.count;
  for (Section& section : new_hall.sections) {
    for (HallRow& row : section.rows) {
      for (HallSeat& seat : row.seats) {
        const auto found = known.find(seat.guid);
        if (found == known.end()) {
          seat.index = next++;
          merged.added.push_back(seat.index);
          continue;
        }
        seat.index = found->second.index;
        found->second.kept = true;
        ++merged.kept;
        if (found->second.price != new_hall.tiers[seat.tier].price) ++merged.repriced;
      }
    }
  }
  if (next > kHallSeatsMax) {
    return Failure{Code::validation_failed,
                   "with its retired seats the event would have more than " +
                       std::to_string(kHallSeatsMax) + " seats"};
  }

  std::size_t in_the_way = 0;
  std::string named;
  for_each_seat(old_hall, [&](const Section& section, const HallRow& row, const HallSeat& seat) {
    if (known.at(seat.guid).kept) return;
    const auto status =
        seat.index < statuses.size() ? statuses[seat.index] : seat::WireStatus::available;
    const std::string_view why = why_kept(status);
    if (why.empty()) {
      merged.retired.push_back(seat.index);
      return;
    }
    if (++in_the_way > kNamedMax) return;
    named += (named.empty() ? "" : "; ") + section.name + " row " + row.name + " seat " +
             seat.number + " (" + seat.guid + ") is " + std::string(why);
  });
  if (in_the_way > 0) {
    if (in_the_way > kNamedMax) {
      named += "; and " + std::to_string(in_the_way - kNamedMax) + " more";
    }
    return Failure{Code::reservation_conflict,
                   "the new plan has no place for seats that are taken: " + named};
  }
  std::sort(merged.retired.begin(), merged.retired.end());
  merged.event.numbering.count = next;
  merged.hall = std::move(new_hall);
  return merged;
}

std::vector<std::uint32_t> retired_indices(const SeatNumbering& numbering, const Hall& hall) {
  std::vector<bool> on_plan(numbering.count, false);
  for_each_seat(hall, [&](const Section&, const HallRow&, const HallSeat& seat) {
    if (seat.index < numbering.count) on_plan[seat.index] = true;
  });
  std::vector<std::uint32_t> retired;
  for (std::uint32_t i = 0; i < numbering.count; ++i) {
    if (!on_plan[i]) retired.push_back(i);
  }
  return retired;
}

}  // namespace onsale::catalog
