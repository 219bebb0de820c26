// From the placed order to its end: each way a payment can go, and what a crash leaves behind.
#include <gtest/gtest.h>

#include "tests/support/order_office.hpp"

namespace onsale {
namespace {

constexpr std::uint64_t kAnna = 1;
constexpr std::uint64_t kBert = 2;

// By the fast path and by events alone.
class Saga : public testing::TestWithParam<bool> {
 protected:
  Order order_of(std::uint64_t buyer) {
    const auto page = run_task(durable.store.list(BuyerId{{0xB0, buyer}}, {}, 10)).value();
    check(page.orders.size() == 1, "one order was expected");
    return page.orders[0];
  }
  void place(std::uint64_t buyer, std::uint64_t seat) {
    durable.hold(buyer, {SeatId{seat}});
    ASSERT_TRUE(office->place(buyer, {SeatId{seat}}, "k").granted());
  }
  void restart() {
    office.reset();
    office.emplace(durable, policy);
    office->start();
  }
  Saga() {
    if (!policy.fast_path) office->start();  // events need what carries them
  }
  Durable durable;
  OrderPolicy policy = saga_policy(GetParam());
  std::optional<OrderOffice> office{std::in_place, durable, policy};
};
INSTANTIATE_TEST_SUITE_P(Both, Saga, testing::Bool(),
                         [](const auto& about) { return saga_name(about.param); });

TEST_P(Saga, DeclinedIsCancelledWithAReasonAndTheSeatsAreFree) {
  durable.gateway.mood = Mood::declining;
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{2000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::cancelled);
  EXPECT_EQ(order_of(kAnna).reason, order::Reason::payment_declined);
  EXPECT_TRUE(std::holds_alternative<seat::Available>(durable.seat(1)));
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, AnAnswerThatGotLostIsLookedUpNotGuessed) {
  durable.gateway.mood = Mood::loses_answer;
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::confirmed);
  EXPECT_EQ(durable.gateway.authorise_calls, 1U);
  EXPECT_GE(durable.gateway.lookups, 2U);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, ACallThatGotLostIsRepeatedWithTheSameAttempt) {
  durable.gateway.mood = Mood::loses_call;
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::confirmed);
  EXPECT_EQ(durable.gateway.authorise_calls, 2U);
  EXPECT_EQ(run_task(durable.book.entries()).value().size(), 2U);  // one authorise, one capture
}

// Scenario 3: payment is down, holds lapse, another buyer wants the same seat, payment comes back.
TEST_P(Saga, Scenario03PinnedSeatsDoNotLapseWhilePaymentIsDown) {
  durable.gateway.mood = Mood::silent;
  durable.hold(kAnna, {SeatId{1}}, Milliseconds{5000});
  ASSERT_TRUE(office->place(kAnna, {SeatId{1}}, "k").granted());
  durable.loop.run_for(Milliseconds{15'000});
  durable.seats.sweep();
  HoldRequest bert{EventId{1},           {SeatId{1}},           BuyerId{{0xB0, kBert}},
                   Milliseconds{60'000}, Milliseconds{900'000}, 8};
  EXPECT_FALSE(run_task(durable.seats.hold(bert)).granted());
  durable.gateway.mood = Mood::willing;
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::confirmed);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, AProviderThatStaysSilentCancelsAtThePaymentsDeadlineAndFreesTheSeat) {
  durable.gateway.mood = Mood::silent;
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{35'000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::cancelling)
      << "the void is not acknowledged yet";
  EXPECT_EQ(order_of(kAnna).reason, order::Reason::payment_too_late);
  EXPECT_TRUE(std::holds_alternative<seat::Available>(durable.seat(1)));
  // Another buys the seat while the old order's void is still open.
  durable.gateway.mood = Mood::willing;
  place(kBert, 1);
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::cancelled);
  EXPECT_EQ(order_of(kBert).status, order::Status::confirmed);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, ACaptureRefusedForGoodGivesSeatsAndMoneyBack) {
  durable.gateway.mood = Mood::refuses_captures;
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::cancelled);
  EXPECT_TRUE(std::holds_alternative<seat::Available>(durable.seat(1)));
  EXPECT_EQ(run_task(durable.book.state_of(order_of(kAnna).attempt)).value(), AttemptState::voided);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, SeatsThatMovedOnAreNotChargedFor) {
  durable.gateway.delay = Milliseconds{500};
  place(kAnna, 1);
  ASSERT_TRUE(run_task(durable.seats.reset(EventId{1})));  // behind the order's back
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::cancelled);
  EXPECT_EQ(order_of(kAnna).reason, order::Reason::seats_lost);
  EXPECT_EQ(durable.broken_invariant(), "");
}

// Scenario 7: an order was CONFIRMED before its seats were SOLD.
TEST_P(Saga, Scenario07SoldBeforeConfirmed) {
  place(kAnna, 1);
  durable.loop.run_until(
      [this] {
        const bool sold = std::holds_alternative<seat::Sold>(durable.seat(1));
        const bool confirmed = order_of(kAnna).status == order::Status::confirmed;
        const auto money = run_task(durable.book.state_of(order_of(kAnna).attempt)).value();
        EXPECT_TRUE(sold || !confirmed);
        EXPECT_TRUE(sold || money != AttemptState::captured);
        return confirmed;
      },
      Milliseconds{10'000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::confirmed);
}

// Scenario 6: killed in mid-saga; authorised more than once, cancelled though money was taken.
TEST_P(Saga, Scenario06EveryOrderIsAtAnEndWithinTenSecondsOfARestart) {
  durable.gateway.delay = Milliseconds{1500};
  for (std::uint64_t buyer = 1; buyer <= 10; ++buyer) place(buyer, buyer);
  office->life.dies_at = office->life.steps + 5;
  durable.loop.run_for(Milliseconds{3000});
  durable.gateway.delay = Milliseconds{100};
  restart();
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(durable.broken_invariant(), "");
  EXPECT_GE(office->orders.stats().recovered.load(), 1U);
  std::map<AttemptId, int> authorised;
  const auto entries = run_task(durable.book.entries()).value();
  for (const ProviderEntry& entry : entries) {
    if (entry.operation == payment::Operation::authorise) ++authorised[entry.attempt];
  }
  for (const auto& [attempt, times] : authorised) EXPECT_EQ(times, 1);
}

TEST_P(Saga, AnOrderFoundLongAfterItsDeadlineIsNotSold) {
  durable.gateway.mood = Mood::silent;
  place(kAnna, 1);
  office.reset();
  durable.clock.advance(Milliseconds{3'600'000});
  durable.gateway.mood = Mood::willing;
  restart();
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(order_of(kAnna).status, order::Status::cancelled);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, MoreOrdersThanMayBeDrivenAtOnceWaitTheirTurn) {
  office.reset();
  policy.sagas_max = 2;
  policy.sagas_queued_max = 3;  // the rest is left to the sweep
  office.emplace(durable, policy);
  office->start();
  for (std::uint64_t buyer = 1; buyer <= 10; ++buyer) {
    durable.hold(buyer, {SeatId{buyer}});
    ASSERT_TRUE(office->place(buyer, {SeatId{buyer}}, "k").granted());
    EXPECT_LE(office->orders.stats().sagas_in_flight.load(), 2U);
    EXPECT_LE(office->orders.stats().sagas_queued.load(), 3U);
  }
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(office->orders.stats().confirmed.load(), 10U);
  EXPECT_EQ(durable.broken_invariant(), "");
}

// Scenario 10: a reset is one act over orders, seats and money.
TEST_P(Saga, Scenario10AResetFreesEverySeatAndRefunds) {
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{5000});
  ASSERT_EQ(order_of(kAnna).status, order::Status::confirmed);
  durable.gateway.delay = Milliseconds{300};
  place(kBert, 2);  // in mid-saga

  durable.loop.post([this] {
    const auto reset = [](OrderService& orders) -> Task<void> {
      Task<Status> resetting = orders.reset_event(EventId{1});
      const Status status = co_await std::move(resetting);
      EXPECT_TRUE(status);
    };
    detach(reset(office->orders));
  });
  durable.loop.run_for(Milliseconds{10'000});
  for (const std::uint64_t buyer : {kAnna, kBert}) {
    EXPECT_EQ(order_of(buyer).status, order::Status::cancelled);
    EXPECT_EQ(order_of(buyer).reason, order::Reason::event_reset);
    EXPECT_TRUE(std::holds_alternative<seat::Available>(durable.seat(buyer)));
  }
  EXPECT_EQ(run_task(durable.book.state_of(order_of(kAnna).attempt)).value(),
            AttemptState::refunded);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(Saga, TheSamePaymentAskedForFromOutsideIsOneAttempt) {
  durable.gateway.delay = Milliseconds{50};
  place(kAnna, 1);
  std::optional<Result<AuthoriseOutcome>> told;
  durable.loop.post([this, &told] {
    const auto ask = [](OrderService& orders, OrderId id,
                        std::optional<Result<AuthoriseOutcome>>& to) -> Task<void> {
      auto asking = orders.authorise(id);
      to = co_await std::move(asking);
    };
    detach(ask(office->orders, order_of(kAnna).id, told));
  });
  durable.loop.run_for(Milliseconds{5000});
  ASSERT_TRUE(told && told->has_value());
  EXPECT_EQ(**told, AuthoriseOutcome::authorised);
  EXPECT_EQ(order_of(kAnna).status, order::Status::confirmed);
  EXPECT_EQ(run_task(durable.book.entries()).value().size(), 2U);
}

TEST_P(Saga, OldAnswersAreForgottenAfterADay) {
  if (policy.fast_path) office->start();
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{1000});
  const IdempotencyScope scope{BuyerId{{0xB0, kAnna}}, "POST /orders", "k"};
  EXPECT_TRUE(run_task(durable.store.find_answer(scope)).value());
  durable.clock.advance(Milliseconds{24 * 3600 * 1000});
  durable.loop.run_for(Milliseconds{20'000});
  EXPECT_FALSE(run_task(durable.store.find_answer(scope)).value());
}

}  // namespace
}  // namespace onsale
