// Several nodes on one Redis: never two owners, and each hears what the others do.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>

#include "tests/redis/crowd.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr EventId kEvent{7};

class RedisNodes : public testing::Test {
 protected:
  void SetUp() override {
    if (RedisServer::missing()) GTEST_SKIP() << "redis-server is not installed";
    server_ = std::make_unique<RedisServer>();
  }
  std::unique_ptr<RedisNode> node(std::uint32_t seats, std::size_t loops = 1) {
    RedisSeatLedgerOptions options;
    options.redis.seeds = {{"127.0.0.1", server_->port()}};
    options.proof = &proof_;
    auto made = std::make_unique<RedisNode>(std::move(options), loops);
    const Status opened =
        wait_for((*made)->open_event(kEvent, {.first = 1, .stride = 1, .count = seats}, {}));
    EXPECT_TRUE(opened);
    return made;
  }
  MemoryProof proof_;
  std::unique_ptr<RedisServer> server_;
};

HoldRequest wish(SeatId seat, BuyerId buyer, Milliseconds time = seconds(60)) {
  SeatIds seats;
  seats.push_back(seat);
  return {kEvent, seats, buyer, time, seconds(900), 8};
}

TEST_F(RedisNodes, EightThreadsOnThreeNodesNeverMakeTwoOwners) {
  const auto a = node(200);
  const auto b = node(200, 2);
  const auto c = node(200);
  Crowd crowd({{&a->ledger(), &b->ledger(), &c->ledger()}, &proof_, {kEvent}, 200, 8});
  std::this_thread::sleep_for(seconds(4));
  crowd.end();
  EXPECT_EQ(crowd.tally().stolen, 0U);
  EXPECT_EQ(crowd.tally().outdated, 0U);
  EXPECT_GT(crowd.tally().sold, 100U);
  std::map<SeatId, OrderId> sold;
  const auto records = wait_for(c->ledger().records(kEvent)).value();
  for (const SeatRecord& record : records) {
    if (const auto* sale = std::get_if<seat::Sold>(&record.state)) sold[record.seat] = sale->order;
  }
  const auto claims = wait_for(proof_.claims_of(kEvent)).value();
  EXPECT_EQ(sold.size(), claims.size());
  for (const SeatClaim& claim : claims) EXPECT_EQ(sold[claim.seat], claim.order);
}

TEST_F(RedisNodes, ManyWishesForOneSeatHaveOneWinner) {
  const auto a = node(10);
  const auto b = node(10);
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 16; ++i) {
    threads.emplace_back([&, i] {
      RedisNode& mine = i % 2 == 0 ? *a : *b;
      if (wait_for(mine->hold(wish(SeatId{3}, BuyerId{{i, i}}))).granted()) ++winners;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(RedisNodes, ANodeIsWokenByWhatAnotherDoes) {
  const auto writer = node(10);
  const auto reader = node(10);
  std::atomic<int> wakes{0};
  reader->ledger().on_change([&](EventId event) {
    if (event == kEvent) ++wakes;
  });
  std::this_thread::sleep_for(milliseconds{500});  // the listener has its connection
  Version at = wait_for(reader->ledger().snapshot(kEvent)).value().version;
  for (std::uint64_t n = 1; n <= 5; ++n) {
    const int before = wakes;
    const auto asked = std::chrono::steady_clock::now();
    ASSERT_TRUE(wait_for(writer->ledger().hold(wish(SeatId{n}, BuyerId{{n, n}}))).granted());
    while (wakes == before && std::chrono::steady_clock::now() - asked < milliseconds{300}) {
      std::this_thread::yield();
    }
    EXPECT_GT(wakes, before) << "not woken before the safety net";
    const FeedBatch batch = wait_for(reader->ledger().read(kEvent, at, 100)).value();
    ASSERT_EQ(batch.changes.size(), 1U);
    EXPECT_EQ(batch.changes[0].seat_index, n - 1);
    at = batch.changes[0].version;
  }
  reader->ledger().on_change(nullptr);
}

TEST_F(RedisNodes, ALapsedHoldIsFreeWithinASecondAndTold) {
  const auto a = node(10);
  const auto b = node(10);
  const auto held = wait_for(a->ledger().hold(wish(SeatId{1}, BuyerId{{1, 1}}, milliseconds{700})));
  ASSERT_TRUE(held.granted());
  const Version before = held.value().version;
  std::this_thread::sleep_for(milliseconds{600});
  EXPECT_EQ(wait_for(b->ledger().read(kEvent, before, 10)).value().changes.size(), 0U);
  std::this_thread::sleep_for(milliseconds{1100});
  const FeedBatch batch = wait_for(b->ledger().read(kEvent, before, 10)).value();
  ASSERT_EQ(batch.changes.size(), 1U);
  EXPECT_EQ(batch.changes[0].status, seat::WireStatus::available);
  EXPECT_EQ(a->ledger().lapsed_total() + b->ledger().lapsed_total(), 1U);
}

// A node without a proof serves what others have opened, and says `unavailable` until they have.
TEST_F(RedisNodes, ANodeThatOnlyReadsWaitsForOthersToRebuild) {
  RedisSeatLedgerOptions options;
  options.redis.seeds = {{"127.0.0.1", server_->port()}};
  RedisNode reader(std::move(options));
  EXPECT_EQ(wait_for(reader->snapshot(kEvent)).code(), Code::event_not_found);
  const auto office = node(10);
  const auto cut = wait_for(reader->snapshot(kEvent));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut.value().statuses.size(), 10U);
}

TEST_F(RedisNodes, ALateNodeFindsTheEventAsItIs) {
  const auto a = node(10);
  ASSERT_TRUE(wait_for(a->ledger().hold(wish(SeatId{1}, BuyerId{{1, 1}}))).granted());
  const Version before = wait_for(a->ledger().counts(kEvent)).value().version;
  const auto b = node(20);
  EXPECT_EQ(wait_for(b->ledger().counts(kEvent)).value().version, before);
  EXPECT_EQ(wait_for(b->ledger().holds_of(kEvent, BuyerId{{1, 1}})).value().holds.size(), 1U);
  std::this_thread::sleep_for(milliseconds{1100});
  EXPECT_TRUE(wait_for(a->ledger().hold(wish(SeatId{20}, BuyerId{{1, 1}}))).granted());
}

}  // namespace
}  // namespace onsale
