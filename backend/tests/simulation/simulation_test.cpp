// The simulated office keeps its promises, and a run can be had again from its seed.
//   ONSALE_SIM_STEPS=10000000 ONSALE_SIM_SEED=7 simulation --gtest_filter=Simulation.KeepsItsPromises
// ONSALE_SIM_SEAT=5 beside them tells the story of seat 5; ONSALE_SIM_BUG=3 plants the third bug of planted.hpp.
#include "tests/simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

namespace onsale::simulation {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::stoull(text);
}

constexpr std::uint64_t kStepsOfOneRun = 100'000;

TEST(Simulation, KeepsItsPromises) {
  const std::uint64_t steps = number_from("ONSALE_SIM_STEPS", 200'000);
  const std::uint64_t first_seed = number_from("ONSALE_SIM_SEED", 20261122);
  const auto started = std::chrono::steady_clock::now();
  std::uint64_t done = 0;
  for (std::uint64_t seed = first_seed; done < steps; ++seed) {
    const RunReport report = run({.seed = seed,
                                  .steps = std::min(kStepsOfOneRun, steps - done),
                                  .bug = static_cast<PlantedBug>(number_from("ONSALE_SIM_BUG", 0)),
                                  .watched = SeatId{number_from("ONSALE_SIM_SEAT", 0)}});
    done += report.steps;
    std::cout << describe(report) << "\n";
    ASSERT_TRUE(report.violations.empty()) << describe(report);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  std::cout << done << " steps in " << seconds << " s, "
            << static_cast<std::uint64_t>(static_cast<double>(done) / seconds) << " a second\n";
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  const RunReport first = run({.seed = 20261122, .steps = 20'000});
  const RunReport second = run({.seed = 20261122, .steps = 20'000});
  const RunReport other = run({.seed = 20261123, .steps = 20'000});
  EXPECT_EQ(first.trace, second.trace);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_NE(first.trace, other.trace);
}

TEST(Simulation, DoesWhatItIsFor) {
  // A run in which nothing happens proves nothing.
  const RunReport report = run({.seed = 4, .steps = 60'000});
  const Counters& c = report.counters;
  EXPECT_TRUE(report.violations.empty()) << describe(report);
  EXPECT_GT(c.holds, 500U);
  EXPECT_GT(c.refusals, 100U);
  EXPECT_GT(c.orders, 100U);
  EXPECT_GT(c.replays, 10U);
  EXPECT_GT(c.confirmed, 30U);
  EXPECT_GT(c.cancelled, 30U);
  EXPECT_GT(c.crashes, 5U);
  EXPECT_GT(c.holds_kept, 0U);
  EXPECT_GT(c.calms, 1U);
}

}  // namespace
}  // namespace onsale::simulation
