// The ports' suites over a ledger in Redis. Time is a manual clock's, so every call tells Redis what
// time it is; all else is as in an office.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/conformance/seat_ledger_conformance.hpp"
#include "tests/redis/redis_node.hpp"
#include "tests/support/memory_proof.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale::conformance {
namespace {

// The suites' run_task() wants tasks that have ended when control comes back: this blocks for them.
class Waiting final : public SeatLedger, public SeatLedgerAdmin, public SeatFeed {
 public:
  explicit Waiting(RedisSeatLedger& ledger) : ledger_(ledger) {}

  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    return wait_for(ledger_.hold(request));
  }
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                     Milliseconds by) override {
    return wait_for(ledger_.extend(event, seat, buyer, by));
  }
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override {
    return wait_for(ledger_.release(event, seat, buyer));
  }
  Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer) override {
    return wait_for(ledger_.holds_of(event, buyer));
  }
  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override {
    return wait_for(ledger_.pin(event, seats, buyer, order, deadline));
  }
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override {
    return wait_for(ledger_.settle(event, seats, order, settlement));
  }
  Task<LedgerAnswer<Version>> confirm(EventId event, SeatId seat, BuyerId buyer,
                                      OrderId order) override {
    return wait_for(ledger_.confirm(event, seat, buyer, order));
  }
  Task<Status> open_event(EventId event, SeatNumbering numbering,
                          std::vector<SeatId> blocked) override {
    return wait_for(ledger_.open_event(event, numbering, std::move(blocked)));
  }
  Task<Status> restore(std::vector<SeatClaim> claims, Instant pin_deadline) override {
    return wait_for(ledger_.restore(std::move(claims), pin_deadline));
  }
  Task<Status> reset(EventId event) override { return wait_for(ledger_.reset(event)); }
  Task<LedgerAnswer<Version>> set_blocked(EventId event, SeatIds seats, bool blocked) override {
    return wait_for(ledger_.set_blocked(event, seats, blocked));
  }
  Task<Result<SeatCounts>> counts(EventId event) override {
    return wait_for(ledger_.counts(event));
  }
  Task<Result<std::vector<SeatRecord>>> records(EventId event) override {
    return wait_for(ledger_.records(event));
  }
  Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) override {
    return wait_for(ledger_.read(event, after, max));
  }
  Task<Result<SeatSnapshot>> snapshot(EventId event) override {
    return wait_for(ledger_.snapshot(event));
  }
  void on_change(std::function<void(EventId)> wake) override { ledger_.on_change(std::move(wake)); }

 private:
  RedisSeatLedger& ledger_;
};

class RedisConformance : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    if (!RedisServer::missing()) server_ = std::make_unique<RedisServer>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  static std::unique_ptr<RedisServer> server_;
};
std::unique_ptr<RedisServer> RedisConformance::server_;

TEST_P(RedisConformance, Holds) {
  if (RedisServer::missing()) GTEST_SKIP() << "redis-server is not installed";
  server_->cli("FLUSHALL");
  ManualClock clock;
  MemoryProof proof;
  RedisSeatLedgerOptions options;
  options.redis.seeds = {{"127.0.0.1", server_->port()}};
  options.redis.feed_entries_max = 1000;
  options.proof = &proof;
  options.drive_expiry = false;
  options.listen = false;
  options.clock = &clock;
  options.log = [](std::string_view what) { ADD_FAILURE() << what; };
  RedisNode node(std::move(options));
  Waiting ports(node.ledger());
  LedgerUnderTest under{clock, ports, ports, ports, [&] { EXPECT_TRUE(wait_for(node->sweep())); }};
  GetParam().run(under);
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Case& one : seat_ledger_cases()) cases.push_back(one);
  for (const Case& one : seat_order_cases()) cases.push_back(one);
  for (const Case& one : seat_feed_cases()) cases.push_back(one);
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Suites, RedisConformance, testing::ValuesIn(all_cases()),
                         [](const auto& about) { return std::string(about.param.name); });

}  // namespace
}  // namespace onsale::conformance
