// The promises of ports/seat_feed.hpp, one case each.
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "tests/conformance/seat_ledger_conformance.hpp"

namespace onsale::conformance {
namespace {

using std::chrono::seconds;

void versions_grow_by_one_and_each_change_is_read_once(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Version start = office.version();
  for (std::uint64_t n = 0; n < 10; ++n) {
    ASSERT_TRUE(office.hold(n, seats({3 * n + 1})).granted());
    ASSERT_TRUE(office.release(n, 3 * n + 1).granted());
  }
  Version at = start;
  std::vector<SeatChange> seen;
  for (int reads = 0; reads < 10; ++reads) {
    const FeedBatch batch = office.read(at, 3);
    EXPECT_FALSE(batch.too_old);
    EXPECT_LE(batch.changes.size(), 3U);
    seen.insert(seen.end(), batch.changes.begin(), batch.changes.end());
    if (!batch.changes.empty()) at = batch.changes.back().version;
  }
  ASSERT_EQ(seen.size(), 20U);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].version.value, start.value + 1 + i);
    EXPECT_EQ(seen[i].seat_index, i / 2);
    EXPECT_EQ(seen[i].status, i % 2 == 0 ? seat::WireStatus::held : seat::WireStatus::available);
  }
  EXPECT_TRUE(office.read(at).changes.empty());
  EXPECT_EQ(office.read(at).version, at);
}

void what_the_feed_has_forgotten_is_too_old(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Version start = office.version();
  Version last = start;
  for (int n = 0; n < 2000; ++n) {  // more than any adapter under test keeps
    last = office.hold(1, seats({1})).value().version;
    office.release(1, 1);
  }
  EXPECT_TRUE(office.read(start).too_old);
  EXPECT_TRUE(office.read(start).changes.empty());
  EXPECT_EQ(office.read(last).changes.size(), 1U);
}

void a_version_of_the_future_is_too_old(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  EXPECT_TRUE(office.read(office.version().next()).too_old);
  const Version next_epoch = Version::of(office.version().epoch() + 1, 0);
  EXPECT_TRUE(office.read(next_epoch).too_old);
}

void a_snapshot_is_the_changes_up_to_its_version(LedgerUnderTest& under) {
  Office office(under);
  office.open(5, {SeatId{13}});
  ASSERT_TRUE(office.hold(1, seats({1, 4, 7}), seconds(5)).granted());
  ASSERT_TRUE(office.pin(1, seats({4}), 1).granted());
  ASSERT_TRUE(office.confirm(1, 7, 2).granted());
  const SeatSnapshot cut = run_task(under.feed.snapshot(kEvent)).value();
  using enum seat::WireStatus;
  EXPECT_EQ(cut.statuses, (std::vector<seat::WireStatus>{held, held, sold, available, blocked}));
  EXPECT_EQ(cut.version, office.version());
  EXPECT_TRUE(office.read(cut.version).changes.empty());
}

void a_view_built_from_the_feed_equals_the_snapshot(LedgerUnderTest& under) {
  Office office(under);
  office.open(50);
  SeatSnapshot view = run_task(under.feed.snapshot(kEvent)).value();
  for (std::uint64_t n = 0; n < 200; ++n) {
    const std::uint64_t seat = 1 + 3 * (n * 7 % 50);
    const SeatIds ids = seats({seat});
    if (office.hold(n % 5, ids, seconds(2 + n % 9)).granted() && n % 3 == 0) {
      if (office.pin(n % 5, ids, n, seconds(3)).granted() && n % 2 == 0) {
        office.settle(ids, n, Settlement::sell);
      }
    }
    office.pass(std::chrono::milliseconds{300});
  }
  const FeedBatch batch = office.read(view.version, 100'000);
  ASSERT_FALSE(batch.too_old);
  for (const SeatChange& change : batch.changes) view.statuses[change.seat_index] = change.status;
  EXPECT_EQ(view.statuses, run_task(under.feed.snapshot(kEvent)).value().statuses);
}

void an_unknown_event_has_no_feed(LedgerUnderTest& under) {
  const auto read = run_task(under.feed.read(EventId{424242}, Version{}, 10));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.code(), Code::event_not_found);
  EXPECT_FALSE(run_task(under.feed.snapshot(EventId{424242})));
}

void the_reader_is_woken_after_the_last_change(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  std::atomic<int> wakes{0};
  under.feed.on_change([&wakes](EventId event) {
    if (event == kEvent) ++wakes;
  });
  Version seen = office.read(office.version()).version;
  const auto catch_up = [&] {
    const FeedBatch batch = office.read(seen);
    seen = batch.version;
    return batch.changes.size();
  };
  for (int round = 0; round < 3; ++round) {
    wakes = 0;
    ASSERT_TRUE(office.hold(1, seats({1, 4}), seconds(5)).granted());
    EXPECT_GE(wakes, 1);
    EXPECT_EQ(catch_up(), 2U);
    wakes = 0;
    ASSERT_TRUE(office.release(1, 1).granted());
    EXPECT_GE(wakes, 1);
    EXPECT_EQ(catch_up(), 1U);
    wakes = 0;
    office.pass(seconds(6));
    EXPECT_GE(wakes, 1);
    EXPECT_EQ(catch_up(), 1U);
  }
  wakes = 0;
  office.hold(2, seats({2}));
  EXPECT_EQ(wakes, 0);
  under.feed.on_change(nullptr);
}

constexpr Case kCases[] = {
    {"VersionsGrowByOneAndEachChangeIsReadOnce", versions_grow_by_one_and_each_change_is_read_once},
    {"WhatTheFeedHasForgottenIsTooOld", what_the_feed_has_forgotten_is_too_old},
    {"AVersionOfTheFutureIsTooOld", a_version_of_the_future_is_too_old},
    {"ASnapshotIsTheChangesUpToItsVersion", a_snapshot_is_the_changes_up_to_its_version},
    {"AViewBuiltFromTheFeedEqualsTheSnapshot", a_view_built_from_the_feed_equals_the_snapshot},
    {"AnUnknownEventHasNoFeed", an_unknown_event_has_no_feed},
    {"TheReaderIsWokenAfterTheLastChange", the_reader_is_woken_after_the_last_change},
};

}  // namespace

std::span<const Case> seat_feed_cases() { return kCases; }

}  // namespace onsale::conformance
