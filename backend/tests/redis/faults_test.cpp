// Redis loses its memory in every way it can; a crowd goes on buying meanwhile. A seat that an order
// has is never free in between, not for one request; afterwards Redis says exactly what the proof says,
// in a new epoch.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>

#include "tests/redis/crowd.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr EventId kEvent{7};
constexpr std::uint32_t kSeats = 300;

bool within(milliseconds time, const std::function<bool()>& true_now) {
  const auto give_up = std::chrono::steady_clock::now() + time;
  while (!true_now()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(milliseconds{10});
  }
  return true;
}

class RedisFaults : public testing::Test {
 protected:
  void SetUp() override {
    if (RedisServer::missing()) GTEST_SKIP() << "redis-server is not installed";
  }

  void begin(RedisServer::Settings settings = {}) {
    server_ = std::make_unique<RedisServer>(std::move(settings));
    for (auto& node : nodes_) {
      RedisSeatLedgerOptions options;
      options.redis.seeds = {{"127.0.0.1", server_->port()}};
      options.proof = &proof_;
      node = std::make_unique<RedisNode>(std::move(options));
      const Status opened = wait_for(
          (*node)->open_event(kEvent, {.first = 1, .stride = 1, .count = kSeats}, {SeatId{300}}));
      ASSERT_TRUE(opened) << opened.error().detail;
    }
    crowd_ = std::make_unique<Crowd>(Crowd::Stage{
        {&nodes_[0]->ledger(), &nodes_[1]->ledger()}, &proof_, {kEvent}, kSeats - 1, 4});
  }
  void TearDown() override {
    crowd_.reset();
    for (auto& node : nodes_) node.reset();
    server_.reset();
  }

  RedisSeatLedger& ledger() { return nodes_[0]->ledger(); }
  [[nodiscard]] Version version() {
    const auto counts = wait_for(ledger().counts(kEvent));
    return counts ? counts.value().version : Version{};
  }
  void trade(milliseconds time = milliseconds{300}) {
    const std::uint64_t before = crowd_->tally().granted;
    std::this_thread::sleep_for(time);
    EXPECT_TRUE(within(seconds(5), [&] { return crowd_->tally().granted > before + 20; }));
  }
  // After the fault: served again, in a later epoch, and the proof's word is kept.
  void expect_recovered(Version before) {
    EXPECT_TRUE(within(seconds(10), [&] { return version().epoch() > before.epoch(); }))
        << "still closed";
    trade();
    crowd_->end();
    const Result<FeedBatch> batch = wait_for(ledger().read(kEvent, before, 100));
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch.value().too_old);
    EXPECT_EQ(crowd_->tally().stolen, 0U);
    EXPECT_GT(crowd_->tally().sold, 0U);
    const auto records = wait_for(ledger().records(kEvent));
    ASSERT_TRUE(records);
    for (const SeatRecord& record : records.value()) {
      const auto claim = proof_.claim_of(kEvent, record.seat);
      const auto* sold = std::get_if<seat::Sold>(&record.state);
      const auto* pinned = std::get_if<seat::Pinned>(&record.state);
      if (claim) {
        ASSERT_TRUE(sold != nullptr || pinned != nullptr) << "seat " << record.seat.value;
        EXPECT_EQ(sold != nullptr ? sold->order : pinned->order, claim->order);
      } else {
        EXPECT_EQ(sold, nullptr) << "seat " << record.seat.value;
      }
    }
    EXPECT_TRUE(std::holds_alternative<seat::Blocked>(records.value().back().state));
  }

  MemoryProof proof_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<RedisNode> nodes_[2];
  std::unique_ptr<Crowd> crowd_;
};

TEST_F(RedisFaults, FlushAll) {
  begin();
  trade();
  const Version before = version();
  server_->cli("FLUSHALL");
  expect_recovered(before);
}

TEST_F(RedisFaults, KilledAndEmptyAfterRestart) {
  begin();
  trade();
  const Version before = version();
  server_->kill();
  std::this_thread::sleep_for(milliseconds{200});
  server_->start();
  expect_recovered(before);
}

TEST_F(RedisFaults, KilledAndRestartedFromItsAppendOnlyFile) {
  begin({"--appendonly", "yes", "--appendfsync", "everysec"});
  trade();
  const BuyerId keeper{{1, 1}};
  SeatIds seats;
  seats.push_back(SeatId{299});
  const Version before = version();
  crowd_->end();
  (void)wait_for(ledger().settle(kEvent, seats, OrderId{}, Settlement::give_back));
  const auto records = wait_for(ledger().records(kEvent)).value();
  SeatId free_seat{};
  for (const SeatRecord& record : records) {
    if (std::holds_alternative<seat::Available>(record.state)) free_seat = record.seat;
  }
  seats.clear();
  seats.push_back(free_seat);
  const HoldRequest request{kEvent, seats, keeper, seconds(600), seconds(900), 8};
  const auto held = wait_for(ledger().hold(request));
  ASSERT_TRUE(held.granted());
  std::this_thread::sleep_for(milliseconds{1500});  // "everysec"
  server_->kill();
  server_->start();
  ASSERT_TRUE(within(seconds(10), [&] { return version().epoch() > before.epoch(); }));
  const auto kept = wait_for(ledger().holds_of(kEvent, keeper));
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept.value().holds.size(), 1U);  // a hold that Redis still knows lives on
  EXPECT_EQ(kept.value().holds[0].expires_at, held.value().expires_at);
  EXPECT_EQ(crowd_->tally().stolen, 0U);
}

TEST_F(RedisFaults, KilledAndRestartedFromAnOlderFile) {
  begin({"--dbfilename", "dump.rdb"});
  trade();
  server_->cli("SAVE");
  trade(milliseconds{500});  // sold since, unknown to the file
  const Version before = version();
  server_->kill();
  server_->start();
  expect_recovered(before);
}

TEST_F(RedisFaults, AReplicaWithoutTheTailIsPromoted) {
  begin();
  for (int round = 0; round < 3; ++round) {
    auto replica = std::make_unique<RedisServer>(
        RedisServer::Settings{"--replicaof", "127.0.0.1 " + std::to_string(server_->port()),
                              "--repl-diskless-sync-delay", "0"});
    ASSERT_TRUE(within(seconds(10), [&] {
      return replica->cli("INFO replication").find("master_link_status:up") != std::string::npos;
    }));
    // The master has a first replica, so a new history; that alone may have cost an epoch.
    trade(milliseconds{1500});
    // From here on the replica hears nothing more: it cannot log in again.
    server_->cli("CONFIG SET requirepass secret");
    server_->cli("-a secret CLIENT KILL TYPE replica");
    trade();
    const Version before = version();
    const std::uint16_t port = server_->port();
    server_->kill();
    replica->cli("REPLICAOF NO ONE");
    replica->cli("CONFIG SET port " + std::to_string(port));
    ASSERT_TRUE(within(seconds(10), [&] { return version().epoch() > before.epoch(); }));
    trade();
    replica->move_to(port);
    server_ = std::move(replica);
    if (round == 2) expect_recovered(before);
  }
}

// The server neither answers nor dies: nothing hangs, and it goes on as it was when it thaws.
TEST_F(RedisFaults, AFrozenServerIsUnavailableUntilItThaws) {
  begin();
  trade();
  const Version before = version();
  server_->freeze();
  std::this_thread::sleep_for(milliseconds{1500});
  const auto asked = std::chrono::steady_clock::now();
  SeatIds seats;
  seats.push_back(SeatId{1});
  const HoldRequest request{kEvent, seats, BuyerId{{2, 2}}, seconds(60), seconds(900), 8};
  const auto answer = wait_for(ledger().hold(request));
  ASSERT_FALSE(answer.granted());
  EXPECT_EQ(answer.refused().code, Code::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, seconds(3));
  server_->thaw();
  trade();
  EXPECT_EQ(version().epoch(), before.epoch());
  EXPECT_EQ(crowd_->tally().stolen, 0U);
}

}  // namespace
}  // namespace onsale
