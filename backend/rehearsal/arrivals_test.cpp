// The crowd's curve is what it says, and the same for the same seed.
#include "rehearsal/arrivals.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace onsale::rehearsal {
namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t count_between(const std::vector<std::int64_t>& times, double from, double to) {
  return std::count_if(times.begin(), times.end(), [&](std::int64_t time) {
    return time >= static_cast<std::int64_t>(from * second) &&
           time < static_cast<std::int64_t>(to * second);
  });
}

TEST(Arrivals, ConstantIsEven) {
  const Arrival arrival{.seconds = 10, .scattered = false};
  const auto times = arrival_times(arrival, 1'000, 1);
  EXPECT_EQ(count_between(times, 0, 1), 100);
  EXPECT_EQ(count_between(times, 9, 10), 100);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
}

TEST(Arrivals, RateSetsTheTime) {
  const Arrival arrival{.seconds = 99, .rate_per_second = 100, .scattered = false};
  const auto times = arrival_times(arrival, 1'000, 1);
  EXPECT_LT(times.back(), 10 * second);
  EXPECT_GT(times.back(), 9 * second);
}

TEST(Arrivals, StepIsTenTimesAsDenseInTheMiddleThird) {
  const Arrival arrival{.curve = Curve::step, .seconds = 30, .scattered = false};
  const auto times = arrival_times(arrival, 12'000, 1);
  EXPECT_NEAR(count_between(times, 0, 10), 1'000, 1);
  EXPECT_NEAR(count_between(times, 10, 20), 10'000, 1);
  EXPECT_NEAR(count_between(times, 20, 30), 1'000, 1);
}

TEST(Arrivals, RampGrowsLinearly) {
  const Arrival arrival{.curve = Curve::ramp, .seconds = 10, .scattered = false};
  const auto times = arrival_times(arrival, 10'000, 1);
  EXPECT_NEAR(count_between(times, 0, 5), 2'500, 2);
  EXPECT_NEAR(count_between(times, 9, 10), 1'900, 2);
}

TEST(Arrivals, SameSeedSameCrowd) {
  const Arrival arrival{};
  EXPECT_EQ(arrival_times(arrival, 500, 42), arrival_times(arrival, 500, 42));
  EXPECT_NE(arrival_times(arrival, 500, 42), arrival_times(arrival, 500, 43));
}

}  // namespace
}  // namespace onsale::rehearsal
