// What orders have to tell reaches the bus, late perhaps, but never not.
#include "services/order/outbox_dispatcher.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/order_office.hpp"

namespace onsale {
namespace {

class Dispatching : public testing::Test {
 protected:
  void sell(std::uint64_t buyer) {
    durable.hold(buyer, {SeatId{buyer}});
    ASSERT_TRUE(office.place(buyer, {SeatId{buyer}}, "k").granted());
  }
  std::vector<MessageType> told_of(OrderId id) {
    std::vector<MessageType> types;
    for (const Message& message : office.bus.delivered) {
      if (message.order == id) types.push_back(message.type);
    }
    return types;
  }
  const std::vector<MessageType> whole_story{MessageType::order_created,
                                             MessageType::payment_success, MessageType::seats_sold,
                                             MessageType::order_confirmed};
  Durable durable;
  OrderOffice office{durable};
};

TEST_F(Dispatching, AnOrdersMessagesArriveInTheirOrderAndAreMarkedSent) {
  office.start();
  sell(1);
  sell(2);
  durable.loop.run_for(Milliseconds{900});  // woken by the commits, not by the poll
  for (const Order& order : durable.orders()) EXPECT_EQ(told_of(order.id), whole_story);
  EXPECT_EQ(run_task(durable.store.backlog()).value().unsent, 0U);
  EXPECT_EQ(office.dispatcher.stats().sent.load(), 8U);
  const DurationSum delays = office.dispatcher.stats().acknowledged_after.sum();
  EXPECT_EQ(std::accumulate(delays.by_bucket.begin(), delays.by_bucket.end(), 0ULL), 8U);
}

// Scenario 5: the bus is down while orders are paid; the outbox was marked sent, messages were lost.
TEST_F(Dispatching, Scenario05ABusThatIsDownLosesNothingAndSalesGoOn) {
  office.start();
  office.bus.down = true;
  for (std::uint64_t buyer = 1; buyer <= 5; ++buyer) sell(buyer);
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_EQ(durable.broken_invariant(), "");
  EXPECT_EQ(run_task(durable.store.backlog()).value().unsent, 20U);
  EXPECT_GT(office.dispatcher.stats().backlog.load(), 0U);
  EXPECT_GT(office.dispatcher.stats().oldest_unsent_ms.load(), 0);
  office.bus.down = false;
  durable.loop.run_for(Milliseconds{5000});
  for (const Order& order : durable.orders()) EXPECT_EQ(told_of(order.id), whole_story);
  EXPECT_EQ(run_task(durable.store.backlog()).value().unsent, 0U);
  EXPECT_EQ(office.dispatcher.stats().oldest_unsent_ms.load(), 0);
}

TEST_F(Dispatching, OneOrderThatNobodyCanTakeDoesNotKeepTheOthersBack) {
  OrderId poisoned;
  office.bus.subscribe("picky", "order.events", [&poisoned](Message message) -> Task<Status> {
    if (message.order == poisoned) return Status(Code::unavailable);
    return ok();
  });
  sell(1);
  poisoned = durable.orders()[0].id;
  office.start();
  sell(2);
  durable.loop.run_for(Milliseconds{5000});
  for (const Order& order : durable.orders()) {
    if (order.id != poisoned) {
      EXPECT_EQ(told_of(order.id), whole_story);
    }
  }
  EXPECT_EQ(run_task(durable.store.backlog()).value().unsent, 4U);
}

}  // namespace
}  // namespace onsale
