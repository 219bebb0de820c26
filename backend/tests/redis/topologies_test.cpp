// Sentinel and Cluster for real, on loopback: the master dies, slots move, the crowd goes on.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "adapters/redis/cluster.hpp"
#include "tests/redis/crowd.hpp"
#include "tests/support/redis_server.hpp"

namespace onsale {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

bool within(milliseconds time, const std::function<bool()>& true_now) {
  const auto give_up = std::chrono::steady_clock::now() + time;
  while (!true_now()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(milliseconds{20});
  }
  return true;
}
bool says(const RedisServer& server, const std::string& command, const std::string& word) {
  return server.cli(command).find(word) != std::string::npos;
}

// Every seat an order has is that order's in Redis, and no other is sold.
void expect_as_proved(RedisSeatLedger& ledger, MemoryProof& proof, EventId event) {
  const auto records = wait_for(ledger.records(event));
  ASSERT_TRUE(records) << "event " << event.value;
  for (const SeatRecord& record : records.value()) {
    const auto claim = proof.claim_of(event, record.seat);
    const auto* sold = std::get_if<seat::Sold>(&record.state);
    const auto* pinned = std::get_if<seat::Pinned>(&record.state);
    if (claim) {
      ASSERT_TRUE(sold != nullptr || pinned != nullptr)
          << "event " << event.value << " seat " << record.seat.value;
      EXPECT_EQ(sold != nullptr ? sold->order : pinned->order, claim->order);
    } else {
      EXPECT_EQ(sold, nullptr) << "event " << event.value << " seat " << record.seat.value;
    }
  }
}

class RedisTopologies : public testing::Test {
 protected:
  void SetUp() override {
    if (RedisServer::missing()) GTEST_SKIP() << "redis-server is not installed";
  }
  void open(RedisNode& node, const std::vector<EventId>& events, std::uint32_t seats) {
    for (const EventId event : events) {
      const SeatNumbering numbering{.first = 1, .stride = 1, .count = seats};
      Status opened = wait_for(node->open_event(event, numbering, {}));
      ASSERT_TRUE(opened) << opened.error().detail;
    }
  }
  MemoryProof proof_;
};

TEST_F(RedisTopologies, TheMasterThatTheSentinelsNameIsFollowed) {
  RedisServer master;
  RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port()),
                       "--repl-diskless-sync-delay", "0"});
  ASSERT_TRUE(
      within(seconds(10), [&] { return says(replica, "INFO replication", "link_status:up"); }));
  std::vector<std::unique_ptr<RedisServer>> sentinels;
  RedisSeatLedgerOptions options;
  options.redis.form = redis::Form::sentinel;
  options.redis.master_name = "hall";
  options.redis.seeds.clear();
  options.proof = &proof_;
  const TempFolder folder;
  for (int i = 0; i < 3; ++i) {
    const std::string config = folder.file("sentinel-" + std::to_string(i) + ".conf");
    std::ofstream(config) << "sentinel monitor hall 127.0.0.1 " << master.port() << " 2\n"
                          << "sentinel down-after-milliseconds hall 800\n"
                          << "sentinel failover-timeout hall 5000\n";
    sentinels.push_back(RedisServer::sentinel(config));
    options.redis.seeds.push_back({"127.0.0.1", sentinels.back()->port()});
  }
  ASSERT_TRUE(within(seconds(15), [&] {
    return says(*sentinels[0], "SENTINEL master hall", "num-other-sentinels") &&
           says(*sentinels[0], "SENTINEL ckquorum hall", "OK 3") &&
           says(*sentinels[0], "SENTINEL replicas hall", std::to_string(replica.port()));
  }));
  RedisNode node(std::move(options));
  const EventId event{7};
  open(node, {event}, 100);
  Crowd crowd({{&node.ledger()}, &proof_, {event}, 100, 4});
  std::this_thread::sleep_for(seconds(2));
  const Version before = wait_for(node->counts(event)).value().version;
  const std::uint64_t sold_before = crowd.tally().sold;
  EXPECT_GT(sold_before, 0U);
  master.kill();
  EXPECT_TRUE(within(seconds(20), [&] {
    const auto counts = wait_for(node->counts(event));
    return counts && counts.value().version.epoch() > before.epoch();
  }));
  EXPECT_TRUE(within(seconds(5), [&] { return crowd.tally().sold > sold_before + 10; }));
  crowd.end();
  EXPECT_EQ(crowd.tally().stolen, 0U);
  expect_as_proved(node.ledger(), proof_, event);
}

TEST_F(RedisTopologies, SlotsAreCountedAsRedisCountsThem) {
  const RedisServer server({"--cluster-enabled", "yes"}, free_cluster_port());
  for (const std::uint64_t id : {1ULL, 7ULL, 42ULL, 99'999ULL, 1'234'567'890'123ULL}) {
    const std::string key = "'meta{e:" + std::to_string(id) + "}'";
    EXPECT_EQ(std::stoul(server.cli("CLUSTER KEYSLOT " + key)), redis::slot_of(EventId{id}));
  }
}

TEST_F(RedisTopologies, AClusterWhoseSlotsMoveAndWhoseMasterDiesSellsNoSeatTwice) {
  std::vector<std::unique_ptr<RedisServer>> servers;
  std::string all;
  RedisSeatLedgerOptions options;
  options.redis.form = redis::Form::cluster;
  options.redis.seeds.clear();
  options.proof = &proof_;
  for (int i = 0; i < 6; ++i) {
    servers.push_back(std::make_unique<RedisServer>(
        RedisServer::Settings{"--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
                              "--cluster-node-timeout", "1500", "--repl-diskless-sync-delay", "0"},
        free_cluster_port()));
    all += " 127.0.0.1:" + std::to_string(servers.back()->port());
    options.redis.seeds.push_back({"127.0.0.1", servers.back()->port()});
  }
  servers[0]->cli("--cluster create" + all + " --cluster-replicas 1 --cluster-yes", 30);
  ASSERT_TRUE(within(seconds(20), [&] {
    int up = 0;
    for (const auto& server : servers) {
      up += says(*server, "INFO replication", "link_status:up") ? 1 : 0;
      if (!says(*server, "CLUSTER INFO", "cluster_state:ok")) return false;
    }
    return up == 3;
  }));

  constexpr std::uint64_t kEvents = 100;
  std::vector<EventId> events;
  for (std::uint64_t id = 1; id <= kEvents; ++id) events.push_back(EventId{id});
  RedisSeatLedgerOptions other = options;
  RedisNode a(std::move(options));
  RedisNode b(std::move(other));
  open(a, events, 50);
  open(b, events, 50);
  Crowd crowd({{&a.ledger(), &b.ledger()}, &proof_, events, 50, 4});
  std::this_thread::sleep_for(seconds(1));
  EXPECT_GT(crowd.tally().sold, 0U);

  // A tenth of the slots of one master go to another while seats are sold.
  const auto id_of = [&](const RedisServer& server) {
    std::string id = server.cli("CLUSTER MYID");
    return id.substr(0, id.find('\n'));
  };
  const std::string moved =
      servers[0]->cli("--cluster reshard 127.0.0.1:" + std::to_string(servers[0]->port()) +
                          " --cluster-from " + id_of(*servers[0]) + " --cluster-to " +
                          id_of(*servers[1]) + " --cluster-slots 500 --cluster-yes",
                      60);
  EXPECT_EQ(moved.find("ERR"), std::string::npos) << moved.substr(moved.find("ERR"));
  const std::uint64_t after_move = crowd.tally().sold;
  EXPECT_TRUE(within(seconds(10), [&] { return crowd.tally().sold > after_move + 50; }));

  servers[2]->kill();
  const auto all_served = [&] {
    for (const EventId event : events) {
      if (!wait_for(a->counts(event))) return false;
    }
    return true;
  };
  std::this_thread::sleep_for(seconds(2));
  EXPECT_TRUE(within(seconds(30), all_served));
  const std::uint64_t after_death = crowd.tally().sold;
  EXPECT_TRUE(within(seconds(10), [&] { return crowd.tally().sold > after_death + 50; }));
  crowd.end();
  EXPECT_EQ(crowd.tally().stolen, 0U);
  for (const EventId event : events) expect_as_proved(a.ledger(), proof_, event);
}

}  // namespace
}  // namespace onsale
