// The rule, cell by cell: every state met by every command, and the order of refusals.
#include "domain/seat/decide.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>

namespace onsale::seat {
namespace {

using std::chrono::seconds;

constexpr Instant kNow = instant_of_ms(1'800'000'000'000);
constexpr BuyerId kMe{{0, 1}};
constexpr BuyerId kOther{{0, 2}};
constexpr OrderId kMine{{1, 1}};
constexpr OrderId kAnothers{{1, 2}};
constexpr Instant kLater = kNow + seconds(60);
constexpr Instant kMuchLater = kNow + seconds(900);
constexpr Instant kPast = kNow - seconds(1);

const State kFree = Available{};
const State kHeldByMe = Held{kMe, kLater, kMuchLater};
const State kHeldByOther = Held{kOther, kLater, kMuchLater};
const State kMineLapsed = Held{kMe, kPast, kMuchLater};
const State kOthersLapsed = Held{kOther, kPast, kMuchLater};
const State kPinnedByMe = Pinned{kMe, kMine, kLater, kPast, kMuchLater};
const State kPinnedByOther = Pinned{kOther, kAnothers, kLater, kLater, kMuchLater};
const State kPinLapsed = Pinned{kMe, kMine, kPast, kLater, kMuchLater};
const State kSoldToMe = Sold{kMe, kMine};
const State kSoldToOther = Sold{kOther, kAnothers};
const State kBlockedSeat = Blocked{};

// What is expected of a cell: a new state, no change, or a refusal.
struct Becomes {
  State next;
};
struct Stays {};
struct Refuses {
  Code code;
};
using Expected = std::variant<Becomes, Stays, Refuses>;

void expect(const State& state, const Command& command, const Expected& expected,
            Instant now = kNow) {
  const Decision decision = decide(state, command, now);
  if (const auto* becomes = std::get_if<Becomes>(&expected)) {
    const auto* change = std::get_if<Change>(&decision);
    ASSERT_NE(change, nullptr);
    EXPECT_EQ(change->next, becomes->next);
  } else if (const auto* refuses = std::get_if<Refuses>(&expected)) {
    const auto* refusal = std::get_if<Refusal>(&decision);
    ASSERT_NE(refusal, nullptr);
    EXPECT_EQ(static_cast<int>(refusal->code), static_cast<int>(refuses->code));
  } else {
    EXPECT_TRUE(std::holds_alternative<NoChange>(decision));
  }
}

constexpr Refuses kSoldOut{Code::seat_sold};
constexpr Refuses kConflict{Code::reservation_conflict};
constexpr Refuses kNotOwned{Code::hold_not_owned};
constexpr Refuses kExpired{Code::reservation_expired};

TEST(DecideHold, FreeSeatIsTheBuyers) {
  expect(kFree, Hold{kMe, kLater, kMuchLater}, Becomes{Held{kMe, kLater, kMuchLater}});
}
TEST(DecideHold, LapsedHoldIsFreeForAnyone) {
  expect(kOthersLapsed, Hold{kMe, kLater, kMuchLater}, Becomes{Held{kMe, kLater, kMuchLater}});
  expect(kMineLapsed, Hold{kMe, kLater, kMuchLater}, Becomes{Held{kMe, kLater, kMuchLater}});
}
TEST(DecideHold, LapsedPinIsFreeForAnyone) {
  expect(kPinLapsed, Hold{kOther, kLater, kMuchLater}, Becomes{Held{kOther, kLater, kMuchLater}});
}
TEST(DecideHold, OwnHoldStaysAsItIs) {
  expect(kHeldByMe, Hold{kMe, kMuchLater, kMuchLater}, Stays{});
}
TEST(DecideHold, WhatIsTakenIsRefused) {
  const Hold hold{kMe, kLater, kMuchLater};
  expect(kHeldByOther, hold, kConflict);
  expect(kPinnedByOther, hold, kConflict);
  expect(kPinnedByMe, hold, kConflict);  // it is in an order already
  expect(kBlockedSeat, hold, kConflict);
  expect(kSoldToOther, hold, kSoldOut);
  expect(kSoldToMe, hold, kSoldOut);
}
TEST(DecideHold, EndsAtItsExpiresAtAndNotBefore) {
  const Hold hold{kMe, kMuchLater, kMuchLater};
  expect(kHeldByOther, hold, kConflict, kLater - Milliseconds{1});
  expect(kHeldByOther, hold, Becomes{Held{kMe, kMuchLater, kMuchLater}}, kLater);
}

TEST(DecideExtend, ReachesAtMostTheHoldsWholeLife) {
  expect(kHeldByMe, Extend{kMe, kLater + seconds(5)},
         Becomes{Held{kMe, kLater + seconds(5), kMuchLater}});
  expect(kHeldByMe, Extend{kMe, kMuchLater + seconds(100'000)},
         Becomes{Held{kMe, kMuchLater, kMuchLater}});
}
TEST(DecideExtend, NeverEndsSoonerThanPromised) {
  expect(kHeldByMe, Extend{kMe, kNow + seconds(1)}, Stays{});
  expect(kHeldByMe, Extend{kMe, kLater}, Stays{});
}
TEST(DecideExtend, IsTheOwnersAloneWhileItLives) {
  const Extend extend{kMe, kMuchLater};
  expect(kHeldByOther, extend, kNotOwned);
  expect(kPinnedByOther, extend, kNotOwned);
  expect(kPinnedByMe, extend, kConflict);
  expect(kFree, extend, kExpired);
  expect(kMineLapsed, extend, kExpired);
  expect(kOthersLapsed, extend, kExpired);
  expect(kPinLapsed, extend, kExpired);
  expect(kBlockedSeat, extend, kConflict);
  expect(kSoldToMe, extend, kSoldOut);
}

TEST(DecideRelease, IsTheOwnersAlone) {
  expect(kHeldByMe, Release{kMe}, Becomes{Available{}});
  expect(kHeldByOther, Release{kMe}, kNotOwned);
  expect(kPinnedByOther, Release{kMe}, kNotOwned);
  expect(kPinnedByMe, Release{kMe}, kConflict);
  expect(kBlockedSeat, Release{kMe}, kConflict);
  expect(kSoldToMe, Release{kMe}, kSoldOut);
}
TEST(DecideRelease, WhatNobodyHoldsIsFreeAsWanted) {
  expect(kFree, Release{kMe}, Stays{});
  expect(kMineLapsed, Release{kMe}, Stays{});
  expect(kOthersLapsed, Release{kMe}, Stays{});
}

TEST(DecidePin, TiesOwnLiveHoldToTheOrder) {
  expect(kHeldByMe, Pin{kMe, kMine, kMuchLater},
         Becomes{Pinned{kMe, kMine, kMuchLater, kLater, kMuchLater}});
  expect(kPinnedByMe, Pin{kMe, kMine, kMuchLater}, Stays{});
}
TEST(DecidePin, NothingElse) {
  const Pin pin{kMe, kMine, kMuchLater};
  expect(kFree, pin, kConflict);  // never held: hold it first
  expect(Available{mark_of(kOther)}, pin, kConflict);
  expect(Available{mark_of(kMe)}, pin, kExpired);  // swept, and remembered
  expect(kMineLapsed, pin, kExpired);
  expect(kPinLapsed, pin, kExpired);  // of the very order: its time is over
  expect(kHeldByOther, pin, kNotOwned);
  expect(kPinnedByOther, pin, kNotOwned);
  expect(kPinnedByMe, Pin{kMe, kAnothers, kMuchLater}, kConflict);
  expect(kPinnedByMe, Pin{kOther, kMine, kMuchLater}, kNotOwned);
  expect(kBlockedSeat, pin, kConflict);
  expect(kSoldToMe, pin, kSoldOut);
}

TEST(DecideUnpin, GivesTheHoldBack) {
  const State pinned = Pinned{kMe, kMine, kMuchLater, kLater, kMuchLater};
  expect(pinned, Unpin{kMine}, Becomes{kHeldByMe});
  expect(kPinnedByMe, Unpin{kMine}, Becomes{Available{}});  // the hold's time has passed
}
TEST(DecideUnpin, TouchesNothingOfOthers) {
  expect(kPinnedByOther, Unpin{kMine}, Stays{});
  expect(kHeldByMe, Unpin{kMine}, Stays{});
  expect(kPinLapsed, Unpin{kMine}, Stays{});
  expect(kSoldToMe, Unpin{kMine}, Stays{});
  expect(kFree, Unpin{kMine}, Stays{});
  expect(kBlockedSeat, Unpin{kMine}, Stays{});
}

TEST(DecideSell, SellsWhatIsPinnedToTheOrder) {
  expect(kPinnedByMe, Sell{kMine}, Becomes{kSoldToMe});
  expect(kSoldToMe, Sell{kMine}, Stays{});
}
TEST(DecideSell, RefusesWhateverHasMovedOn) {
  expect(kPinLapsed, Sell{kMine}, kExpired);
  expect(kPinnedByOther, Sell{kMine}, kExpired);
  expect(kHeldByMe, Sell{kMine}, kExpired);
  expect(kSoldToOther, Sell{kMine}, kExpired);
  expect(kFree, Sell{kMine}, kExpired);
  expect(kBlockedSeat, Sell{kMine}, kExpired);
}

TEST(DecideGiveBack, FreesAPinOrASaleOfTheOrder) {
  expect(kPinnedByMe, GiveBack{kMine}, Becomes{Available{}});
  expect(kSoldToMe, GiveBack{kMine}, Becomes{Available{}});
}
TEST(DecideGiveBack, TouchesNothingOfOthers) {
  expect(kPinnedByOther, GiveBack{kMine}, Stays{});
  expect(kSoldToOther, GiveBack{kMine}, Stays{});
  expect(kHeldByMe, GiveBack{kMine}, Stays{});
  expect(kPinLapsed, GiveBack{kMine}, Stays{});
  expect(kFree, GiveBack{kMine}, Stays{});
  expect(kBlockedSeat, GiveBack{kMine}, Stays{});
}

TEST(DecideConfirm, SellsOwnLiveHoldAtOnce) {
  expect(kHeldByMe, Confirm{kMe, kMine}, Becomes{kSoldToMe});
  expect(kSoldToMe, Confirm{kMe, kMine}, Stays{});
  expect(kSoldToMe, Confirm{kMe, kAnothers}, kSoldOut);
  expect(kSoldToOther, Confirm{kMe, kMine}, kSoldOut);
  expect(kHeldByOther, Confirm{kMe, kMine}, kNotOwned);
  expect(kPinnedByMe, Confirm{kMe, kMine}, kConflict);
  expect(kPinnedByOther, Confirm{kMe, kMine}, kNotOwned);
  expect(kMineLapsed, Confirm{kMe, kMine}, kExpired);
  expect(kFree, Confirm{kMe, kMine}, kExpired);
  expect(kBlockedSeat, Confirm{kMe, kMine}, kConflict);
}

TEST(DecideLapse, FreesWhatHasEndedAndOnlyThat) {
  expect(kMineLapsed, Lapse{}, Becomes{Available{}});
  expect(kPinLapsed, Lapse{}, Becomes{Available{}});
  expect(kHeldByMe, Lapse{}, Stays{});
  expect(kPinnedByMe, Lapse{}, Stays{});  // its hold has ended; the pin has not
  expect(kSoldToMe, Lapse{}, Stays{});
  expect(kFree, Lapse{}, Stays{});
  expect(kBlockedSeat, Lapse{}, Stays{});
}

TEST(DecideBlock, TakesOnlyFreeSeatsOffSale) {
  expect(kFree, Block{}, Becomes{Blocked{}});
  expect(kMineLapsed, Block{}, Becomes{Blocked{}});
  expect(kBlockedSeat, Block{}, Stays{});
  expect(kHeldByMe, Block{}, kConflict);
  expect(kPinnedByMe, Block{}, kConflict);
  expect(kSoldToMe, Block{}, kSoldOut);
  expect(kBlockedSeat, Unblock{}, Becomes{Available{}});
  expect(kFree, Unblock{}, Stays{});
  expect(kHeldByMe, Unblock{}, Stays{});
}

TEST(WireStatus, ShowsAPinAsHeld) {
  EXPECT_EQ(name_of(wire_status(kFree)), "AVAILABLE");
  EXPECT_EQ(name_of(wire_status(kHeldByMe)), "HELD");
  EXPECT_EQ(name_of(wire_status(kPinnedByMe)), "HELD");
  EXPECT_EQ(name_of(wire_status(kSoldToMe)), "SOLD");
  EXPECT_EQ(name_of(wire_status(kBlockedSeat)), "BLOCKED");
}

}  // namespace
}  // namespace onsale::seat
