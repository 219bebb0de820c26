// Every planted bug is caught, and by the invariant that stands against it: a proof that has never
// failed proves nothing.
#include "tests/simulation/planted.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/simulation/simulation.hpp"

namespace onsale::simulation {
namespace {

struct Case {
  PlantedBug bug;
  std::vector<std::string> caught_by;  // what the first violation may begin with
};

class Planted : public testing::TestWithParam<Case> {};

TEST_P(Planted, IsCaught) {
  const Case& planted = GetParam();
  // One crash more or less decides whether some of them show; a few seeds are as many chances.
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const RunReport report = run({.seed = seed, .steps = 60'000, .bug = planted.bug});
    if (report.violations.empty()) continue;
    const std::string& first = report.violations.front();
    bool expected = false;
    for (const std::string& invariant : planted.caught_by) {
      expected = expected || first.find(": " + invariant) != std::string::npos;
    }
    EXPECT_TRUE(expected) << "caught, but by something else: " << describe(report);
    RecordProperty("caught", first);
    std::cout << name_of(planted.bug) << ": seed " << seed << ", step " << report.steps << ", "
              << first << "\n";
    return;
  }
  FAIL() << name_of(planted.bug) << " was not caught in eight runs";
}

const std::vector<Case> kCases = {
    {PlantedBug::check_and_hold_in_two_calls, {"I8", "I6"}},
    {PlantedBug::hold_dropped_before_the_sale, {"I6", "I4", "I2", "I8"}},
    {PlantedBug::release_without_owner, {"I7"}},
    {PlantedBug::extend_without_owner, {"I7"}},
    {PlantedBug::order_without_a_live_hold, {"I7"}},
    {PlantedBug::payment_accepted_after_expiry, {"I2", "I6", "I4"}},
    {PlantedBug::sent_before_acknowledged, {"I9"}},
    {PlantedBug::consumer_that_swallows, {"I9"}},
    {PlantedBug::id_greater_than_last, {"I9"}},
    {PlantedBug::no_message_key, {"I9"}},
    {PlantedBug::stream_ids_from_the_clock, {"I10"}},
    {PlantedBug::map_read_under_another_key, {"I10"}},
    {PlantedBug::expiry_that_tells_nobody, {"I8"}},
    {PlantedBug::new_attempt_for_each_try, {"I2"}},
    {PlantedBug::captured_before_sold, {"I2"}},
    {PlantedBug::confirmed_without_capture, {"I2"}},
    {PlantedBug::answer_not_stored, {"I5", "I3"}},
    {PlantedBug::restart_without_the_orders, {"I4", "I8"}},
    {PlantedBug::journal_never_flushed, {"I8"}},
    {PlantedBug::seat_limit_outside_the_step, {"a buyer has more seats"}},
};

INSTANTIATE_TEST_SUITE_P(Traps, Planted, testing::ValuesIn(kCases),
                         [](const auto& about) { return std::string{name_of(about.param.bug)}; });

}  // namespace
}  // namespace onsale::simulation
