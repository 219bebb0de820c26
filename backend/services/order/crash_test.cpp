// The office dies at every single step of an order's life, before a call's effect and after it, once
// for each mood of the provider; the next office has to bring all of it to a right end.
#include <gtest/gtest.h>

#include "tests/support/order_office.hpp"

namespace onsale {
namespace {

struct Life {
  std::uint64_t steps = 0;  // how far it came
  bool died = false;
};

// One life and its afterlife; dies at that step, if it comes so far.
Life live_and_die(Mood mood, const OrderPolicy& policy, std::uint64_t dies_at) {
  Durable durable;
  durable.gateway.mood = mood;
  durable.hold(1, {SeatId{1}, SeatId{2}});
  durable.hold(2, {SeatId{3}});
  Life life;
  std::vector<PlaceAnswer> answers;
  {
    Mortality mortality;
    mortality.dies_at = dies_at;
    OrderOffice office(durable, policy, {}, mortality);
    office.start();
    office.place_soon(OrderOffice::request(1, {SeatId{1}, SeatId{2}}, "a"), answers);
    office.place_soon(OrderOffice::request(2, {SeatId{3}}, "b"), answers);
    durable.loop.run_for(Milliseconds{3000});
    life = {office.life.steps, office.life.dead};
  }
  const std::vector<Order> before = durable.orders();

  durable.gateway.mood = Mood::willing;
  OrderOffice office(durable, policy);
  office.start();
  durable.loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(durable.broken_invariant(), "") << "died at step " << dies_at;
  for (const Order& order : before) {
    if (order.status != order::Status::confirmed) continue;
    const auto now = run_task(durable.store.find(order.id));
    EXPECT_EQ(now.value().status, order::Status::confirmed) << "I3: lost at step " << dies_at;
  }
  // I5: what was acknowledged is replayed as it was.
  for (const PlaceAnswer& answer : answers) {
    if (!answer.granted()) continue;
    bool found = false;
    for (const std::uint64_t buyer : {1U, 2U}) {
      const IdempotencyScope scope{BuyerId{{0xB0, buyer}}, "POST /orders", buyer == 1 ? "a" : "b"};
      const auto stored = run_task(durable.store.find_answer(scope)).value();
      found = found || (stored && stored->body == answer.value().answer.body);
    }
    EXPECT_TRUE(found) << "I5: an acknowledged answer is gone at step " << dies_at;
  }
  EXPECT_EQ(run_task(durable.store.backlog()).value().unsent, 0U) << "died at step " << dies_at;
  return life;
}

class CrashAtEveryStep : public testing::TestWithParam<std::tuple<Mood, bool>> {};

TEST_P(CrashAtEveryStep, TheNextOfficeBringsEveryOrderToARightEnd) {
  const auto [mood, fast_path] = GetParam();
  std::uint64_t deaths = 0;
  for (std::uint64_t step = 1; step < 10'000; ++step) {
    const Life life = live_and_die(mood, saga_policy(fast_path), step);
    ASSERT_FALSE(HasFailure());
    if (!life.died) break;
    ++deaths;
  }
  EXPECT_GT(deaths, 20U);
}

INSTANTIATE_TEST_SUITE_P(Providers, CrashAtEveryStep,
                         testing::Combine(testing::Values(Mood::willing, Mood::declining,
                                                          Mood::silent, Mood::loses_answer,
                                                          Mood::loses_call, Mood::refuses_captures),
                                          testing::Bool()));

}  // namespace
}  // namespace onsale
