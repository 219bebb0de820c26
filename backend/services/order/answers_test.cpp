// The saga by events: answers that are lost, late, repeated, out of turn, or come to another node.
#include <gtest/gtest.h>

#include "tests/support/chaotic_bus.hpp"
#include "tests/support/order_office.hpp"

namespace onsale {
namespace {

constexpr std::uint64_t kAnna = 1;

Order order_of(Durable& durable, std::uint64_t buyer) {
  const auto page = run_task(durable.store.list(BuyerId{{0xB0, buyer}}, {}, 10)).value();
  check(page.orders.size() == 1, "one order was expected");
  return page.orders[0];
}

Message answer_of(const Order& order, MessageType type) {
  Message message;
  message.id = MessageId{{9, 9}};
  message.type = type;
  message.order = order.id;
  message.event = order.event;
  message.seats = order.seats;
  return message;
}

// Duplicates, delays and orders overtaking each other, with the fast path and without.
class ChaoticEvents : public testing::TestWithParam<std::tuple<std::uint64_t, bool>> {};

TEST_P(ChaoticEvents, HaveNoEffectButTheRightOne) {
  constexpr std::uint64_t kBuyers = 19;
  const auto [seed, fast_path] = GetParam();
  Durable durable;
  ChaoticBus bus(durable.loop, seed);
  OrderPolicy policy = saga_policy(fast_path);
  policy.announce_seats = false;
  OrderOffice office(durable, policy, {}, {}, &bus);
  office.start();
  constexpr Mood kMoods[] = {Mood::willing, Mood::declining, Mood::loses_answer, Mood::loses_call,
                             Mood::refuses_captures};
  for (std::uint64_t buyer = 1; buyer <= kBuyers; ++buyer) {
    durable.gateway.mood = kMoods[(seed + buyer / 4) % std::size(kMoods)];
    durable.hold(buyer, {SeatId{buyer}, SeatId{buyer + 40}});
    ASSERT_TRUE(office.place(buyer, {SeatId{buyer}, SeatId{buyer + 40}}, "k").granted());
    durable.loop.run_for(Milliseconds{150});
  }
  durable.gateway.mood = Mood::willing;
  const auto quiet = [&] {
    if (!bus.idle() || run_task(durable.store.backlog()).value().unsent > 0) return false;
    const auto all = durable.orders();
    return std::all_of(all.begin(), all.end(),
                       [](const Order& one) { return order::is_final(one.status); });
  };
  EXPECT_TRUE(durable.loop.run_until(quiet, Milliseconds{120'000}));
  EXPECT_EQ(durable.broken_invariant(), "");
  EXPECT_GT(bus.deliveries, bus.published) << "some came more than once";
  EXPECT_EQ(durable.orders().size(), kBuyers);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChaoticEvents,
                         testing::Combine(testing::Range<std::uint64_t>(1, 26), testing::Bool()));

class EventsAlone : public testing::Test {
 protected:
  EventsAlone() { office.start(); }
  void place(std::uint64_t buyer, std::uint64_t seat) {
    durable.hold(buyer, {SeatId{seat}});
    ASSERT_TRUE(office.place(buyer, {SeatId{seat}}, "k").granted());
  }
  Status tell(OrderService& orders, Message message) {
    std::optional<Status> told;
    durable.loop.post([&] {
      const auto hand_over = [](OrderService& to, Message one,
                                std::optional<Status>& answer) -> Task<void> {
        Task<Status> handling = to.on_seats_answered(std::move(one));
        answer = co_await std::move(handling);
      };
      detach(hand_over(orders, std::move(message), told));
    });
    check(durable.loop.run_until([&] { return told.has_value(); }, Milliseconds{60'000}), "silent");
    return *told;
  }
  Durable durable;
  ChaoticBus bus{durable.loop, 1};
  OrderPolicy policy = saga_policy(false);
  OrderOffice office{durable, policy, {}, {}, &bus};
};

TEST_F(EventsAlone, AnAnswerThatGotLostIsAskedForAgain) {
  bus.lossy.insert("seat.events");
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{4000});
  EXPECT_EQ(order_of(durable, kAnna).status, order::Status::authorised);
  EXPECT_TRUE(std::holds_alternative<seat::Sold>(durable.seat(1))) << "only the answer is missing";
  bus.lossy.clear();
  durable.loop.run_for(policy.answer_wait + policy.full_sweep_every + Milliseconds{3000});
  EXPECT_EQ(order_of(durable, kAnna).status, order::Status::confirmed);
  EXPECT_GE(office.orders.stats().asked_again.load(), 1U);
  EXPECT_TRUE(durable.loop.run_until([&] { return bus.idle(); }, Milliseconds{60'000}));
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_F(EventsAlone, AQuestionThatGotLostIsAskedAgain) {
  bus.lossy.insert("order.events");
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{4000});
  EXPECT_TRUE(std::holds_alternative<seat::Pinned>(durable.seat(1)));
  bus.lossy.clear();
  durable.loop.run_for(policy.answer_wait + policy.full_sweep_every + Milliseconds{3000});
  EXPECT_EQ(order_of(durable, kAnna).status, order::Status::confirmed);
  EXPECT_TRUE(durable.loop.run_until([&] { return bus.idle(); }, Milliseconds{60'000}));
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_F(EventsAlone, AnAnswerThatComesToAnotherNodeDrivesTheOrderThere) {
  bus.lossy.insert("seat.events");
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{2000});
  ASSERT_EQ(order_of(durable, kAnna).status, order::Status::authorised);
  OrderOffice other(durable, policy);
  EXPECT_TRUE(tell(other.orders, answer_of(order_of(durable, kAnna), MessageType::seats_sold)));
  EXPECT_EQ(order_of(durable, kAnna).status, order::Status::confirmed);
  EXPECT_TRUE(durable.loop.run_until([&] { return bus.idle(); }, Milliseconds{60'000}));
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_F(EventsAlone, AnAnswerNobodyWaitsForChangesNothing) {
  place(kAnna, 1);
  durable.loop.run_for(Milliseconds{5000});
  ASSERT_EQ(order_of(durable, kAnna).status, order::Status::confirmed);
  for (const auto type :
       {MessageType::seats_sold, MessageType::seats_released, MessageType::order_confirmed}) {
    EXPECT_TRUE(tell(office.orders, answer_of(order_of(durable, kAnna), type)));
  }
  EXPECT_EQ(order_of(durable, kAnna).status, order::Status::confirmed);
  EXPECT_TRUE(durable.loop.run_until([&] { return bus.idle(); }, Milliseconds{60'000}));
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_F(EventsAlone, AnAnswerAboutAnOrderThatIsNotThereIsRefusedSoThatItIsSeen) {
  Order unknown;
  unknown.id = OrderId{{7, 7}};
  const Status told = tell(office.orders, answer_of(unknown, MessageType::seats_sold));
  ASSERT_FALSE(told);
  EXPECT_EQ(told.code(), Code::order_not_found);
}

}  // namespace
}  // namespace onsale
