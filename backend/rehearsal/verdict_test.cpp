// Each anomaly, planted in an otherwise clean history, is found; clean histories pass, however
// unluckily their messages crossed.
#include "rehearsal/verdict.hpp"

#include <gtest/gtest.h>

namespace onsale::rehearsal {
namespace {

constexpr Nanos second = nanos_per_second;

// A hall of four seats, free when the doors open at time 1 s.
struct Scene {
  SeatIndex seats;
  History history;
  VerdictRules rules;

  Scene() {
    Snapshot opening{.version = 100, .board = {}};
    for (std::uint64_t id = 11; id <= 14; ++id)
      opening.board.set(seats.at(id), SeatStatus::available);
    history.opening = opening;
    history.opening_seen = second;
    history.closing = opening;
  }
  std::uint32_t hold(std::uint32_t buyer, std::uint32_t seat, Nanos sent, std::uint64_t version) {
    HoldRecord record{
        .buyer = buyer, .seats = {seat}, .sent = sent, .answered = sent + second / 10};
    record.version = version;
    record.lasts_until_min = record.sent + 60 * second;
    record.lasts_until_max = record.answered + 60 * second;
    history.holds.push_back(record);
    change(version, seat, SeatStatus::held, record.answered);
    return static_cast<std::uint32_t>(history.holds.size() - 1);
  }
  void change(std::uint64_t version, std::uint32_t seat, SeatStatus status, Nanos seen) {
    history.changes.push_back({.version = version, .seat = seat, .status = status, .seen = seen});
    history.closing->board.set(seat, status);
  }
  OrderRecord& order(std::uint32_t hold, std::string id, Nanos sent) {
    HoldRecord& held = history.holds[hold];
    held.order_sent = sent;
    held.order = static_cast<std::uint32_t>(history.orders.size());
    OrderRecord record{.buyer = held.buyer, .hold = hold, .id = std::move(id), .seats = held.seats};
    record.sent = sent;
    record.acknowledged = sent + second / 10;
    history.orders.push_back(record);
    return history.orders.back();
  }
  OrderRecord& confirmed(std::uint32_t hold, std::string id, Nanos sent, std::uint64_t version) {
    OrderRecord& record = order(hold, std::move(id), sent);
    record.state = OrderState::confirmed;
    record.confirmed = sent + second / 2;
    change(version, record.seats[0], SeatStatus::sold, record.confirmed);
    return record;
  }
  void refuse(std::uint32_t seat, Nanos sent, Nanos answered) {
    RefusalRecord refusal{.buyer = 9, .seats = {seat}, .sent = sent, .answered = answered};
    history.refusals.push_back(refusal);
  }
  Verdict verdict() { return judge(history, seats, rules); }
};

TEST(Verdict, AnEmptyEveningIsClean) {
  Scene scene;
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, AnOrdinarySaleIsClean) {
  Scene scene;
  scene.confirmed(scene.hold(1, 0, 2 * second, 101), "a", 3 * second, 102);
  scene.refuse(0, 2 * second + second / 20, 2 * second + second / 5);
  scene.refuse(0, 10 * second, 11 * second);
  const Verdict verdict = scene.verdict();
  EXPECT_TRUE(verdict.clean());
  EXPECT_EQ(verdict.refusals_judged, 2U);
}

TEST(Verdict, OneSeatInTwoConfirmedOrdersIsOversold) {
  Scene scene;
  scene.confirmed(scene.hold(1, 0, 2 * second, 101), "a", 3 * second, 102);
  scene.confirmed(scene.hold(2, 0, 2 * second, 101), "b", 3 * second, 102);
  EXPECT_EQ(scene.verdict().oversold_seats, 1U);
}

TEST(Verdict, OneOrderToldTwiceIsNotOversold) {
  Scene scene;
  scene.confirmed(scene.hold(1, 0, 2 * second, 101), "a", 3 * second, 102);
  scene.history.orders.push_back(scene.history.orders[0]);
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, SoldWithoutAnyOrderIsSoldToNobody) {
  Scene scene;
  scene.change(101, 3, SeatStatus::sold, 2 * second);
  EXPECT_EQ(scene.verdict().sold_to_nobody, 1U);
  scene.rules.sole_customer = false;
  EXPECT_TRUE(scene.verdict().clean());
  scene.rules.sole_customer = true;
  scene.history.orders_unknown = 1;  // it may have been that one
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, AnAcknowledgedOrderThatIsUnknownLaterIsLost) {
  Scene scene;
  scene.order(scene.hold(1, 0, 2 * second, 101), "a", 3 * second).missing = 9 * second;
  EXPECT_EQ(scene.verdict().lost_orders, 1U);
}

TEST(Verdict, AConfirmedOrderThatTurnsIsLost) {
  Scene scene;
  scene.confirmed(scene.hold(1, 0, 2 * second, 101), "a", 3 * second, 102).turned = 9 * second;
  EXPECT_EQ(scene.verdict().lost_orders, 1U);
}

TEST(Verdict, AConfirmedOrderWhoseSeatIsNotSoldIsFound) {
  Scene scene;
  scene.confirmed(scene.hold(1, 0, 2 * second, 101), "a", 3 * second, 102);
  scene.change(103, 0, SeatStatus::available, 5 * second);
  EXPECT_EQ(scene.verdict().unsold_orders, 1U);
}

TEST(Verdict, AnOrderWithoutAnEndIsUnfinished) {
  Scene scene;
  scene.order(scene.hold(1, 0, 2 * second, 101), "a", 3 * second);
  EXPECT_EQ(scene.verdict().unfinished_orders, 1U);
}

TEST(Verdict, RefusalOfASeatNobodyEverTouchedIsFalse) {
  Scene scene;
  scene.refuse(2, 3 * second, 4 * second);
  EXPECT_EQ(scene.verdict().false_refusals, 1U);
}

TEST(Verdict, RefusalBetweenAReleaseAndTheNextHoldIsFalse) {
  Scene scene;
  const auto first = scene.hold(1, 0, 2 * second, 101);
  scene.history.holds[first].release_sent = 3 * second;
  scene.history.holds[first].released = 3 * second + 1;
  scene.change(102, 0, SeatStatus::available, 4 * second);
  scene.refuse(0, 5 * second, 6 * second);
  scene.hold(2, 0, 7 * second, 103);
  EXPECT_EQ(scene.verdict().false_refusals, 1U);
}

TEST(Verdict, RefusalThatCrossedAReleaseIsNotJudgedFalse) {
  Scene scene;
  const auto first = scene.hold(1, 0, 2 * second, 101);
  scene.history.holds[first].release_sent = 3 * second;
  scene.history.holds[first].released = 5 * second;
  scene.change(102, 0, SeatStatus::available, 6 * second);
  scene.refuse(0, 4 * second, 6 * second);
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, RefusalThatCrossedTheNextHoldIsNotJudgedFalse) {
  Scene scene;
  scene.refuse(0, 2 * second, 4 * second);
  scene.hold(2, 0, 3 * second, 101);
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, RefusalWhileAnUnknownHoldMayLiveIsNotJudgedFalse) {
  Scene scene;
  HoldRecord record{.buyer = 3, .seats = {1}, .sent = 2 * second, .answered = 3 * second};
  record.granted = false;
  scene.history.holds.push_back(record);
  scene.refuse(1, 200 * second, 201 * second);
  EXPECT_TRUE(scene.verdict().clean());
  scene.history.holds[0].denied = 4 * second;  // asked afterwards: not held
  EXPECT_EQ(scene.verdict().false_refusals, 1U);
}

TEST(Verdict, RefusalWhileTheRefereeWasBlindIsNotJudged) {
  Scene scene;
  scene.refuse(2, 3 * second, 4 * second);
  scene.history.blind.push_back({2 * second, 2 * second + 1});
  const Verdict verdict = scene.verdict();
  EXPECT_TRUE(verdict.clean());
  EXPECT_EQ(verdict.refusals_unjudged, 1U);
}

TEST(Verdict, RefusalWhenAnotherCustomerTookTheSeatNextIsNotJudged) {
  Scene scene;
  scene.refuse(2, 3 * second, 4 * second);
  scene.change(101, 2, SeatStatus::held, 5 * second);  // a version that no hold of ours took
  const Verdict verdict = scene.verdict();
  EXPECT_TRUE(verdict.clean());
  EXPECT_EQ(verdict.refusals_unjudged, 1U);
}

TEST(Verdict, ALapsedHoldIsFreeAfterItsSlack) {
  Scene scene;
  scene.hold(1, 0, 2 * second, 101);
  scene.change(102, 0, SeatStatus::available, 63 * second);
  scene.refuse(0, 62 * second + second / 2, 64 * second);  // within the slack
  EXPECT_TRUE(scene.verdict().clean());
  scene.refuse(0, 70 * second, 71 * second);
  EXPECT_EQ(scene.verdict().false_refusals, 1U);
}

TEST(Verdict, TwoBuyersGrantedOneSeatAtOnceIsFound) {
  Scene scene;
  scene.hold(1, 0, 2 * second, 101);
  scene.hold(2, 0, 5 * second, 102);
  EXPECT_EQ(scene.verdict().double_holds, 1U);
}

TEST(Verdict, AHoldLostInACrashMayBeGrantedAgain) {
  Scene scene;
  scene.hold(1, 0, 2 * second, 101);
  scene.history.note_outage(2 * second + second / 5);
  scene.hold(2, 0, 5 * second, 4294967297);
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, AHoldAfterALapseOrAReleaseIsClean) {
  Scene scene;
  scene.hold(1, 0, 2 * second, 101);
  scene.change(102, 0, SeatStatus::available, 62 * second + second / 2);
  const auto second_hold = scene.hold(2, 0, 63 * second, 103);
  scene.history.holds[second_hold].release_sent = 64 * second;
  scene.history.holds[second_hold].released = 65 * second;
  scene.hold(3, 0, 64 * second + 1, 105);
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, ASoldSeatGrantedAgainIsFound) {
  Scene scene;
  scene.confirmed(scene.hold(1, 0, 2 * second, 101), "a", 3 * second, 102);
  scene.hold(2, 0, 300 * second, 103);
  EXPECT_EQ(scene.verdict().double_holds, 1U);
}

TEST(Verdict, AHoldDeniedToItsOwnerBeforeItsTimeIsFound) {
  Scene scene;
  const auto hold = scene.hold(1, 0, 2 * second, 101);
  scene.history.losses.push_back(
      {.hold = hold, .code = "RESERVATION_EXPIRED", .sent = 5 * second, .answered = 6 * second});
  EXPECT_EQ(scene.verdict().revoked_holds, 1U);
  scene.history.losses[0].answered = 63 * second;  // it had lapsed by then
  EXPECT_TRUE(scene.verdict().clean());
}

TEST(Verdict, BrokenReplaysAndStaleViewersAreCarriedOver) {
  Scene scene;
  scene.history.broken_replays = 2;
  scene.history.stale_viewers = 3;
  scene.history.remarks.emplace_back("order a was replayed with other bytes");
  const Verdict verdict = scene.verdict();
  EXPECT_EQ(verdict.breaches(), 5U);
  EXPECT_EQ(verdict.findings.size(), 1U);
}

}  // namespace
}  // namespace onsale::rehearsal
