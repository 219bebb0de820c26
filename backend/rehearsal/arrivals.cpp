// Inverse transform sampling: positions in 0..1, even or random, pushed through the inverse of the
// curve's cumulative density.
#include "rehearsal/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace onsale::rehearsal {

namespace {

constexpr double step_factor = 10;

// The share of the arrival time after which `position` of the crowd has come.
double time_share(Curve curve, double position) {
  switch (curve) {
    case Curve::constant:
      return position;
    case Curve::step: {
      const double whole = 1 + step_factor + 1;
      const double weight = position * whole;
      if (weight < 1) return weight / 3;
      if (weight < 1 + step_factor) return (1 + (weight - 1) / step_factor) / 3;
      return (2 + (weight - 1 - step_factor)) / 3;
    }
    case Curve::ramp:
      return std::sqrt(position);
  }
  return position;
}

}  // namespace

std::vector<std::int64_t> arrival_times(const Arrival& arrival, std::uint32_t buyers,
                                        std::uint64_t seed) {
  const double seconds =
      arrival.rate_per_second > 0 ? buyers / arrival.rate_per_second : arrival.seconds;
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> anywhere(0, 1);
  std::vector<double> positions(buyers);
  for (std::uint32_t i = 0; i < buyers; ++i) {
    positions[i] = arrival.scattered ? anywhere(random) : (i + 0.5) / buyers;
  }
  std::sort(positions.begin(), positions.end());
  std::vector<std::int64_t> times(buyers);
  for (std::uint32_t i = 0; i < buyers; ++i) {
    times[i] = static_cast<std::int64_t>(time_share(arrival.curve, positions[i]) * seconds * 1e9);
  }
  return times;
}

}  // namespace onsale::rehearsal
