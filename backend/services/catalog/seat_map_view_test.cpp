// The view follows the feed, and tells what it does not know.
#include "services/catalog/seat_map_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run_task.hpp"
#include "tests/support/scripted_feed.hpp"

namespace onsale::catalog {
namespace {

using seat::WireStatus;
using testing::ElementsAre;

constexpr EventId kEvent{1};

TEST(SeatMapView, ShowsAChangeThatWasMadeBeforeTheRefresh) {
  ScriptedFeed feed(4);
  SeatMapView view(kEvent, 4, feed);
  ASSERT_TRUE(run_task(view.refresh()));
  const Version version = feed.change(2, WireStatus::held);
  ASSERT_TRUE(run_task(view.refresh()));
  EXPECT_EQ(view.version(), version);
  EXPECT_EQ(view.snapshot().statuses[2], WireStatus::held);
  EXPECT_EQ(view.counts().available(), 3U);
}

TEST(SeatMapView, TellsEveryChangeSinceAVersionOnceInOrder) {
  ScriptedFeed feed(4);
  SeatMapView view(kEvent, 4, feed);
  ASSERT_TRUE(run_task(view.refresh()));
  const Version a = feed.change(1, WireStatus::held);
  const Version b = feed.change(1, WireStatus::available);
  const Version c = feed.change(3, WireStatus::sold);
  ASSERT_TRUE(run_task(view.refresh()));
  EXPECT_THAT(view.since(a).changes, ElementsAre(SeatChange{b, 1, WireStatus::available},
                                                 SeatChange{c, 3, WireStatus::sold}));
  EXPECT_TRUE(view.since(c).changes.empty());
  EXPECT_FALSE(view.since(c).too_old);
}

TEST(SeatMapView, ReadsALongFeedInSeveralBatches) {
  ScriptedFeed feed(4);
  SeatMapView view(kEvent, 4, feed, {.history_changes_max = 64, .feed_batch_max = 7});
  ASSERT_TRUE(run_task(view.refresh()));
  for (int i = 0; i < 50; ++i)
    feed.change(0, i % 2 == 0 ? WireStatus::held : WireStatus::available);
  const Version last = feed.change(0, WireStatus::sold);
  ASSERT_TRUE(run_task(view.refresh()));
  EXPECT_EQ(view.version(), last);
}

TEST(SeatMapView, SaysTooOldWhenTheRingHasMovedOn) {
  ScriptedFeed feed(4);
  SeatMapView view(kEvent, 4, feed, {.history_changes_max = 8});
  ASSERT_TRUE(run_task(view.refresh()));
  const Version begin = view.version();
  for (int i = 0; i < 9; ++i) feed.change(0, i % 2 == 0 ? WireStatus::held : WireStatus::available);
  ASSERT_TRUE(run_task(view.refresh()));
  EXPECT_TRUE(view.since(begin).too_old);
  EXPECT_FALSE(view.since(begin.next()).too_old);
  EXPECT_EQ(view.since(begin.next()).changes.size(), 8U);
}

TEST(SeatMapView, AVersionOfTheFutureIsTooOld) {
  ScriptedFeed feed(4);
  SeatMapView view(kEvent, 4, feed);
  ASSERT_TRUE(run_task(view.refresh()));
  EXPECT_TRUE(view.since(view.version().next()).too_old);
}

TEST(SeatMapView, TakesASnapshotWhenTheFeedRestartedInANewEpoch) {
  ScriptedFeed feed(4);
  SeatMapView view(kEvent, 4, feed);
  feed.change(0, WireStatus::held);
  ASSERT_TRUE(run_task(view.refresh()));
  const Version before = view.version();
  feed.new_epoch();
  const Version after = feed.change(1, WireStatus::sold);
  ASSERT_TRUE(run_task(view.refresh()));
  EXPECT_EQ(view.version(), after);
  EXPECT_THAT(view.snapshot().statuses, ElementsAre(WireStatus::held, WireStatus::sold,
                                                    WireStatus::available, WireStatus::available));
  EXPECT_TRUE(view.since(before).too_old);
}

TEST(SeatMapView, StaysAsItWasWhenTheFeedIsAway) {
  ScriptedFeed feed(2);
  SeatMapView view(kEvent, 2, feed);
  ASSERT_TRUE(run_task(view.refresh()));
  feed.change(0, WireStatus::held);
  feed.fail(true);
  EXPECT_EQ(run_task(view.refresh()).code(), Code::unavailable);
  EXPECT_EQ(view.counts().available(), 2U);
}

TEST(SeatMapView, CountsAlwaysAddUpToTheSeats) {
  ScriptedFeed feed(3);
  SeatMapView view(kEvent, 3, feed);
  ASSERT_TRUE(run_task(view.refresh()));
  for (std::uint32_t i = 0; i < 200; ++i) {
    feed.change(i % 3, static_cast<WireStatus>(i * 7 % 4));
    ASSERT_TRUE(run_task(view.refresh()));
    const auto counts = view.counts().of_status;
    EXPECT_EQ(counts[0] + counts[1] + counts[2] + counts[3], 3U);
  }
  view.grow(5);
  const auto counts = view.counts().of_status;
  EXPECT_EQ(counts[0] + counts[1] + counts[2] + counts[3], 5U);
}

}  // namespace
}  // namespace onsale::catalog
