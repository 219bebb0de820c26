// Placing orders: idempotency, whose seats, and what is left when it fails.
#include <gtest/gtest.h>

#include "tests/support/order_office.hpp"

namespace onsale {
namespace {

constexpr std::uint64_t kAnna = 1;
constexpr std::uint64_t kBert = 2;

class PlacingOrders : public testing::Test {
 protected:
  Code refusal(const PlaceAnswer& answer) {
    EXPECT_FALSE(answer.granted());
    return answer.granted() ? Code::internal_error : answer.refused().code;
  }
  Durable durable;
  OrderOffice office{durable};
};

TEST_F(PlacingOrders, HeldSeatsBecomeAnOrderAndItIsConfirmed) {
  durable.hold(kAnna, {SeatId{1}, SeatId{2}});
  const PlaceAnswer answer = office.place(kAnna, {SeatId{1}, SeatId{2}}, "k");
  ASSERT_TRUE(answer.granted());
  EXPECT_FALSE(answer.value().replayed);
  EXPECT_EQ(answer.value().answer.http_status, 201);
  durable.loop.run_for(Milliseconds{5000});
  ASSERT_EQ(durable.orders().size(), 1U);
  EXPECT_EQ(durable.orders()[0].status, order::Status::confirmed);
  EXPECT_EQ(durable.orders()[0].total.amount, 100'000);
  EXPECT_EQ(durable.broken_invariant(), "");
  EXPECT_EQ(office.orders.stats().confirmed.load(), 1U);
}

// Scenario 2: an order for a seat that nobody holds, that another holds, that is SOLD, that does not
// exist.
TEST_F(PlacingOrders, Scenario02OnlyOnesOwnLiveHoldCanBeOrdered) {
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}}, "nobody")), Code::reservation_conflict);
  durable.hold(kBert, {SeatId{1}});
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}}, "another")), Code::hold_not_owned);
  ASSERT_TRUE(office.place(kBert, {SeatId{1}}, "bert").granted());
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}}, "sold")), Code::seat_sold);
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{999'999}}, "none")), Code::seat_not_found);
  PlaceRequest elsewhere = OrderOffice::request(kAnna, {SeatId{1}}, "no event");
  elsewhere.event = EventId{424'242};
  EXPECT_EQ(refusal(office.place(elsewhere)), Code::event_not_found);
  EXPECT_EQ(durable.gateway.authorise_calls, 1U) << "only Bert's order reached the provider";
  EXPECT_EQ(durable.orders().size(), 1U);
}

TEST_F(PlacingOrders, ALapsedHoldCannotBeOrdered) {
  durable.hold(kAnna, {SeatId{1}}, Milliseconds{5000});
  durable.loop.run_for(Milliseconds{5001});
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}}, "k")), Code::reservation_expired);
}

TEST_F(PlacingOrders, AnEventThatIsNotOnSaleTakesNoOrder) {
  durable.hold(kAnna, {SeatId{1}});
  durable.catalogue.state = catalog::SaleState::closed;
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}}, "k")), Code::not_on_sale);
  EXPECT_TRUE(std::holds_alternative<seat::Held>(durable.seat(1)));
}

// Scenario 13: an order without seats.
TEST_F(PlacingOrders, Scenario13AnOrderNamesSeatsAndEachOnce) {
  EXPECT_EQ(refusal(office.place(kAnna, {}, "none")), Code::validation_failed);
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}, SeatId{1}}, "twice")), Code::validation_failed);
}

TEST_F(PlacingOrders, OneSeatInTheWayLeavesAllAsTheyWere) {
  durable.hold(kAnna, {SeatId{1}});
  durable.hold(kBert, {SeatId{2}});
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}, SeatId{2}}, "k")), Code::hold_not_owned);
  EXPECT_TRUE(std::holds_alternative<seat::Held>(durable.seat(1)));
}

// Scenario 12: parallel orders with one key.
TEST_F(PlacingOrders, Scenario12OneKeyIsOneOrderAndOneAnswer) {
  durable.hold(kAnna, {SeatId{1}});
  std::vector<PlaceAnswer> answers;
  for (int i = 0; i < 20; ++i) {
    office.place_soon(OrderOffice::request(kAnna, {SeatId{1}}, "one"), answers);
  }
  durable.loop.run_for(Milliseconds{5000});
  ASSERT_EQ(answers.size(), 20U);
  std::size_t placed = 0;
  for (const PlaceAnswer& answer : answers) {
    if (answer.granted()) {
      ++placed;
    } else {
      EXPECT_EQ(answer.refused().code, Code::idempotency_in_progress);
    }
  }
  EXPECT_EQ(placed, 1U);
  const PlaceAnswer first = office.place(kAnna, {SeatId{1}}, "one");
  const PlaceAnswer second = office.place(kAnna, {SeatId{1}}, "one");
  ASSERT_TRUE(first.granted());
  EXPECT_TRUE(first.value().replayed);
  EXPECT_EQ(first.value().answer.body, second.value().answer.body);
  EXPECT_EQ(first.value().answer.location, second.value().answer.location);
  EXPECT_EQ(durable.orders().size(), 1U);
  EXPECT_EQ(office.orders.stats().replayed.load(), 2U);
}

TEST_F(PlacingOrders, AKeyWithAnotherBodyIsRefused) {
  durable.hold(kAnna, {SeatId{1}, SeatId{2}});
  ASSERT_TRUE(office.place(kAnna, {SeatId{1}}, "k").granted());
  PlaceRequest other = OrderOffice::request(kAnna, {SeatId{2}}, "k");
  other.body_hash = "another";
  EXPECT_EQ(refusal(office.place(other)), Code::idempotency_key_reused);
}

TEST_F(PlacingOrders, TheSameKeyOfAnotherBuyerIsAnotherKey) {
  durable.hold(kAnna, {SeatId{1}});
  durable.hold(kBert, {SeatId{2}});
  EXPECT_TRUE(office.place(kAnna, {SeatId{1}}, "k").granted());
  const PlaceAnswer answer = office.place(kBert, {SeatId{2}}, "k");
  ASSERT_TRUE(answer.granted());
  EXPECT_FALSE(answer.value().replayed);
}

TEST_F(PlacingOrders, ARefusalLeavesTheKeyFree) {
  EXPECT_EQ(refusal(office.place(kAnna, {SeatId{1}}, "k")), Code::reservation_conflict);
  durable.hold(kAnna, {SeatId{1}});
  EXPECT_TRUE(office.place(kAnna, {SeatId{1}}, "k").granted());
}

TEST_F(PlacingOrders, AStoreThatIsAwayUnpins) {
  durable.hold(kAnna, {SeatId{1}});
  PlaceOrder squatter;  // a claim that the ledger knows nothing of
  squatter.order.id = OrderId{{7, 7}};
  squatter.order.event = EventId{1};
  squatter.order.seats = {SeatId{1}};
  ASSERT_TRUE(run_task(durable.store.place(squatter)));
  const PlaceAnswer answer = office.place(kAnna, {SeatId{1}}, "k");
  EXPECT_EQ(refusal(answer), Code::reservation_conflict);
  ASSERT_EQ(answer.refused().seats.size(), 1U);
  EXPECT_EQ(answer.refused().seats[0].seat, SeatId{1});
  EXPECT_TRUE(std::holds_alternative<seat::Held>(durable.seat(1)));
}

TEST_F(PlacingOrders, AnothersOrderIsNotFound) {
  durable.hold(kAnna, {SeatId{1}});
  ASSERT_TRUE(office.place(kAnna, {SeatId{1}}, "k").granted());
  const OrderId id = durable.orders()[0].id;
  EXPECT_TRUE(run_task(office.orders.find(BuyerId{{0xB0, kAnna}}, id)));
  const auto found = run_task(office.orders.find(BuyerId{{0xB0, kBert}}, id));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.code(), Code::order_not_found);
  EXPECT_EQ(run_task(office.orders.list(BuyerId{{0xB0, kAnna}}, {}, 10)).value().orders.size(), 1U);
  EXPECT_TRUE(run_task(office.orders.list(BuyerId{{0xB0, kBert}}, {}, 10)).value().orders.empty());
}

TEST(PlacingOrdersLimit, CallsInProgressAreBounded) {
  Durable durable;
  OrderPolicy policy;
  policy.placing_max = 2;
  OrderOffice office(durable, policy);
  durable.hold(kAnna, {SeatId{1}, SeatId{2}, SeatId{3}});
  std::vector<PlaceAnswer> answers;
  for (const std::uint64_t seat : {1U, 2U, 3U}) {
    office.place_soon(OrderOffice::request(kAnna, {SeatId{seat}}, std::to_string(seat)), answers);
  }
  durable.loop.run_for(Milliseconds{1000});
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_FALSE(answers[0].granted());  // the third was refused at once
  EXPECT_EQ(answers[0].refused().code, Code::unavailable);
}

}  // namespace
}  // namespace onsale
