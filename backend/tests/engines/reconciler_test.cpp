// The reconciler over a real Redis and a real MariaDB: each fault that a crash, a failover, a lost
// record or a hand can leave is planted, and set right; what is on its way is left alone.
#include "services/reservation/reconciler.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/embedded/system_clock.hpp"
#include "services/reservation/outcome_consumer.hpp"
#include "tests/engines/mysql_office.hpp"
#include "tests/redis/redis_node.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale {
namespace {

using std::chrono::milliseconds;

constexpr EventId kEvent{1};
constexpr BuyerId kRival{{0xFF, 1}};

class Reconciling : public testing::Test {
 protected:
  void SetUp() override {
    if (RedisServer::missing()) GTEST_SKIP() << "redis-server is not installed";
    if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
    server_ = std::make_unique<RedisServer>();
    database_ = std::make_unique<MysqlNode>(shared_mariadb().fresh(mysql::Schema::office));
    RedisSeatLedgerOptions options;
    options.redis.seeds = {{"127.0.0.1", server_->port()}};
    options.proof = &database_->store;
    options.listen = false;
    node_ = std::make_unique<RedisNode>(std::move(options));
    ASSERT_TRUE(wait_for(ledger().open_event(kEvent, {.first = 1, .stride = 1, .count = 700}, {})));
    ReconcilerPolicy policy;
    policy.settle = milliseconds{50};
    reconciler_ = std::make_unique<Reconciler>(
        ReconcilerPorts{database_->store, database_->store, ledger(), ledger(), clock_}, policy,
        [] { return std::vector{kEvent}; },
        [this](const RepairedSeat& seat) { told_.push_back(seat); });
  }
  void TearDown() override {
    node_.reset();
    database_.reset();
    server_.reset();
  }

  RedisSeatLedger& ledger() { return node_->ledger(); }
  mysql::MysqlOrderStore& store() { return database_->store; }

  // The n-th order, of seat n, as far as told.
  Order placed(std::uint64_t n) {
    PlaceOrder command = nth_order(n);
    Order& order = command.order;
    hold(n, order.buyer);
    const auto pinned = wait_for(ledger().pin(kEvent, order.seats, order.buyer, order.id,
                                              clock_.now() + milliseconds{60'000}));
    EXPECT_TRUE(pinned.granted());
    command.pinned_epoch = pinned.value().version.epoch();
    EXPECT_EQ(wait_for(store().place(command)).value(), PlaceOutcome::placed);
    return order;
  }
  Order confirmed(std::uint64_t n) {
    Order order = placed(n);
    advance(order, order::Status::authorised);
    EXPECT_TRUE(settle(order, Settlement::sell));
    advance(order, order::Status::confirmed);
    return order;
  }
  void hold(std::uint64_t seat, BuyerId buyer) {
    const auto held = wait_for(ledger().hold(
        {kEvent, {SeatId{seat}}, buyer, milliseconds{60'000}, milliseconds{600'000}, /*limit=*/1}));
    EXPECT_TRUE(held.granted());
  }
  void advance(Order& order, order::Status to) {
    AdvanceOrder command{.id = order.id, .expected_version = order.version, .to = to};
    EXPECT_EQ(wait_for(store().advance(command)).value(), AdvanceOutcome::advanced);
    ++order.version;
  }
  bool settle(const Order& order, Settlement how) {
    return wait_for(ledger().settle(kEvent, order.seats, order.id, how)).granted();
  }
  // By hand: Redis knows nothing of the seat any more.
  void forget(std::uint64_t seat) {
    const std::string script =
        "local key = redis.call('KEYS', 'seats{e:1}*')[1] local n = tonumber(ARGV[1]) - 1 "
        "return redis.call('HDEL', key, string.char(n % 256, math.floor(n / 256), 0, 0))";
    const std::string gone = server_->cli("EVAL \"" + script + "\" 0 " + std::to_string(seat));
    ASSERT_EQ(gone, "1\n");
  }
  seat::State seat(std::uint64_t id) {
    const auto seen = wait_for(ledger().look(kEvent, static_cast<std::uint32_t>(id - 1), 1));
    return seen.value().front().state;
  }
  static OrderId sold_to(const seat::State& state) {
    const auto* sold = std::get_if<seat::Sold>(&state);
    return sold == nullptr ? OrderId{} : sold->order;
  }
  static bool is_free(const seat::State& state) {
    return std::holds_alternative<seat::Available>(state);
  }
  void reconcile() {
    std::promise<void> done;
    node_->loop().post([this, &done] { detach(one_round(*reconciler_, done)); });
    done.get_future().wait();
  }
  static Task<void> one_round(Reconciler& reconciler, std::promise<void>& done) {
    co_await reconciler.reconcile();
    done.set_value();
  }
  void expect_told(std::vector<Repair> repairs) {
    std::vector<Repair> told;
    for (const RepairedSeat& seat : told_) told.push_back(seat.repair);
    EXPECT_EQ(told, repairs);
  }

  SystemClock clock_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<MysqlNode> database_;
  std::unique_ptr<RedisNode> node_;
  std::unique_ptr<Reconciler> reconciler_;
  std::vector<RepairedSeat> told_;
};

TEST_F(Reconciling, WhatAgreesIsNotTouched) {
  confirmed(1);
  placed(2);
  hold(3, kRival);
  Order cancelled = placed(600);
  advance(cancelled, order::Status::cancelling);
  EXPECT_TRUE(settle(cancelled, Settlement::give_back));
  advance(cancelled, order::Status::cancelled);
  reconcile();
  expect_told({});
  EXPECT_EQ(reconciler_->stats().suspects.load(), 0U);
  EXPECT_EQ(reconciler_->stats().rounds.load(), 1U);
}

TEST_F(Reconciling, ASoldSeatThatRedisForgotIsSoldAgain) {
  const Order order = confirmed(1);
  const Order far = confirmed(650);  // beyond the first look
  const Version before = wait_for(ledger().counts(kEvent)).value().version;
  forget(1);
  forget(650);
  reconcile();
  expect_told({Repair::sold_again, Repair::sold_again});
  EXPECT_EQ(sold_to(seat(1)), order.id);
  EXPECT_EQ(sold_to(seat(650)), far.id);
  const auto feed = wait_for(ledger().read(kEvent, before, 10)).value();
  ASSERT_EQ(feed.changes.size(), 2U) << "viewers are told";
  EXPECT_EQ(feed.changes[0].status, seat::WireStatus::sold);
  // Nor is the buyer's seat counted twice now: given back, there is room for another.
  EXPECT_TRUE(settle(order, Settlement::give_back));
  hold(2, order.buyer);
  told_.clear();
}

TEST_F(Reconciling, ASoldSeatThatARivalGotMeanwhileIsTakenBack) {
  const Order order = confirmed(1);
  forget(1);
  hold(1, kRival);
  reconcile();
  expect_told({Repair::sold_again});
  EXPECT_EQ(sold_to(seat(1)), order.id);
  EXPECT_TRUE(wait_for(ledger().holds_of(kEvent, kRival)).value().holds.empty());
  hold(2, kRival);  // within the limit of one
}

// The record of the failed payment was consumed (it is in the inbox), its effect is not there.
TEST_F(Reconciling, ACancelledOrdersSeatIsGivenBackThoughTheInboxSaysItWas) {
  Order order = placed(1);
  advance(order, order::Status::cancelling);
  Message failed;
  failed.id = MessageId{uuid_v7(kOfficeStart, {9, 9})};
  failed.type = MessageType::payment_failed;
  failed.order = order.id;
  failed.event = kEvent;
  failed.seats = order.seats;
  ASSERT_TRUE(wait_for(store().record(std::string(OutcomeConsumer::kName), {failed.id})));
  advance(order, order::Status::cancelled);
  OutcomeConsumer consumer(ledger(), store());
  ASSERT_TRUE(wait_for(consumer.handle(failed)));  // brought again: known, no effect
  EXPECT_FALSE(is_free(seat(1)));
  reconcile();
  expect_told({Repair::given_back});
  EXPECT_TRUE(is_free(seat(1)));
}

TEST_F(Reconciling, ASeatSoldToACancelledOrderIsGivenBack) {
  Order order = confirmed(1);
  ASSERT_TRUE(wait_for(store().cancel_all(kEvent, clock_.now())));
  ++order.version;
  reconcile();
  expect_told({});  // CANCELLING: the saga is at it
  advance(order, order::Status::cancelled);
  reconcile();
  expect_told({Repair::given_back});
  EXPECT_TRUE(is_free(seat(1)));
}

TEST_F(Reconciling, ASeatSoldToAnOrderThatDoesNotExistIsFree) {
  hold(1, kRival);
  ASSERT_TRUE(wait_for(ledger().confirm(kEvent, SeatId{1}, kRival, OrderId{{5, 5}})).granted());
  reconcile();
  expect_told({Repair::given_back});
  EXPECT_TRUE(is_free(seat(1)));
}

TEST_F(Reconciling, ALostPinIsPinnedAgain) {
  const Order order = placed(1);
  forget(1);
  reconcile();
  expect_told({Repair::pinned_again});
  const seat::State state = seat(1);
  ASSERT_TRUE(std::holds_alternative<seat::Pinned>(state));
  EXPECT_EQ(std::get<seat::Pinned>(state).order, order.id);
  EXPECT_TRUE(settle(order, Settlement::sell)) << "the saga goes on";
}

TEST_F(Reconciling, NobodysHoldIsTakenForALostPin) {
  placed(1);
  forget(1);
  hold(1, kRival);
  reconcile();
  expect_told({});
  EXPECT_EQ(wait_for(ledger().holds_of(kEvent, kRival)).value().holds.size(), 1U);
}

TEST_F(Reconciling, APinWhoseOrderIsNotWrittenYetIsLeftAlone) {
  const Order order = nth_order(1).order;
  hold(1, order.buyer);
  ASSERT_TRUE(wait_for(ledger().pin(kEvent, order.seats, order.buyer, order.id,
                                    clock_.now() + milliseconds{60'000}))
                  .granted());
  reconcile();
  expect_told({});
  EXPECT_EQ(reconciler_->stats().suspects.load(), 1U);
  EXPECT_TRUE(std::holds_alternative<seat::Pinned>(seat(1)));
}

// Sales and refunds go on while rounds are made one after the other.
TEST_F(Reconciling, AnOfficeOnSaleNeedsNoRepairs) {
  std::atomic<bool> stop{false};
  std::thread sales([&] {
    for (std::uint64_t n = 1; !stop && n < 500; ++n) {
      Order order = confirmed(n);
      if (n % 3 != 0) continue;
      Order refused = placed(n + 100'000 - 99'500);  // seats 500 and more
      advance(refused, order::Status::cancelling);
      EXPECT_TRUE(settle(refused, Settlement::give_back));
      advance(refused, order::Status::cancelled);
    }
  });
  for (int round = 0; round < 10; ++round) reconcile();
  stop = true;
  sales.join();
  expect_told({});
}

}  // namespace
}  // namespace onsale
