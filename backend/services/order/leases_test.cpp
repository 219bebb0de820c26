// Several nodes over one store: who drives an order, and who does when that one is gone.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "tests/support/order_office.hpp"

namespace onsale {
namespace {

// By the fast path and by events alone.
class OrderNodes : public testing::TestWithParam<bool> {
 protected:
  OrderNodes() {
    one->start();
    two->start();
  }
  static OrderPolicy node_policy() {
    OrderPolicy policy = saga_policy(GetParam());
    policy.full_sweep_every = policy.sweep_every;
    return policy;
  }
  void place(OrderOffice& node, std::uint64_t buyer) {
    durable.hold(buyer, {SeatId{buyer}});
    ASSERT_TRUE(node.place(buyer, {SeatId{buyer}}, "k").granted());
  }
  bool all_at_an_end() {
    for (const Order& order : durable.orders()) {
      if (!order::is_final(order.status)) return false;
    }
    return true;
  }
  void expect_one_authorisation_each() {
    std::map<AttemptId, int> authorised;
    const auto entries = run_task(durable.book.entries()).value();
    for (const ProviderEntry& entry : entries) {
      if (entry.operation == payment::Operation::authorise) ++authorised[entry.attempt];
    }
    EXPECT_EQ(authorised.size(), durable.orders().size());
    for (const auto& [attempt, times] : authorised) EXPECT_EQ(times, 1);
  }

  Durable durable;
  SharedLeases leases{durable.clock};
  std::optional<OrderOffice> one{std::in_place, durable, node_policy(), PaymentPolicy{},
                                 Mortality{},   nullptr, &leases,       1};
  std::optional<OrderOffice> two{std::in_place, durable, node_policy(), PaymentPolicy{},
                                 Mortality{},   nullptr, &leases,       2};
};
INSTANTIATE_TEST_SUITE_P(Both, OrderNodes, testing::Bool(),
                         [](const auto& about) { return saga_name(about.param); });

TEST_P(OrderNodes, ADeadNodesOrdersAreFinishedByTheOtherWithOneAuthorisationEach) {
  durable.gateway.delay = Milliseconds{1500};
  for (std::uint64_t buyer = 1; buyer <= 10; ++buyer) place(*one, buyer);
  durable.loop.run_for(Milliseconds{1000});
  one->life.dead = true;
  durable.gateway.delay = Milliseconds{100};
  ASSERT_TRUE(durable.loop.run_until([this] { return all_at_an_end(); }, Milliseconds{10'000}));
  durable.loop.run_for(Milliseconds{2000});
  EXPECT_EQ(two->orders.stats().recovered.load(), 10U);
  expect_one_authorisation_each();
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(OrderNodes, WhatIsDrivenIsLeftAloneHoweverLongItTakes) {
  durable.gateway.mood = Mood::silent;
  for (std::uint64_t buyer = 1; buyer <= 3; ++buyer) place(*one, buyer);
  durable.loop.run_for(Milliseconds{20'000});
  EXPECT_EQ(two->orders.stats().recovered.load(), 0U);
  EXPECT_GE(one->orders.stats().leases_renewed.load(), 3U * 8);
  durable.gateway.mood = Mood::willing;
  durable.loop.run_for(Milliseconds{15'000});
  EXPECT_EQ(one->orders.stats().left_to_others.load(), 0U);
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(OrderNodes, AShortSagaCostsNoRenewal) {
  for (std::uint64_t buyer = 1; buyer <= 3; ++buyer) place(*one, buyer);
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_TRUE(all_at_an_end());
  EXPECT_EQ(one->orders.stats().leases_renewed.load(), 0U);
}

TEST_P(OrderNodes, ANodeThatWasAwayTooLongLeavesItsOrdersToWhoeverTookThem) {
  durable.gateway.delay = Milliseconds{1500};
  place(*one, 1);
  const auto taken_over = [this] {
    if (two->orders.stats().recovered.load() > 0) return true;
    leases.lapse_all();
    return false;
  };
  ASSERT_TRUE(durable.loop.run_until(taken_over, Milliseconds{3000}));
  ASSERT_TRUE(durable.loop.run_until([this] { return all_at_an_end(); }, Milliseconds{10'000}));
  durable.loop.run_for(Milliseconds{5000});
  EXPECT_EQ(two->orders.stats().recovered.load(), 1U);
  EXPECT_EQ(one->orders.stats().left_to_others.load() + two->orders.stats().left_to_others.load(),
            1U);
  expect_one_authorisation_each();
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(OrderNodes, WhoStopsInOrderGivesItsOrdersAwayAtOnce) {
  durable.gateway.mood = Mood::silent;
  for (std::uint64_t buyer = 1; buyer <= 3; ++buyer) place(*one, buyer);
  durable.loop.run_for(Milliseconds{100});
  one->orders.stop();
  one->payments.stop();
  ASSERT_TRUE(durable.loop.run_until([this] { return one->orders.idle(); }, Milliseconds{20'000}));
  durable.gateway.mood = Mood::willing;
  durable.loop.run_for(Milliseconds{1200});  // a sweep; a lease would have lasted longer
  EXPECT_EQ(two->orders.stats().recovered.load(), 3U);
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(OrderNodes, WhatOneHasNoRoomForTheOtherTakes) {
  one.reset();
  OrderPolicy small = node_policy();
  small.sagas_max = 1;
  small.sagas_queued_max = 1;
  one.emplace(durable, small, PaymentPolicy{}, Mortality{}, nullptr, &leases, 1);
  one->start();
  durable.gateway.mood = Mood::silent;
  for (std::uint64_t buyer = 1; buyer <= 6; ++buyer) place(*one, buyer);
  durable.loop.run_for(Milliseconds{3000});
  EXPECT_EQ(two->orders.stats().recovered.load(), 4U);
  durable.gateway.mood = Mood::willing;
  durable.loop.run_for(Milliseconds{15'000});
  EXPECT_EQ(durable.broken_invariant(), "");
}

TEST_P(OrderNodes, AResetOnOneNodeCancelsWhatTheOtherDrives) {
  durable.gateway.delay = Milliseconds{2000};
  place(*one, 1);
  durable.gateway.delay = Milliseconds{10};
  place(*two, 2);
  durable.loop.run_for(Milliseconds{1000});
  durable.loop.post([this] {
    const auto reset = [](OrderService& orders) -> Task<void> {
      Task<Status> resetting = orders.reset_event(EventId{1});
      const Status status = co_await std::move(resetting);
      EXPECT_TRUE(status);
    };
    detach(reset(two->orders));
  });
  durable.loop.run_for(Milliseconds{12'000});
  for (const Order& order : durable.orders()) {
    EXPECT_EQ(order.status, order::Status::cancelled);
    EXPECT_EQ(order.reason, order::Reason::event_reset);
  }
  EXPECT_EQ(durable.broken_invariant(), "");
}

}  // namespace
}  // namespace onsale
