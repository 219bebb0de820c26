// A hall as a pretix seating plan (JSON): read with every fault named by its path, written so that
// reading it again gives the same hall.
//
// Positions nest (zone + row + seat); the hall's are absolute. Unknown keys are tolerated. Two keys
// that pretix does not know are read and written: a seat's `wheelchair`, a category's `price`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::codec {

struct HallFileLimits {
  std::size_t bytes_max = 64U * 1024 * 1024;
  std::size_t seats_max = catalog::kHallSeatsMax;
  std::size_t areas_max = 20'000;
  std::size_t depth_max = 32;
  std::size_t text_bytes_max = 512;  // a name, a number, a guid
  std::size_t faults_named_max = 10;
};

// malformed_request: not JSON, or too large. validation_failed: JSON, but not a plan; the detail
// has one line a fault, `/zones/3/rows/0/seats/12/seat_guid: duplicate of /zones/…`. Seats are
// numbered in order; a tier without a price in the plan is kUnpriced.
Result<catalog::Hall> read_hall_json(std::string_view bytes, const HallFileLimits& limits = {});
std::string write_hall_json(const catalog::Hall& hall);

}  // namespace onsale::codec
