// Prices, numbering and re-imports of halls.
#include "domain/catalog/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/plain_hall.hpp"

namespace onsale::catalog {
namespace {

using seat::WireStatus;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<WireStatus> all_available(const Event& event) {
  return std::vector<WireStatus>(event.numbering.count, WireStatus::available);
}

TEST(ApplyPrices, PutsThePriceOnTheTierNamed) {
  const auto priced = apply_prices(plain_hall(2, 2), {{"Back", Money{1}}}, std::nullopt);
  ASSERT_TRUE(priced);
  EXPECT_EQ(priced->tiers[0].price, Money{50'000});
  EXPECT_EQ(priced->tiers[1].price, Money{1});
}

TEST(ApplyPrices, RefusesANameThatIsNoTierAndListsThem) {
  const auto priced = apply_prices(plain_hall(2, 2), {{"Bakc", Money{1}}}, std::nullopt);
  ASSERT_FALSE(priced);
  EXPECT_EQ(priced.code(), Code::validation_failed);
  EXPECT_THAT(priced.error().detail, HasSubstr("'Bakc'"));
  EXPECT_THAT(priced.error().detail, HasSubstr("'Front', 'Back'"));
}

TEST(ApplyPrices, RefusesATierLeftWithoutAPriceAndListsThem) {
  Hall hall = plain_hall(2, 2);
  hall.tiers[1].price = kUnpriced;
  const auto priced = apply_prices(hall, {{"Front", Money{5}}}, std::nullopt);
  ASSERT_FALSE(priced);
  EXPECT_THAT(priced.error().detail, HasSubstr("no price for 'Back'"));
}

TEST(ApplyPrices, TakesTheDefaultForTiersWithoutOne) {
  Hall hall = plain_hall(2, 2);
  hall.tiers[1].price = kUnpriced;
  const auto priced = apply_prices(hall, {}, Money{7});
  ASSERT_TRUE(priced);
  EXPECT_EQ(priced->tiers[0].price, Money{50'000});
  EXPECT_EQ(priced->tiers[1].price, Money{7});
}

TEST(ApplyPrices, ATierWithoutSeatsNeedsNoPrice) {
  Hall hall = plain_hall(2, 2);
  hall.tiers.push_back({"Nobody", "#000000", kUnpriced});
  EXPECT_TRUE(apply_prices(hall, {}, std::nullopt));
}

TEST(Merge, KeepsTheIndexOfASeatWhoseGuidStays) {
  const Hall before = plain_hall(2, 3);
  const Event event = plain_event(before);
  Hall after = before;
  std::reverse(after.sections[0].rows.begin(), after.sections[0].rows.end());
  number_seats(after);
  const auto merged = merge(event, before, after, all_available(event));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->kept, 6U);
  EXPECT_EQ(merged->event.numbering, event.numbering);
  EXPECT_EQ(merged->hall.sections[0].rows[0].seats[0].guid, "2-1");
  EXPECT_EQ(merged->hall.sections[0].rows[0].seats[0].index, 3U);
}

TEST(Merge, AppendsNewSeatsAfterEveryIndexEverUsed) {
  const Hall before = plain_hall(2, 2);
  Event event = plain_event(before);
  event.numbering.count = 9;  // five seats were retired before
  Hall after = before;
  after.sections[0].rows[0].seats.insert(after.sections[0].rows[0].seats.begin(),
                                         HallSeat{.guid = "new", .number = "0"});
  const auto merged = merge(event, before, after, all_available(event));
  ASSERT_TRUE(merged);
  EXPECT_THAT(merged->added, ElementsAre(9U));
  EXPECT_EQ(merged->event.numbering.count, 10U);
  EXPECT_EQ(merged->hall.sections[0].rows[0].seats[0].index, 9U);
  EXPECT_THAT(retired_indices(merged->event.numbering, merged->hall), ElementsAre(4, 5, 6, 7, 8));
}

TEST(Merge, RetiresASeatThatIsGoneAndFree) {
  const Hall before = plain_hall(2, 2);
  const Event event = plain_event(before);
  Hall after = before;
  after.sections[0].rows[1].seats.erase(after.sections[0].rows[1].seats.begin());
  std::vector<WireStatus> statuses = all_available(event);
  statuses[0] = WireStatus::sold;  // stays in the plan
  const auto merged = merge(event, before, after, statuses);
  ASSERT_TRUE(merged);
  EXPECT_THAT(merged->retired, ElementsAre(2U));
  EXPECT_EQ(merged->event.numbering.count, 4U);
}

TEST(Merge, RefusesToRemoveSeatsThatAreSoldOrHeldAndNamesThem) {
  const Hall before = plain_hall(2, 2);
  const Event event = plain_event(before);
  Hall after = before;
  after.sections[0].rows.pop_back();
  std::vector<WireStatus> statuses = all_available(event);
  statuses[2] = WireStatus::sold;
  statuses[3] = WireStatus::held;
  const auto merged = merge(event, before, after, statuses);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.code(), Code::reservation_conflict);
  EXPECT_THAT(merged.error().detail, HasSubstr("Floor row 2 seat 1 (2-1) is sold"));
  EXPECT_THAT(merged.error().detail, HasSubstr("Floor row 2 seat 2 (2-2) is held"));
}

TEST(Merge, CountsSeatsThatCostSomethingElse) {
  const Hall before = plain_hall(2, 2);
  const Event event = plain_event(before);
  Hall after = before;
  after.tiers[1].price = Money{1};
  const auto merged = merge(event, before, after, all_available(event));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->repriced, 2U);
}

TEST(HallCoordinate, IsTheSameAfterAWalkThroughRelativePositions) {
  for (const double zone : {0.0, 0.1, -1234.567, 9'999'999.999}) {
    for (const double seat : {0.001, 35.3, -0.0004, 1e6 / 3}) {
      const double absolute = hall_coordinate(zone + seat);
      const double relative = hall_coordinate(absolute - hall_coordinate(zone));
      EXPECT_EQ(hall_coordinate(hall_coordinate(zone) + relative), absolute) << zone << seat;
    }
  }
}

}  // namespace
}  // namespace onsale::catalog
