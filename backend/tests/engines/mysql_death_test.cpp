// mariadbd killed with -9 again and again while two nodes place and advance orders: what was
// acknowledged is there, what was refused is not, and nothing is there by half.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/engines/mysql_office.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale {
namespace {

struct Ledger {
  std::mutex mutex;
  std::vector<std::uint64_t> placed;
  std::vector<std::uint64_t> advanced;
  std::vector<std::uint64_t> refused;  // places answered unavailable
  std::size_t unknown = 0;
};

void drive(MysqlNode& node, std::atomic<std::uint64_t>& next, const std::atomic<bool>& stop,
           Ledger& ledger) {
  while (!stop.load()) {
    const std::uint64_t n = ++next;
    const PlaceOrder command = nth_order(n, {SeatId{2 * n}, SeatId{2 * n + 1}});
    const auto outcome = wait_for(node.store.place(command));
    if (!outcome) {
      {
        const std::lock_guard lock(ledger.mutex);
        outcome.error().detail.empty() ? ledger.refused.push_back(n) : void(++ledger.unknown);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
      continue;
    }
    ASSERT_EQ(*outcome, PlaceOutcome::placed);
    AdvanceOrder advance;
    advance.id = command.order.id;
    advance.expected_version = 1;
    advance.to = order::Status::authorised;
    advance.messages = nth_order(1'000'000'000 + n).messages;
    advance.messages[0].order = command.order.id;
    const auto advanced = wait_for(node.store.advance(advance));
    const std::lock_guard lock(ledger.mutex);
    ledger.placed.push_back(n);
    if (advanced && *advanced == AdvanceOutcome::advanced) ledger.advanced.push_back(n);
    if (!advanced && !advanced.error().detail.empty()) ++ledger.unknown;
  }
}

std::int64_t count(const mysql::Endpoint& endpoint, const char* sql) {
  auto connection = mysql::Connection::open(endpoint, {});
  check(connection.has_value(), "the server is away");
  mysql::Statement row = (*connection)->prepared(sql);
  check(row.next(), "the witness's question failed");
  return row.number_at(0);
}

TEST(MysqlDeath, WhatWasAcknowledgedSurvivesKillsUnderLoadAndNothingIsThereByHalf) {
  if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
  const char* wished = std::getenv("ONSALE_KILLS");  // NOLINT(concurrency-mt-unsafe)
  const int kills = wished != nullptr ? std::atoi(wished) : 8;
  MariadbServer server;
  const mysql::Endpoint endpoint = server.fresh(mysql::Schema::office);
  mysql::DatabaseOptions options;
  options.give_up_after = Milliseconds{30'000};
  MysqlNode one(endpoint, options);
  MysqlNode two(endpoint, options);
  Ledger ledger;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> callers;
  for (int t = 0; t < 12; ++t) {
    callers.emplace_back([&, t] { drive(t % 2 == 0 ? one : two, next, stop, ledger); });
  }
  for (int kill = 0; kill < kills; ++kill) {
    const auto placed = [&ledger] {
      const std::lock_guard lock(ledger.mutex);
      return ledger.placed.size();
    };
    const std::size_t before = placed();
    while (placed() < before + 40) std::this_thread::sleep_for(std::chrono::milliseconds{2});
    std::this_thread::sleep_for(std::chrono::milliseconds{kill % 7});
    server.kill();
    server.start();
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();

  MysqlNode witness(endpoint);
  for (const std::uint64_t n : ledger.placed) {
    ASSERT_TRUE(wait_for(witness.store.find(nth_order(n).order.id))) << "lost: " << n;
  }
  for (const std::uint64_t n : ledger.advanced) {
    const auto order = wait_for(witness.store.find(nth_order(n).order.id));
    ASSERT_EQ(order->version, 2U) << "taken back: " << n;
  }
  for (const std::uint64_t n : ledger.refused) {
    ASSERT_FALSE(wait_for(witness.store.find(nth_order(n).order.id))) << "refused: " << n;
  }
  // Whole or not at all: claims, answer and messages of each order, and none without an order.
  const std::int64_t orders = count(endpoint, "SELECT COUNT(*) FROM orders");
  EXPECT_GE(orders, static_cast<std::int64_t>(ledger.placed.size()));
  EXPECT_EQ(count(endpoint, "SELECT COUNT(*) FROM claims c JOIN orders o ON o.id = c.order_id"),
            2 * orders);
  EXPECT_EQ(count(endpoint, "SELECT COUNT(*) FROM claims"), 2 * orders);
  EXPECT_EQ(count(endpoint, "SELECT COUNT(*) FROM answers"), orders);
  EXPECT_EQ(count(endpoint, "SELECT COUNT(*) FROM orders o JOIN outbox m ON m.order_id = o.id"),
            count(endpoint, "SELECT SUM(version) FROM orders"));
  EXPECT_EQ(count(endpoint, "SELECT COUNT(*) FROM outbox"),
            count(endpoint, "SELECT SUM(version) FROM orders"));
  EXPECT_EQ(ledger.unknown, 0U);
  const auto asked = one.database->stats().asked + two.database->stats().asked;
  std::printf(
      "%d kills: %zu orders acknowledged, %zu advanced, %zu refused, %llu commits asked for\n",
      kills, ledger.placed.size(), ledger.advanced.size(), ledger.refused.size(),
      static_cast<unsigned long long>(asked));
}

}  // namespace
}  // namespace onsale
