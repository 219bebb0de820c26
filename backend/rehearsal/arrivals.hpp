// When each buyer comes. The whole schedule is drawn before the first request, so a slow office
// cannot slow the crowd down (open loop), and the same seed gives the same crowd.
#pragma once

#include <cstdint>
#include <vector>

#include "rehearsal/options.hpp"

namespace onsale::rehearsal {

// Nanoseconds after the start, ascending, `buyers` of them. Density over the arrival time D:
//   constant  the same all along
//   step      1 until D/3, then 10 × as dense until 2D/3, then 1 again (the doors open)
//   ramp      growing linearly from 0
std::vector<std::int64_t> arrival_times(const Arrival& arrival, std::uint32_t buyers,
                                        std::uint64_t seed);

}  // namespace onsale::rehearsal
