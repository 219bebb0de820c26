// What ports/seat_ledger.hpp promises a buyer: hold, extend, release, limits, expiry; a case each.
#include "tests/conformance/seat_ledger_conformance.hpp"

#include <gtest/gtest.h>

#include <variant>

namespace onsale::conformance {

void Office::open(std::uint32_t count, std::vector<SeatId> blocked, EventId event) {
  const Status opened =
      run_task(under_.admin.open_event(event, {.first = 1, .stride = 3, .count = count}, blocked));
  ASSERT_TRUE(opened) << opened.error().detail;
}
LedgerAnswer<HoldGranted> Office::hold(std::uint64_t who, SeatIds which, Milliseconds wanted,
                                       std::uint32_t limit, EventId event) {
  const HoldRequest request{event, which, buyer(who), wanted, kLifeMax, limit};
  return run_task(under_.ledger.hold(request));
}
LedgerAnswer<Instant> Office::extend(std::uint64_t who, std::uint64_t seat, Milliseconds by) {
  return run_task(under_.ledger.extend(kEvent, SeatId{seat}, buyer(who), by));
}
LedgerAnswer<Unit> Office::release(std::uint64_t who, std::uint64_t seat) {
  return run_task(under_.ledger.release(kEvent, SeatId{seat}, buyer(who)));
}
LedgerAnswer<PinGranted> Office::pin(std::uint64_t who, SeatIds which, std::uint64_t for_order,
                                     Milliseconds deadline) {
  return run_task(under_.ledger.pin(kEvent, which, buyer(who), order(for_order),
                                    under_.clock.now() + deadline));
}
LedgerAnswer<Version> Office::settle(SeatIds which, std::uint64_t for_order,
                                     Settlement settlement) {
  return run_task(under_.ledger.settle(kEvent, which, order(for_order), settlement));
}
LedgerAnswer<Version> Office::confirm(std::uint64_t who, std::uint64_t seat,
                                      std::uint64_t for_order) {
  return run_task(under_.ledger.confirm(kEvent, SeatId{seat}, buyer(who), order(for_order)));
}
BuyerHolds Office::holds_of(std::uint64_t who) {
  return run_task(under_.ledger.holds_of(kEvent, buyer(who))).value();
}
SeatCounts Office::counts() { return run_task(under_.admin.counts(kEvent)).value(); }
seat::State Office::state(std::uint64_t seat) {
  const std::vector<SeatRecord> records = run_task(under_.admin.records(kEvent)).value();
  for (const SeatRecord& record : records) {
    if (record.seat == SeatId{seat}) return record.state;
  }
  ADD_FAILURE() << "no seat " << seat;
  return {};
}
FeedBatch Office::read(Version after, std::size_t max) {
  return run_task(under_.feed.read(kEvent, after, max)).value();
}
void Office::pass(Milliseconds time) {
  under_.clock.advance(time);
  under_.sweep();
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void hold_gives_a_free_seat_until_it_lapses(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Instant now = office.clock().now();
  const auto held = office.hold(1, seats({1}), seconds(60));
  ASSERT_TRUE(held.granted());
  EXPECT_EQ(held.value().expires_at, now + seconds(60));
  EXPECT_EQ(office.state(1),
            (seat::State{seat::Held{buyer(1), now + seconds(60), now + kLifeMax}}));
  EXPECT_EQ(office.counts().held, 1U);
  EXPECT_EQ(office.counts().available, 99U);
}

void hold_of_an_unknown_event_or_seat_is_not_found(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  expect_refused(office.hold(1, seats({1}), seconds(60), 8, EventId{424242}),
                 Code::event_not_found);
  expect_refused(office.hold(1, seats({999'999})), Code::seat_not_found);
  expect_refused(office.hold(1, seats({2})), Code::seat_not_found);  // another event's number
  expect_refused(office.hold(1, seats({0})), Code::seat_not_found);
  expect_refused(office.hold(1, seats({301})), Code::seat_not_found);
  ASSERT_TRUE(office.hold(1, seats({298})).granted());
  expect_refused(office.extend(1, 2, seconds(1)), Code::seat_not_found);
  expect_refused(office.release(1, 2), Code::seat_not_found);
  expect_refused(office.pin(1, seats({2}), 1), Code::seat_not_found);
  expect_refused(office.settle(seats({2}), 1, Settlement::sell), Code::seat_not_found);
  expect_refused(office.confirm(1, 2, 1), Code::seat_not_found);
  EXPECT_EQ(office.counts().held, 1U);
}

void not_found_comes_before_any_other_refusal(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1})).granted());
  expect_refused(office.hold(2, seats({1, 2})), Code::seat_not_found);
  expect_refused(office.hold(2, seats({1, 1, 2})), Code::seat_not_found);
}

void a_call_without_seats_or_with_one_twice_is_invalid(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  expect_refused(office.hold(1, seats({})), Code::validation_failed);
  expect_refused(office.hold(1, seats({1, 4, 1})), Code::validation_failed);
  EXPECT_EQ(office.counts().held, 0U);
}

void hold_refuses_what_another_holds_and_names_it(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({4, 7})).granted());
  expect_refused(office.hold(2, seats({1, 4, 7})), Code::reservation_conflict,
                 {{SeatId{4}, kHeld}, {SeatId{7}, kHeld}});
}

void hold_is_all_or_nothing(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({7})).granted());
  const Version before = office.version();
  ASSERT_FALSE(office.hold(2, seats({1, 4, 7})).granted());
  EXPECT_EQ(office.version(), before);
  EXPECT_EQ(office.state(1), seat::State{seat::Available{}});
  EXPECT_EQ(office.state(4), seat::State{seat::Available{}});
}

void several_seats_take_consecutive_versions_in_the_calls_order(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Version before = office.version();
  const auto held = office.hold(1, seats({7, 1, 4}));
  ASSERT_TRUE(held.granted());
  EXPECT_EQ(held.value().version.value, before.value + 3);
  const FeedBatch batch = office.read(before);
  ASSERT_EQ(batch.changes.size(), 3U);
  EXPECT_EQ(batch.changes[0], (SeatChange{Version{before.value + 1}, 2, kHeld}));
  EXPECT_EQ(batch.changes[1], (SeatChange{Version{before.value + 2}, 0, kHeld}));
  EXPECT_EQ(batch.changes[2], (SeatChange{Version{before.value + 3}, 1, kHeld}));
}

void holding_again_changes_nothing_and_tells_the_same_end(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const auto first = office.hold(1, seats({1}), seconds(60));
  ASSERT_TRUE(first.granted());
  office.clock().advance(seconds(10));
  const auto again = office.hold(1, seats({1}), seconds(60));
  ASSERT_TRUE(again.granted());
  EXPECT_EQ(again.value().expires_at, first.value().expires_at);
  EXPECT_EQ(again.value().version, first.value().version);
}

void holding_more_keeps_the_first_end_and_tells_the_soonest(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const auto first = office.hold(1, seats({1}), seconds(60));
  ASSERT_TRUE(first.granted());
  office.clock().advance(seconds(10));
  const auto more = office.hold(1, seats({4, 1}), seconds(60));
  ASSERT_TRUE(more.granted());
  EXPECT_EQ(more.value().expires_at, first.value().expires_at);
  EXPECT_EQ(more.value().version, first.value().version.next());
}

void the_gravest_refusal_names_the_call(LedgerUnderTest& under) {
  Office office(under);
  office.open(100, {SeatId{10}});
  ASSERT_TRUE(office.hold(1, seats({4})).granted());
  ASSERT_TRUE(office.hold(1, seats({7})).granted());
  ASSERT_TRUE(office.confirm(1, 7, 1).granted());
  expect_refused(office.hold(2, seats({4, 10, 7})), Code::seat_sold,
                 {{SeatId{4}, kHeld}, {SeatId{10}, kBlocked}, {SeatId{7}, kSold}});
  expect_refused(office.hold(2, seats({4, 10})), Code::reservation_conflict,
                 {{SeatId{4}, kHeld}, {SeatId{10}, kBlocked}});
  // 1: never held by buyer 2; 4: another's; 10: blocked; 7: sold
  expect_refused(office.pin(2, seats({1}), 5), Code::reservation_conflict,
                 {{SeatId{1}, kAvailable}});
  expect_refused(office.pin(2, seats({1, 4}), 5), Code::reservation_conflict,
                 {{SeatId{1}, kAvailable}, {SeatId{4}, kHeld}});
  expect_refused(office.pin(2, seats({1, 4, 10}), 5), Code::reservation_conflict,
                 {{SeatId{1}, kAvailable}, {SeatId{4}, kHeld}, {SeatId{10}, kBlocked}});
  expect_refused(
      office.pin(2, seats({1, 4, 10, 7}), 5), Code::seat_sold,
      {{SeatId{1}, kAvailable}, {SeatId{4}, kHeld}, {SeatId{10}, kBlocked}, {SeatId{7}, kSold}});
}

void a_buyers_limit_counts_holds_pins_and_sold_seats(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4, 7}), seconds(60), 4).granted());
  ASSERT_TRUE(office.pin(1, seats({4}), 1).granted());
  ASSERT_TRUE(office.confirm(1, 7, 2).granted());
  expect_refused(office.hold(1, seats({10, 13}), seconds(60), 4), Code::limit_exceeded);
  ASSERT_TRUE(office.hold(1, seats({10}), seconds(60), 4).granted());
  expect_refused(office.hold(1, seats({13}), seconds(60), 4), Code::limit_exceeded);
  EXPECT_TRUE(office.hold(2, seats({13}), seconds(60), 4).granted());
}

void a_limit_is_not_reached_by_holding_the_same_again(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4}), seconds(60), 2).granted());
  EXPECT_TRUE(office.hold(1, seats({1, 4}), seconds(60), 2).granted());
  EXPECT_TRUE(office.hold(1, seats({4, 1}), seconds(60), 1).granted());
  expect_refused(office.hold(1, seats({1, 4, 7}), seconds(60), 2), Code::limit_exceeded);
}

void a_refusal_of_a_seat_comes_before_the_limit(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1})).granted());
  expect_refused(office.hold(2, seats({1, 4}), seconds(60), 1), Code::reservation_conflict,
                 {{SeatId{1}, kHeld}});
}

void lapsed_holds_do_not_count_for_the_limit(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4}), seconds(5), 2).granted());
  office.clock().advance(seconds(5));
  EXPECT_TRUE(office.hold(1, seats({7, 10}), seconds(60), 2).granted());
}

void a_hold_is_not_taken_before_its_end(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  office.pass(milliseconds(4999));
  expect_refused(office.hold(2, seats({1})), Code::reservation_conflict, {{SeatId{1}, kHeld}});
  EXPECT_EQ(office.counts().held, 1U);
}

void a_lapsed_hold_is_free_for_anyone_at_once(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  office.clock().advance(seconds(5));
  const auto taken = office.hold(2, seats({1}), seconds(60));
  ASSERT_TRUE(taken.granted());
  EXPECT_EQ(std::get<seat::Held>(office.state(1)).buyer, buyer(2));
  EXPECT_TRUE(office.holds_of(1).holds.empty());
  EXPECT_EQ(office.holds_of(2).holds.size(), 1U);
  office.pass(seconds(59));  // nor does what is left of the old hold end the new one
  EXPECT_EQ(office.counts().held, 1U);
}

void a_lapse_is_told_in_the_feed_within_a_second(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4}), seconds(5)).granted());
  const Version held = office.version();
  office.pass(seconds(6));
  const FeedBatch batch = office.read(held);
  ASSERT_EQ(batch.changes.size(), 2U);
  EXPECT_EQ(batch.changes[0].status, kAvailable);
  EXPECT_EQ(batch.changes[1].status, kAvailable);
  EXPECT_EQ(office.counts().available, 100U);
  office.pass(seconds(6));
  EXPECT_EQ(office.version(), batch.version);  // once
}

void extend_reaches_no_further_than_the_holds_whole_life(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Instant start = office.clock().now();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(60)).granted());
  office.clock().advance(seconds(30));
  const auto later = office.extend(1, 1, seconds(60));
  ASSERT_TRUE(later.granted());
  EXPECT_EQ(later.value(), start + seconds(90));
  const auto capped = office.extend(1, 1, seconds(100'000));
  ASSERT_TRUE(capped.granted());
  EXPECT_EQ(capped.value(), start + kLifeMax);
  const auto sooner = office.extend(1, 1, seconds(1));
  ASSERT_TRUE(sooner.granted());
  EXPECT_EQ(sooner.value(), start + kLifeMax);  // never sooner than promised
}

void an_extended_hold_lives_on(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  office.clock().advance(seconds(4));
  ASSERT_TRUE(office.extend(1, 1, seconds(5)).granted());
  office.pass(seconds(4));
  EXPECT_EQ(office.counts().held, 1U);
  office.pass(seconds(2));
  EXPECT_EQ(office.counts().held, 0U);
}

void extend_is_the_owners_alone_and_only_while_it_lives(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  expect_refused(office.extend(2, 1, seconds(60)), Code::hold_not_owned, {{SeatId{1}, kHeld}});
  expect_refused(office.extend(1, 4, seconds(60)), Code::reservation_expired,
                 {{SeatId{4}, kAvailable}});
  office.clock().advance(seconds(5));
  expect_refused(office.extend(1, 1, seconds(60)), Code::reservation_expired,
                 {{SeatId{1}, kAvailable}});
}

void release_is_the_owners_alone(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1})).granted());
  expect_refused(office.release(2, 1), Code::hold_not_owned, {{SeatId{1}, kHeld}});
  EXPECT_EQ(office.counts().held, 1U);
  ASSERT_TRUE(office.release(1, 1).granted());
  EXPECT_EQ(office.state(1), seat::State{seat::Available{}});
}

void releasing_what_nobody_holds_succeeds_and_changes_nothing(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Version before = office.version();
  EXPECT_TRUE(office.release(1, 1).granted());
  EXPECT_EQ(office.version(), before);
}

void a_pinned_or_sold_seat_is_not_released(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1})).granted());
  ASSERT_TRUE(office.pin(1, seats({1}), 1).granted());
  expect_refused(office.release(1, 1), Code::reservation_conflict, {{SeatId{1}, kHeld}});
  ASSERT_TRUE(office.settle(seats({1}), 1, Settlement::sell).granted());
  expect_refused(office.release(1, 1), Code::seat_sold, {{SeatId{1}, kSold}});
}

void holds_of_lists_live_holds_and_pins_by_seat(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  const Instant now = office.clock().now();
  ASSERT_TRUE(office.hold(1, seats({10, 4}), seconds(60)).granted());
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  ASSERT_TRUE(office.hold(1, seats({13}), seconds(60)).granted());
  ASSERT_TRUE(office.hold(2, seats({16}), seconds(60)).granted());
  ASSERT_TRUE(office.pin(1, seats({10}), 1).granted());
  ASSERT_TRUE(office.confirm(1, 13, 2).granted());
  office.clock().advance(seconds(5));
  const BuyerHolds mine = office.holds_of(1);
  const std::vector<LiveHold> expected{{SeatId{4}, now + seconds(60), now + kLifeMax, false},
                                       {SeatId{10}, now + seconds(60), now + kLifeMax, true}};
  EXPECT_EQ(mine.holds, expected);
  EXPECT_EQ(mine.version, office.version());
  EXPECT_FALSE(run_task(under.ledger.holds_of(EventId{424242}, buyer(1))));
}

constexpr Case kCases[] = {
    {"HoldGivesAFreeSeatUntilItLapses", hold_gives_a_free_seat_until_it_lapses},
    {"HoldOfAnUnknownEventOrSeatIsNotFound", hold_of_an_unknown_event_or_seat_is_not_found},
    {"NotFoundComesBeforeAnyOtherRefusal", not_found_comes_before_any_other_refusal},
    {"ACallWithoutSeatsOrWithOneTwiceIsInvalid", a_call_without_seats_or_with_one_twice_is_invalid},
    {"HoldRefusesWhatAnotherHoldsAndNamesIt", hold_refuses_what_another_holds_and_names_it},
    {"HoldIsAllOrNothing", hold_is_all_or_nothing},
    {"SeveralSeatsTakeConsecutiveVersionsInTheCallsOrder",
     several_seats_take_consecutive_versions_in_the_calls_order},
    {"HoldingAgainChangesNothingAndTellsTheSameEnd",
     holding_again_changes_nothing_and_tells_the_same_end},
    {"HoldingMoreKeepsTheFirstEndAndTellsTheSoonest",
     holding_more_keeps_the_first_end_and_tells_the_soonest},
    {"TheGravestRefusalNamesTheCall", the_gravest_refusal_names_the_call},
    {"ABuyersLimitCountsHoldsPinsAndSoldSeats", a_buyers_limit_counts_holds_pins_and_sold_seats},
    {"ALimitIsNotReachedByHoldingTheSameAgain", a_limit_is_not_reached_by_holding_the_same_again},
    {"ARefusalOfASeatComesBeforeTheLimit", a_refusal_of_a_seat_comes_before_the_limit},
    {"LapsedHoldsDoNotCountForTheLimit", lapsed_holds_do_not_count_for_the_limit},
    {"AHoldIsNotTakenBeforeItsEnd", a_hold_is_not_taken_before_its_end},
    {"ALapsedHoldIsFreeForAnyoneAtOnce", a_lapsed_hold_is_free_for_anyone_at_once},
    {"ALapseIsToldInTheFeedWithinASecond", a_lapse_is_told_in_the_feed_within_a_second},
    {"ExtendReachesNoFurtherThanTheHoldsWholeLife",
     extend_reaches_no_further_than_the_holds_whole_life},
    {"AnExtendedHoldLivesOn", an_extended_hold_lives_on},
    {"ExtendIsTheOwnersAloneAndOnlyWhileItLives",
     extend_is_the_owners_alone_and_only_while_it_lives},
    {"ReleaseIsTheOwnersAlone", release_is_the_owners_alone},
    {"ReleasingWhatNobodyHoldsSucceedsAndChangesNothing",
     releasing_what_nobody_holds_succeeds_and_changes_nothing},
    {"APinnedOrSoldSeatIsNotReleased", a_pinned_or_sold_seat_is_not_released},
    {"HoldsOfListsLiveHoldsAndPinsBySeat", holds_of_lists_live_holds_and_pins_by_seat},
};

}  // namespace

std::span<const Case> seat_ledger_cases() { return kCases; }

}  // namespace onsale::conformance
