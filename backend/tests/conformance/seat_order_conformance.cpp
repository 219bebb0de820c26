// What ports/seat_ledger.hpp promises an order (pin, settle, confirm), and ports/seat_ledger_admin.hpp
// the office; a case each.
#include <gtest/gtest.h>

#include <variant>
#include <vector>

#include "tests/conformance/seat_ledger_conformance.hpp"

namespace onsale::conformance {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

void an_order_pins_only_what_its_buyer_holds(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4}), seconds(5)).granted());
  ASSERT_TRUE(office.hold(2, seats({7})).granted());
  expect_refused(office.pin(1, seats({1, 7}), 1), Code::hold_not_owned, {{SeatId{7}, kHeld}});
  expect_refused(office.pin(1, seats({1, 10}), 1), Code::reservation_conflict,
                 {{SeatId{10}, kAvailable}});
  EXPECT_EQ(office.counts().pinned, 0U);
  ASSERT_TRUE(office.pin(1, seats({1}), 1).granted());
  office.clock().advance(seconds(5));
  expect_refused(office.pin(1, seats({4}), 2), Code::reservation_expired,
                 {{SeatId{4}, kAvailable}});
}

void pinning_again_changes_nothing_and_another_order_gets_nothing(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1})).granted());
  const auto first = office.pin(1, seats({1}), 1);
  ASSERT_TRUE(first.granted());
  const auto again = office.pin(1, seats({1}), 1);
  ASSERT_TRUE(again.granted());
  EXPECT_EQ(again.value().version, first.value().version);
  expect_refused(office.pin(1, seats({1}), 2), Code::reservation_conflict, {{SeatId{1}, kHeld}});
  expect_refused(office.pin(2, seats({1}), 3), Code::hold_not_owned, {{SeatId{1}, kHeld}});
  expect_refused(office.hold(2, seats({1})), Code::reservation_conflict, {{SeatId{1}, kHeld}});
}

void a_pinned_seat_outlives_its_hold_until_the_deadline(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  ASSERT_TRUE(office.pin(1, seats({1}), 1, seconds(30)).granted());
  office.pass(seconds(29));
  EXPECT_EQ(office.counts().pinned, 1U);
  expect_refused(office.hold(2, seats({1})), Code::reservation_conflict, {{SeatId{1}, kHeld}});
  office.pass(seconds(2));
  EXPECT_EQ(office.counts().available, 100U);
}

void unpin_gives_the_hold_back_as_it_was(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(60)).granted());
  const seat::State held = office.state(1);
  ASSERT_TRUE(office.pin(1, seats({1}), 1, seconds(600)).granted());
  ASSERT_TRUE(office.settle(seats({1}), 1, Settlement::unpin).granted());
  EXPECT_EQ(office.state(1), held);
  ASSERT_TRUE(office.pin(1, seats({1}), 2, seconds(600)).granted());
  office.pass(seconds(60));
  ASSERT_TRUE(office.settle(seats({1}), 2, Settlement::unpin).granted());
  EXPECT_EQ(office.state(1), seat::State{seat::Available{}});  // its time had passed meanwhile
}

void sell_makes_a_pinned_seat_sold_and_repeats_safely(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4})).granted());
  ASSERT_TRUE(office.pin(1, seats({1, 4}), 1).granted());
  const auto sold = office.settle(seats({1, 4}), 1, Settlement::sell);
  ASSERT_TRUE(sold.granted());
  EXPECT_EQ(office.state(1), (seat::State{seat::Sold{buyer(1), order(1)}}));
  EXPECT_EQ(office.counts().sold, 2U);
  const auto again = office.settle(seats({1, 4}), 1, Settlement::sell);
  ASSERT_TRUE(again.granted());
  EXPECT_EQ(again.value(), sold.value());
  expect_refused(office.hold(2, seats({1})), Code::seat_sold, {{SeatId{1}, kSold}});
  expect_refused(office.hold(1, seats({1})), Code::seat_sold, {{SeatId{1}, kSold}});
}

void sell_is_refused_once_the_seat_has_moved_on(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4})).granted());
  expect_refused(office.settle(seats({1}), 1, Settlement::sell), Code::reservation_expired,
                 {{SeatId{1}, kHeld}});
  ASSERT_TRUE(office.pin(1, seats({1, 4}), 1, seconds(5)).granted());
  expect_refused(office.settle(seats({1}), 2, Settlement::sell), Code::reservation_expired,
                 {{SeatId{1}, kHeld}});
  office.clock().advance(seconds(5));
  expect_refused(office.settle(seats({1}), 1, Settlement::sell), Code::reservation_expired,
                 {{SeatId{1}, kAvailable}});
  ASSERT_TRUE(office.hold(2, seats({1})).granted());
  expect_refused(office.settle(seats({4, 1}), 1, Settlement::sell), Code::reservation_expired,
                 {{SeatId{4}, kAvailable}, {SeatId{1}, kHeld}});
  EXPECT_EQ(office.counts().sold, 0U);
}

void a_late_order_touches_nothing_that_is_not_its_own(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  ASSERT_TRUE(office.pin(1, seats({1}), 1, seconds(5)).granted());
  office.clock().advance(seconds(5));
  ASSERT_TRUE(office.hold(2, seats({1})).granted());
  ASSERT_TRUE(office.pin(2, seats({1}), 2).granted());
  const Version before = office.version();
  EXPECT_TRUE(office.settle(seats({1}), 1, Settlement::unpin).granted());
  EXPECT_TRUE(office.settle(seats({1}), 1, Settlement::give_back).granted());
  EXPECT_EQ(office.version(), before);
  EXPECT_EQ(std::get<seat::Pinned>(office.state(1)).order, order(2));
  ASSERT_TRUE(office.settle(seats({1}), 2, Settlement::sell).granted());
  EXPECT_TRUE(office.settle(seats({1}), 1, Settlement::give_back).granted());
  EXPECT_EQ(office.counts().sold, 1U);
}

void give_back_frees_a_pin_or_a_sale_of_that_order(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4})).granted());
  ASSERT_TRUE(office.pin(1, seats({1, 4}), 1).granted());
  ASSERT_TRUE(office.settle(seats({1}), 1, Settlement::sell).granted());
  ASSERT_TRUE(office.settle(seats({1, 4}), 1, Settlement::give_back).granted());
  EXPECT_EQ(office.counts().available, 100U);
  const Version freed = office.version();
  EXPECT_TRUE(office.settle(seats({1, 4}), 1, Settlement::give_back).granted());
  EXPECT_EQ(office.version(), freed);
  EXPECT_TRUE(office.hold(2, seats({1, 4})).granted());
}

void confirm_sells_ones_own_live_hold_at_once(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  expect_refused(office.confirm(2, 1, 2), Code::hold_not_owned, {{SeatId{1}, kHeld}});
  expect_refused(office.confirm(1, 4, 1), Code::reservation_expired, {{SeatId{4}, kAvailable}});
  const auto sold = office.confirm(1, 1, 1);
  ASSERT_TRUE(sold.granted());
  const auto again = office.confirm(1, 1, 1);
  ASSERT_TRUE(again.granted());
  EXPECT_EQ(again.value(), sold.value());
  expect_refused(office.confirm(1, 1, 2), Code::seat_sold, {{SeatId{1}, kSold}});
  office.pass(seconds(60));
  EXPECT_EQ(office.counts().sold, 1U);  // a sold seat does not lapse
}

void a_blocked_seat_is_not_for_sale_until_unblocked(LedgerUnderTest& under) {
  Office office(under);
  office.open(100, {SeatId{1}});
  EXPECT_EQ(office.counts().blocked, 1U);
  expect_refused(office.hold(1, seats({1})), Code::reservation_conflict, {{SeatId{1}, kBlocked}});
  ASSERT_TRUE(run_task(under.admin.set_blocked(kEvent, seats({1}), false)).granted());
  ASSERT_TRUE(office.hold(1, seats({1})).granted());
  expect_refused(run_task(under.admin.set_blocked(kEvent, seats({4, 1}), true)),
                 Code::reservation_conflict, {{SeatId{1}, kHeld}});
  EXPECT_EQ(office.counts().blocked, 0U);
  ASSERT_TRUE(run_task(under.admin.set_blocked(kEvent, seats({4}), true)).granted());
  ASSERT_TRUE(run_task(under.admin.set_blocked(kEvent, seats({4}), true)).granted());
  EXPECT_EQ(office.counts().blocked, 1U);
}

void opening_again_changes_nothing_and_may_only_grow(LedgerUnderTest& under) {
  Office office(under);
  office.open(100, {SeatId{1}});
  ASSERT_TRUE(office.hold(1, seats({4})).granted());
  const Version before = office.version();
  office.open(100, {SeatId{1}, SeatId{4}});
  EXPECT_EQ(office.version(), before);
  office.open(5000);
  EXPECT_EQ(office.version(), before);
  EXPECT_EQ(office.counts().available, 4998U);
  EXPECT_EQ(office.holds_of(1).holds.size(), 1U);
  ASSERT_TRUE(office.hold(1, seats({1 + 3 * 4999})).granted());
  EXPECT_FALSE(
      run_task(under.admin.open_event(kEvent, {.first = 1, .stride = 3, .count = 10}, {})));
  EXPECT_FALSE(
      run_task(under.admin.open_event(kEvent, {.first = 1, .stride = 1, .count = 5000}, {})));
  EXPECT_FALSE(run_task(
      under.admin.open_event(EventId{8}, {.first = 1, .stride = 3, .count = 10}, {SeatId{2}})));
}

void holds_outlive_the_growth_of_their_event(LedgerUnderTest& under) {
  Office office(under);
  office.open(100);
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(5)).granted());
  ASSERT_TRUE(office.hold(2, seats({4}), seconds(600)).granted());
  office.open(40'000);
  ASSERT_TRUE(office.extend(2, 4, seconds(700)).granted());
  office.pass(seconds(6));
  EXPECT_EQ(office.counts().held, 1U);
  ASSERT_TRUE(office.release(2, 4).granted());
  EXPECT_EQ(office.counts().available, 40'000U);
}

void events_do_not_touch_each_other(LedgerUnderTest& under) {
  Office office(under);
  office.open(100);
  office.open(100, {}, EventId{8});
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(60), 1).granted());
  ASSERT_TRUE(office.hold(1, seats({1}), seconds(60), 1, EventId{8}).granted());
  EXPECT_EQ(office.counts().held, 1U);
  EXPECT_EQ(run_task(under.admin.counts(EventId{8})).value().held, 1U);
}

void restore_makes_sold_and_pinned_exactly_what_is_claimed(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  office.open(10, {}, EventId{8});
  ASSERT_TRUE(office.hold(1, seats({1, 4, 7, 10})).granted());
  ASSERT_TRUE(office.pin(1, seats({1, 4}), 1).granted());  // 1: claimed, 4: not
  ASSERT_TRUE(office.confirm(1, 7, 2).granted());          // not claimed
  ASSERT_TRUE(office.hold(2, seats({13})).granted());      // claimed by another
  const Instant deadline = office.clock().now() + minutes(5);
  const std::vector<SeatClaim> claims{{kEvent, SeatId{16}, order(4), buyer(4), true},
                                      {kEvent, SeatId{1}, order(1), buyer(1), false},
                                      {kEvent, SeatId{13}, order(3), buyer(3), true},
                                      {EventId{8}, SeatId{1}, order(5), buyer(5), false}};
  ASSERT_TRUE(run_task(under.admin.restore(claims, deadline)));
  EXPECT_EQ(std::get<seat::Pinned>(office.state(1)).order, order(1));
  EXPECT_EQ(std::get<seat::Pinned>(office.state(1)).deadline, deadline);
  EXPECT_EQ(std::get<seat::Held>(office.state(4)).buyer, buyer(1));
  EXPECT_EQ(office.state(7), seat::State{seat::Available{}});
  EXPECT_EQ(std::get<seat::Held>(office.state(10)).buyer, buyer(1));
  EXPECT_EQ(office.state(13), (seat::State{seat::Sold{buyer(3), order(3)}}));
  EXPECT_EQ(office.state(16), (seat::State{seat::Sold{buyer(4), order(4)}}));
  EXPECT_EQ(run_task(under.admin.counts(EventId{8})).value().pinned, 1U);
  const Version before = office.version();
  ASSERT_TRUE(run_task(under.admin.restore(claims, deadline)));
  EXPECT_EQ(office.version(), before);
  EXPECT_FALSE(
      run_task(under.admin.restore({{kEvent, SeatId{2}, order(9), buyer(9), true}}, deadline)));
}

void a_pin_that_became_no_order_is_the_hold_again_that_it_was(LedgerUnderTest& under) {
  Office office(under);
  office.open();
  ASSERT_TRUE(office.hold(1, seats({1, 4}), seconds(60)).granted());
  ASSERT_TRUE(office.hold(1, seats({7}), seconds(5)).granted());
  const auto held = std::get<seat::Held>(office.state(1));
  ASSERT_TRUE(office.pin(1, seats({1, 4, 7}), 1, minutes(5)).granted());
  office.pass(seconds(10));
  const Instant deadline = office.clock().now() + minutes(5);
  ASSERT_TRUE(
      run_task(under.admin.restore({{kEvent, SeatId{4}, order(1), buyer(1), false}}, deadline)));
  EXPECT_EQ(office.state(1), seat::State{held});
  EXPECT_EQ(office.state(7), seat::State{seat::Available{}});  // its time was up
  // Nor does a second restart lengthen the hold that an order was made of.
  ASSERT_TRUE(run_task(under.admin.restore({}, deadline)));
  EXPECT_EQ(office.state(4), seat::State{held});
  office.pass(seconds(51));
  EXPECT_EQ(office.counts().available, 100U);
}

void reset_frees_every_seat_but_the_blocked(LedgerUnderTest& under) {
  Office office(under);
  office.open(100, {SeatId{13}});
  ASSERT_TRUE(office.hold(1, seats({1, 4, 7})).granted());
  ASSERT_TRUE(office.pin(1, seats({4}), 1).granted());
  ASSERT_TRUE(office.confirm(1, 7, 2).granted());
  const Version before = office.version();
  ASSERT_TRUE(run_task(under.admin.reset(kEvent)));
  EXPECT_EQ(office.counts(), (SeatCounts{99, 0, 0, 0, 1, Version{before.value + 3}}));
  EXPECT_EQ(office.read(before).changes.size(), 3U);
  EXPECT_TRUE(office.hold(1, seats({1, 4, 7}), seconds(60), 3).granted());
  EXPECT_FALSE(run_task(under.admin.reset(EventId{424242})));
}

void counts_always_add_up_to_the_seats(LedgerUnderTest& under) {
  Office office(under);
  office.open(100, {SeatId{298}});
  ASSERT_TRUE(office.hold(1, seats({1, 4, 7, 10}), seconds(5)).granted());
  ASSERT_TRUE(office.pin(1, seats({4, 7}), 1).granted());
  ASSERT_TRUE(office.settle(seats({7}), 1, Settlement::sell).granted());
  EXPECT_EQ(office.counts(), (SeatCounts{95, 2, 1, 1, 1, office.version()}));
  office.pass(seconds(70));
  EXPECT_EQ(office.counts(), (SeatCounts{98, 0, 0, 1, 1, office.version()}));
}

constexpr Case kCases[] = {
    {"AnOrderPinsOnlyWhatItsBuyerHolds", an_order_pins_only_what_its_buyer_holds},
    {"PinningAgainChangesNothingAndAnotherOrderGetsNothing",
     pinning_again_changes_nothing_and_another_order_gets_nothing},
    {"APinnedSeatOutlivesItsHoldUntilTheDeadline",
     a_pinned_seat_outlives_its_hold_until_the_deadline},
    {"UnpinGivesTheHoldBackAsItWas", unpin_gives_the_hold_back_as_it_was},
    {"SellMakesAPinnedSeatSoldAndRepeatsSafely", sell_makes_a_pinned_seat_sold_and_repeats_safely},
    {"SellIsRefusedOnceTheSeatHasMovedOn", sell_is_refused_once_the_seat_has_moved_on},
    {"ALateOrderTouchesNothingThatIsNotItsOwn", a_late_order_touches_nothing_that_is_not_its_own},
    {"GiveBackFreesAPinOrASaleOfThatOrder", give_back_frees_a_pin_or_a_sale_of_that_order},
    {"ConfirmSellsOnesOwnLiveHoldAtOnce", confirm_sells_ones_own_live_hold_at_once},
    {"ABlockedSeatIsNotForSaleUntilUnblocked", a_blocked_seat_is_not_for_sale_until_unblocked},
    {"OpeningAgainChangesNothingAndMayOnlyGrow", opening_again_changes_nothing_and_may_only_grow},
    {"HoldsOutliveTheGrowthOfTheirEvent", holds_outlive_the_growth_of_their_event},
    {"EventsDoNotTouchEachOther", events_do_not_touch_each_other},
    {"RestoreMakesSoldAndPinnedExactlyWhatIsClaimed",
     restore_makes_sold_and_pinned_exactly_what_is_claimed},
    {"APinThatBecameNoOrderIsTheHoldAgainThatItWas",
     a_pin_that_became_no_order_is_the_hold_again_that_it_was},
    {"ResetFreesEverySeatButTheBlocked", reset_frees_every_seat_but_the_blocked},
    {"CountsAlwaysAddUpToTheSeats", counts_always_add_up_to_the_seats},
};

}  // namespace

std::span<const Case> seat_order_cases() { return kCases; }

}  // namespace onsale::conformance
