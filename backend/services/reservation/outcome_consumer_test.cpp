// How a payment's outcome reaches the seats, once.
#include "services/reservation/outcome_consumer.hpp"

#include <gtest/gtest.h>

#include "adapters/memory/orders.hpp"
#include "adapters/memory/seat_ledger.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {
namespace {

constexpr EventId kEvent{1};
constexpr BuyerId kBuyer{{0xB0, 1}};
constexpr OrderId kOrder{{0x0D, 1}};

class Outcome : public testing::Test {
 protected:
  Outcome() {
    const SeatNumbering numbering{1, 1, 10};
    EXPECT_TRUE(run_task(seats.open_event(kEvent, numbering, {})));
    HoldRequest request{kEvent, kSeats, kBuyer, Milliseconds{60'000}, Milliseconds{900'000}, 8};
    EXPECT_TRUE(run_task(seats.hold(request)).granted());
    EXPECT_TRUE(
        run_task(seats.pin(kEvent, kSeats, kBuyer, kOrder, clock.now() + Milliseconds{40'000}))
            .granted());
  }
  Message message(MessageType type, std::uint64_t n = 1) {
    Message message;
    message.id = MessageId{{0x1D, n}};
    message.type = type;
    message.order = kOrder;
    message.event = kEvent;
    message.seats = kSeats;
    return message;
  }
  SeatCounts counts() { return run_task(seats.counts(kEvent)).value(); }

  const SeatIds kSeats{SeatId{1}, SeatId{2}};
  ManualClock clock;
  MemorySeatLedger seats{clock};
  MemoryOrders inbox;
  OutcomeConsumer consumer{seats, inbox};
};

TEST_F(Outcome, PaymentSuccessSells) {
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_success))));
  EXPECT_EQ(counts().sold, 2U);
}

// Rebuilt from an order that was AUTHORISED a moment ago: the seats are pinned again.
TEST_F(Outcome, AConfirmedOrdersSeatsAreSoldWhateverTheLedgerHasForgotten) {
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::order_confirmed))));
  EXPECT_EQ(counts().sold, 2U);
  const Version version = counts().version;
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::order_confirmed))));
  EXPECT_EQ(counts().version, version);
}

TEST_F(Outcome, PaymentFailedGivesBack) {
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_failed))));
  EXPECT_EQ(counts().available, 10U);
}

TEST_F(Outcome, AResetOrdersSoldSeatsAreGivenBack) {
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_success, 1))));
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::order_cancelled, 2))));
  EXPECT_EQ(counts().available, 10U);
}

TEST_F(Outcome, TheSameMessageTwiceHasOneEffect) {
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_success))));
  const Version version = counts().version;
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_success))));
  EXPECT_EQ(counts().version, version);
  EXPECT_EQ(consumer.applied(), 1U);
  EXPECT_EQ(consumer.repeated(), 1U);
}

TEST_F(Outcome, ALateMessageCannotTouchASeatThatMovedOn) {
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_failed, 1))));
  HoldRequest other{kEvent, kSeats, BuyerId{{0xB0, 2}}, Milliseconds{60'000}, Milliseconds{900'000},
                    8};
  ASSERT_TRUE(run_task(seats.hold(other)).granted());
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_success, 2))));
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::order_cancelled, 3))));
  EXPECT_EQ(counts().held, 2U);
}

class AwayLedger final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<Version>> settle(EventId, SeatIds, OrderId, Settlement) override {
    return LedgerAnswer<Version>(Code::unavailable);
  }
};

TEST_F(Outcome, ALedgerThatIsAwayIsAFailureAndTheMessageStaysUnseen) {
  AwayLedger away(clock);
  OutcomeConsumer waiting(away, inbox);
  EXPECT_FALSE(run_task(waiting.handle(message(MessageType::payment_success))));
  EXPECT_TRUE(run_task(consumer.handle(message(MessageType::payment_success))));
  EXPECT_EQ(counts().sold, 2U);
}

class AnswerBus final : public EventBus {
 public:
  bool away = false;
  std::vector<Message> told;
  void subscribe(std::string, std::string, Consumer) override {}
  Task<Status> publish(std::vector<Message> messages) override {
    if (away) return Status(Code::unavailable);
    told.insert(told.end(), messages.begin(), messages.end());
    return ok();
  }
};

TEST_F(Outcome, WhatBecameOfTheSeatsIsAnsweredAfterTheEffect) {
  AnswerBus answers;
  OutcomeConsumer answering(seats, inbox, &answers);
  EXPECT_TRUE(run_task(answering.handle(message(MessageType::payment_success, 1))));
  EXPECT_TRUE(run_task(answering.handle(message(MessageType::payment_failed, 2))));
  EXPECT_TRUE(run_task(answering.handle(message(MessageType::order_cancelled, 3))));
  ASSERT_EQ(answers.told.size(), 2U) << "nobody waits for an answer to ORDER_CANCELLED";
  EXPECT_EQ(answers.told[0].type, MessageType::seats_sold);
  EXPECT_EQ(answers.told[1].type, MessageType::seats_released);
  EXPECT_EQ(answers.told[0].order, kOrder);
  EXPECT_NE(answers.told[0].id, message(MessageType::payment_success, 1).id);
}

TEST_F(Outcome, ASaleThatCameTooLateIsAnsweredWithItsReason) {
  AnswerBus answers;
  OutcomeConsumer answering(seats, inbox, &answers);
  EXPECT_TRUE(run_task(answering.handle(message(MessageType::payment_failed, 1))));
  EXPECT_TRUE(run_task(answering.handle(message(MessageType::payment_success, 2))));
  ASSERT_EQ(answers.told.size(), 2U);
  EXPECT_EQ(answers.told[1].type, MessageType::seats_released);
  EXPECT_EQ(answers.told[1].reason, order::Reason::seats_lost);
}

TEST_F(Outcome, AnAnswerThatCannotBeGivenKeepsTheMessageUnseenAndItsRepetitionHasTheSameId) {
  AnswerBus answers;
  answers.away = true;
  OutcomeConsumer answering(seats, inbox, &answers);
  EXPECT_FALSE(run_task(answering.handle(message(MessageType::payment_success))));
  EXPECT_EQ(counts().sold, 2U);
  answers.away = false;
  EXPECT_TRUE(run_task(answering.handle(message(MessageType::payment_success))));
  MemoryOrders other_inbox;
  OutcomeConsumer again(seats, other_inbox, &answers);
  EXPECT_TRUE(run_task(again.handle(message(MessageType::payment_success))));
  ASSERT_EQ(answers.told.size(), 2U);
  EXPECT_EQ(answers.told[0].id, answers.told[1].id);
}

}  // namespace
}  // namespace onsale
