// Refusals from a node's own copy of the feed: they save Redis the work, and are never stale, however
// quickly and by whomever a seat comes free.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/redis/redis_node.hpp"
#include "tests/support/memory_proof.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale {
namespace {

using std::chrono::milliseconds;

constexpr EventId kEvent{7};
constexpr BuyerId kAnna{{0xB0, 1}};
constexpr BuyerId kBert{{0xB0, 2}};

class Refusing : public testing::Test {
 protected:
  void SetUp() override {
    if (RedisServer::missing()) GTEST_SKIP() << "redis-server is not installed";
    server_ = std::make_unique<RedisServer>();
    for (auto& node : nodes_) {
      RedisSeatLedgerOptions options;
      options.redis.seeds = {{"127.0.0.1", server_->port()}};
      options.proof = &proof_;
      options.listen = false;
      node = std::make_unique<RedisNode>(std::move(options), 2);
      ASSERT_TRUE(wait_for(
          (*node)->open_event(kEvent, {.first = 1, .stride = 1, .count = 200}, {SeatId{200}})));
    }
  }
  void TearDown() override {
    for (auto& node : nodes_) node.reset();
    server_.reset();
  }

  RedisSeatLedger& here() { return nodes_[0]->ledger(); }
  RedisSeatLedger& elsewhere() { return nodes_[1]->ledger(); }
  static LedgerAnswer<HoldGranted> hold(RedisSeatLedger& ledger, const SeatIds& seats,
                                        BuyerId buyer = kAnna) {
    return wait_for(ledger.hold(
        {kEvent, seats, buyer, milliseconds{60'000}, milliseconds{600'000}, /*limit=*/16}));
  }
  static OrderId sell(RedisSeatLedger& ledger, SeatId seat, BuyerId buyer = kAnna) {
    static std::atomic<std::uint64_t> made{0};
    const OrderId order{{0x0D, ++made}};
    EXPECT_TRUE(hold(ledger, {seat}, buyer).granted());
    EXPECT_TRUE(wait_for(ledger.confirm(kEvent, seat, buyer, order)).granted());
    return order;
  }
  // Until refusals come from the copy.
  void warm_up(SeatId sold) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    const std::uint64_t before = here().refused_from_copy_total();
    while (here().refused_from_copy_total() == before) {
      ASSERT_LT(std::chrono::steady_clock::now(), give_up);
      EXPECT_FALSE(hold(here(), {sold}, kBert).granted());
    }
  }
  std::string calls_of(const std::string& command) {
    const std::string stats = server_->cli("INFO commandstats");
    const std::string head = "cmdstat_" + command + ":calls=";
    const auto at = stats.find(head);
    return at == std::string::npos
               ? "0"
               : stats.substr(at + head.size(), stats.find(',', at) - at - head.size());
  }

  std::unique_ptr<RedisServer> server_;
  MemoryProof proof_;
  std::unique_ptr<RedisNode> nodes_[2];
};

TEST_F(Refusing, SaysWhatRedisWouldSayAndAsksItNoMore) {
  sell(here(), SeatId{1});
  warm_up(SeatId{1});
  server_->cli("CONFIG RESETSTAT");
  const std::uint64_t before = here().refused_from_copy_total();
  const auto sold = hold(here(), {SeatId{1}}, kBert);
  ASSERT_FALSE(sold.granted());
  EXPECT_EQ(sold.refused().code, Code::seat_sold);
  ASSERT_EQ(sold.refused().seats.size(), 1U);
  EXPECT_EQ(sold.refused().seats[0], (RefusedSeat{SeatId{1}, seat::WireStatus::sold}));
  const auto blocked = hold(here(), {SeatId{200}}, kBert);
  ASSERT_FALSE(blocked.granted());
  EXPECT_EQ(blocked.refused().code, Code::reservation_conflict);
  const auto both = hold(here(), {SeatId{200}, SeatId{1}}, kBert);
  ASSERT_FALSE(both.granted());
  EXPECT_EQ(both.refused().code, Code::seat_sold);
  ASSERT_EQ(both.refused().seats.size(), 2U);
  EXPECT_EQ(both.refused().seats[0].status, seat::WireStatus::blocked);
  EXPECT_EQ(here().refused_from_copy_total(), before + 3);
  EXPECT_LE(calls_of("hmget"), "1") << "no seat was looked at";
}

TEST_F(Refusing, HeldSeatsAndMixedOnesAreAskedOfRedis) {
  sell(here(), SeatId{1});
  warm_up(SeatId{1});
  ASSERT_TRUE(hold(elsewhere(), {SeatId{2}}).granted());
  const std::uint64_t before = here().refused_from_copy_total();
  const auto held = hold(here(), {SeatId{2}}, kBert);
  ASSERT_FALSE(held.granted());
  EXPECT_EQ(held.refused().seats[0].status, seat::WireStatus::held);
  const auto mixed = hold(here(), {SeatId{1}, SeatId{2}}, kBert);
  ASSERT_FALSE(mixed.granted());
  EXPECT_EQ(mixed.refused().code, Code::seat_sold);
  EXPECT_EQ(mixed.refused().seats.size(), 2U);
  EXPECT_EQ(hold(here(), {SeatId{1}, SeatId{1}}, kBert).refused().code, Code::validation_failed);
  EXPECT_EQ(hold(here(), {SeatId{1}, SeatId{999}}, kBert).refused().code, Code::seat_not_found);
  EXPECT_EQ(here().refused_from_copy_total(), before);
}

TEST_F(Refusing, ASeatThatAnotherNodeFreedIsGrantedAtOnce) {
  sell(here(), SeatId{1});
  warm_up(SeatId{1});
  for (int round = 0; round < 100; ++round) {
    const OrderId order = sell(elsewhere(), SeatId{2});
    warm_up(SeatId{2});
    ASSERT_TRUE(
        wait_for(elsewhere().settle(kEvent, {SeatId{2}}, order, Settlement::give_back)).granted());
    ASSERT_TRUE(hold(here(), {SeatId{2}}, kBert).granted()) << "refunded, round " << round;
    ASSERT_TRUE(wait_for(here().release(kEvent, SeatId{2}, kBert)).granted());
  }
  ASSERT_FALSE(hold(here(), {SeatId{200}}, kBert).granted());
  ASSERT_TRUE(wait_for(elsewhere().set_blocked(kEvent, {SeatId{200}}, false)).granted());
  EXPECT_TRUE(hold(here(), {SeatId{200}}, kBert).granted()) << "unblocked";
  ASSERT_TRUE(wait_for(elsewhere().reset(kEvent)));
  EXPECT_TRUE(hold(here(), {SeatId{1}}, kBert).granted()) << "reset";
  EXPECT_GE(here().refused_from_copy_total(), 100U);
}

// One of them sells and refunds without pause; the others ask for the seat meanwhile. Whoever is told
// SOLD must have asked before the refund was acknowledged, or after the next sale was begun.
TEST_F(Refusing, NobodyIsRefusedASeatThatWasFreeAllTheWhile) {
  sell(here(), SeatId{1});
  warm_up(SeatId{1});
  std::atomic<std::uint64_t> phase{0};  // odd: free, and known to be so
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> stale{0};
  std::atomic<std::uint64_t> refused{0};
  std::vector<std::thread> askers;
  for (std::uint64_t t = 0; t < 3; ++t) {
    askers.emplace_back([&, t] {
      const BuyerId buyer{{0xA5, t}};
      while (!stop) {
        const std::uint64_t before = phase;
        const auto answer = hold(here(), {SeatId{3}}, buyer);
        const bool free_all_along = before % 2 == 1 && phase == before;
        if (answer.granted()) {
          wait_for(here().release(kEvent, SeatId{3}, buyer));
        } else if (answer.refused().code == Code::seat_sold) {
          ++refused;
          if (free_all_along) ++stale;
        }
      }
    });
  }
  const auto end = std::chrono::steady_clock::now() + milliseconds{1500};
  while (std::chrono::steady_clock::now() < end) {
    const OrderId order{{0x0E, phase.load() + 1}};
    if (!hold(elsewhere(), {SeatId{3}}).granted()) continue;
    ASSERT_TRUE(wait_for(elsewhere().confirm(kEvent, SeatId{3}, kAnna, order)).granted());
    std::this_thread::sleep_for(milliseconds{2});
    ASSERT_TRUE(
        wait_for(elsewhere().settle(kEvent, {SeatId{3}}, order, Settlement::give_back)).granted());
    ++phase;  // odd
    std::this_thread::sleep_for(milliseconds{2});
    ++phase;  // even: the next sale begins
  }
  stop = true;
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(stale, 0U);
  EXPECT_GT(refused, 100U);
  EXPECT_GT(here().refused_from_copy_total(), 0U);
}

TEST_F(Refusing, OfAnEmptiedRedisNothingIsRefusedFromTheCopy) {
  sell(here(), SeatId{1});  // without an order in the proof: free after the rebuild
  warm_up(SeatId{1});
  server_->cli("FLUSHALL");
  const std::uint64_t before = here().refused_from_copy_total();
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (true) {
    const auto answer = hold(here(), {SeatId{1}}, kBert);
    if (answer.granted()) break;
    EXPECT_EQ(answer.refused().code, Code::unavailable);
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
  }
  EXPECT_EQ(here().refused_from_copy_total(), before);
}

Task<void> one_of_a_crowd(RedisSeatLedger& ledger, std::atomic<int>& left) {
  HoldRequest request{kEvent, {SeatId{1}}, kBert, milliseconds{60'000}, milliseconds{600'000}, 16};
  auto holding = ledger.hold(request);
  const auto answer = co_await std::move(holding);
  EXPECT_FALSE(answer.granted());
  --left;
}

TEST_F(Refusing, ACrowdAtOnceIsServedByFewReads) {
  sell(here(), SeatId{1});
  warm_up(SeatId{1});
  const std::uint64_t reads = here().refusal_reads_total();
  const std::uint64_t given = here().refused_from_copy_total();
  constexpr int kCrowd = 2000;
  std::atomic<int> left{kCrowd};
  nodes_[0]->loop().post([&] {
    for (int i = 0; i < kCrowd; ++i) detach(one_of_a_crowd(here(), left));
  });
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (left > 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
    std::this_thread::sleep_for(milliseconds{1});
  }
  EXPECT_EQ(here().refused_from_copy_total(), given + kCrowd);
  EXPECT_LE(here().refusal_reads_total(), reads + 20);
}

}  // namespace
}  // namespace onsale
