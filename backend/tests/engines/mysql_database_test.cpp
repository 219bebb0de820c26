// What is particular to a database server: opening it, its schema, limits, batches with a bad command,
// locks, and the catalogue.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "adapters/mysql/mysql_catalogue.hpp"
#include "adapters/mysql/mysql_provider_ledger.hpp"
#include "tests/engines/mysql_office.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale {
namespace {

using mysql::Database;
using mysql::Schema;

class MysqlDatabase : public testing::Test {
 protected:
  void SetUp() override {
    if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
  }
  static mysql::Endpoint fresh() { return shared_mariadb().fresh(Schema::office); }
  static std::string refusal(const mysql::Endpoint& endpoint) {
    const auto opened = Database::open(endpoint, Schema::office);
    EXPECT_FALSE(opened);
    return opened ? "" : opened.error().detail;
  }
};

TEST_F(MysqlDatabase, WhatCannotBeOpenedIsToldInOneLine) {
  mysql::Endpoint endpoint = fresh();
  shared_mariadb().run("CREATE USER IF NOT EXISTS clerk@'127.0.0.1' IDENTIFIED BY 'right'");
  endpoint.user = "clerk";
  endpoint.password = "wrong-secret";
  const std::string denied = refusal(endpoint);
  EXPECT_NE(denied.find("Access denied"), std::string::npos) << denied;
  EXPECT_NE(denied.find("clerk@127.0.0.1"), std::string::npos) << denied;
  EXPECT_EQ(denied.find("wrong-secret"), std::string::npos) << denied;

  endpoint = fresh();
  endpoint.database = "no_such_database";
  EXPECT_NE(refusal(endpoint).find("Unknown database"), std::string::npos);

  endpoint = fresh();
  endpoint.port = 1;
  EXPECT_NE(refusal(endpoint).find("127.0.0.1:1"), std::string::npos);

  endpoint = shared_mariadb().endpoint();  // no schema there
  const std::string unmade = refusal(endpoint);
  EXPECT_NE(unmade.find("onsale migrate"), std::string::npos) << unmade;
  for (const std::string& line : {denied, unmade}) {
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
}

TEST_F(MysqlDatabase, ItsClockIsThisMachinesHere) {
  const auto opened = Database::open(fresh(), Schema::office);
  ASSERT_TRUE(opened);
  EXPECT_LT(std::abs((*opened)->ahead().count()), 500);
}

TEST_F(MysqlDatabase, ANewerSchemaIsUsedAsLongAsItSaysSo) {
  const mysql::Endpoint endpoint = fresh();
  shared_mariadb().run("UPDATE schema_versions SET version = 9, usable_from = 1",
                       endpoint.database);
  EXPECT_TRUE(Database::open(endpoint, Schema::office));
  const auto migrated = mysql::migrate(endpoint, Schema::office);
  ASSERT_TRUE(migrated);
  EXPECT_EQ(migrated.value().to, 9U);  // left as it is
  shared_mariadb().run("UPDATE schema_versions SET usable_from = 9", endpoint.database);
  EXPECT_NE(refusal(endpoint).find("newer onsale"), std::string::npos);
}

TEST_F(MysqlDatabase, ManyMigrateAtOnceAndOneDoes) {
  shared_mariadb().run("CREATE DATABASE many");
  const mysql::Endpoint endpoint = shared_mariadb().endpoint("many");
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      const auto migrated = mysql::migrate(endpoint, Schema::office);
      ASSERT_TRUE(migrated) << migrated.error().detail;
      if (migrated.value().from == 0) ++made;
      EXPECT_EQ(migrated.value().to, 1U);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made.load(), 1);
}

TEST_F(MysqlDatabase, AMigrationThatBrokeOffIsTakenUpAgain) {
  const mysql::Endpoint endpoint = fresh();
  shared_mariadb().run("DROP TABLE outbox", endpoint.database);
  shared_mariadb().run("DELETE FROM schema_versions", endpoint.database);
  const auto migrated = mysql::migrate(endpoint, Schema::office);
  ASSERT_TRUE(migrated) << migrated.error().detail;
  MysqlNode node(endpoint);
  EXPECT_TRUE(wait_for(node.store.pending(1)));
}

TEST_F(MysqlDatabase, ARunningOfficeIsMigratedToo) {
  const mysql::Endpoint endpoint = fresh();
  MysqlNode node(endpoint);
  ASSERT_TRUE(mysql::migrate(endpoint, Schema::office));
  EXPECT_EQ(wait_for(node.store.place(nth_order(1))).value(), PlaceOutcome::placed);
  ASSERT_TRUE(mysql::migrate(endpoint, Schema::provider));  // beside it
  const auto database = open_database(endpoint, {}, Schema::provider);
  mysql::MysqlProviderLedger book(*database);
  EXPECT_TRUE(wait_for(book.entries()).value().empty());
}

TEST_F(MysqlDatabase, OneBadCommandHarmsNoNeighbourOfItsBatch) {
  MysqlNode node(fresh());
  ASSERT_EQ(wait_for(node.store.place(nth_order(1000))).value(), PlaceOutcome::placed);
  std::atomic<int> placed{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  callers.reserve(8);
  for (std::uint64_t t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 10; ++i) {
        PlaceOrder command = nth_order(1 + t * 10 + i);
        if (t == 0) command.order.seats = {SeatId{5000 + i}, SeatId{1000}};  // claimed already
        if (t == 1) command.order.id = nth_order(1000).order.id;             // breaks a key
        if (t == 2) command.answer.location = std::string(300, 'x');  // longer than its column
        const auto outcome = wait_for(node.store.place(command));
        ++(outcome && *outcome == PlaceOutcome::placed ? placed : refused);
        if (t == 0) {
          EXPECT_EQ(outcome.value(), PlaceOutcome::seat_claimed);
        } else if (t <= 2) {
          EXPECT_EQ(outcome.code(), Code::unavailable);
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(placed.load(), 50);
  EXPECT_EQ(refused.load(), 30);
  EXPECT_EQ(wait_for(node.store.claims()).value().size(), 51U);
  EXPECT_EQ(wait_for(node.store.backlog()).value().unsent, 51U);
  EXPECT_TRUE(node.database->stats().healthy);
}

TEST_F(MysqlDatabase, AFullQueueIsRefusedAtOnce) {
  mysql::DatabaseOptions options;
  options.queue_max = 0;
  options.reads_max = 0;
  MysqlNode node(fresh(), options);
  EXPECT_EQ(wait_for(node.store.place(nth_order(1))).code(), Code::unavailable);
  EXPECT_EQ(wait_for(node.store.find(nth_order(1).order.id)).code(), Code::unavailable);
  EXPECT_EQ(node.database->stats().refused, 2U);
}

// One reader that waits for a frozen server, room for four more: whoever comes then is refused at once.
TEST_F(MysqlDatabase, ReadsBeyondTheQueuesLimitAreRefusedWhileTheServerIsSilent) {
  MariadbServer server;
  mysql::DatabaseOptions options;
  options.readers = 1;
  options.reads_max = 4;
  MysqlNode node(server.fresh(Schema::office), options);
  ASSERT_EQ(wait_for(node.store.place(nth_order(1))).value(), PlaceOutcome::placed);
  ASSERT_TRUE(wait_for(node.store.find(nth_order(1).order.id)));
  server.freeze();
  std::atomic<std::size_t> answered{0};
  std::vector<std::thread> callers;
  while (node.database->stats().reads_queued < 4) {
    callers.emplace_back([&] {
      static_cast<void>(wait_for(node.store.find(nth_order(1).order.id)));
      ++answered;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(wait_for(node.store.find(nth_order(1).order.id)).code(), Code::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{500});
  EXPECT_LT(answered.load(), callers.size());  // they wait still
  server.thaw();
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(wait_for(node.store.find(nth_order(1).order.id)));
}

// Orders whose seats overlap, from two nodes with several writers each, in opposite orders; and a
// transaction of somebody else's that locks the same rows the other way round.
TEST_F(MysqlDatabase, DeadlocksAndLockWaitsAreTriedAgain) {
  const mysql::Endpoint endpoint = fresh();
  mysql::DatabaseOptions options;
  options.writers = 3;
  options.batch_max = 4;
  MysqlNode one(endpoint, options);
  MysqlNode two(endpoint, options);
  std::atomic<bool> stop{false};
  std::thread meddler([&] {
    auto opened = mysql::Connection::open(endpoint, {});
    while (!stop.load()) {
      mysql::Connection& connection = **opened;
      connection.begin();
      for (int seat = 40; seat > 0; seat -= 3) {
        connection.execute("SELECT * FROM claims WHERE event = 1 AND seat = " +
                           std::to_string(seat) + " FOR UPDATE");
      }
      connection.rollback();
    }
  });
  std::atomic<int> placed{0};
  std::vector<std::thread> callers;
  for (std::uint64_t t = 0; t < 6; ++t) {
    callers.emplace_back([&, t] {
      MysqlNode& node = t % 2 == 0 ? one : two;
      for (std::uint64_t i = 0; i < 40; ++i) {
        const std::uint64_t seat = t % 2 == 0 ? i + 1 : 40 - i;
        const std::uint64_t n = 100 + t * 100 + i;
        const PlaceOrder command = nth_order(n, {SeatId{seat}, SeatId{seat + 1}});
        const auto outcome = wait_for(node.store.place(command));
        ASSERT_TRUE(outcome) << outcome.error().detail;
        if (*outcome != PlaceOutcome::placed) continue;
        ++placed;
        AdvanceOrder giving_up;
        giving_up.id = command.order.id;
        giving_up.expected_version = 1;
        giving_up.to = order::Status::cancelling;
        giving_up.reason = order::Reason::payment_declined;
        if (i % 2 == 0) {
          const auto advanced = wait_for(node.store.advance(giving_up));
          ASSERT_TRUE(advanced);
          EXPECT_EQ(*advanced, AdvanceOutcome::advanced);
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  stop = true;
  meddler.join();
  EXPECT_GT(placed.load(), 20);
  std::size_t live = 0;
  std::optional<OrderId> after;
  for (;;) {
    const auto page = wait_for(one.store.open_orders(after, 64)).value();
    if (page.empty()) break;
    for (const Order& order : page) live += order.status == order::Status::created ? 1 : 0;
    after = page.back().id;
  }
  EXPECT_EQ(wait_for(two.store.claims()).value().size(), live * 2);
}

// One made for certain: the order has its first seat and waits for the second, whose holder then asks
// for the first. The holder has written more, so the server lets the order's transaction go.
TEST_F(MysqlDatabase, ADeadlockIsTriedAgain) {
  const mysql::Endpoint endpoint = fresh();
  MysqlNode node(endpoint);
  auto rival = mysql::Connection::open(endpoint, {});
  ASSERT_TRUE(rival);
  mysql::Connection& holder = **rival;
  holder.begin();
  for (int seat = 8; seat < 60; ++seat) {
    holder.execute("INSERT INTO claims VALUES (1, " + std::to_string(seat) + ", REPEAT('x', 16))");
  }
  std::thread caller([&node] {
    const auto outcome = wait_for(node.store.place(nth_order(1, {SeatId{7}, SeatId{8}})));
    EXPECT_EQ(outcome.value(), PlaceOutcome::placed);
  });
  auto opened = mysql::Connection::open(shared_mariadb().endpoint(), {});
  for (bool waits = false; !waits;) {
    std::this_thread::sleep_for(
        std::chrono::milliseconds{150});  // asked more often, it is not fresh
    mysql::Statement row = (*opened)->prepared(
        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'");
    ASSERT_TRUE(row.next());
    waits = row.number_at(0) > 0;
  }
  EXPECT_TRUE(holder.execute("INSERT INTO claims VALUES (1, 7, REPEAT('x', 16))"));
  EXPECT_TRUE(holder.rollback());
  caller.join();
  EXPECT_GT(node.database->stats().retried, 0U);
}

// A lock that nobody gives up: refused when the waiting is over, known not to have happened.
TEST_F(MysqlDatabase, ALockHeldForTooLongIsUnavailableAndNothingHappened) {
  const mysql::Endpoint endpoint = fresh();
  mysql::DatabaseOptions options;
  options.timeouts.lock_wait_s = 1;
  options.give_up_after = Milliseconds{1500};
  MysqlNode node(endpoint, options);
  auto holder = mysql::Connection::open(endpoint, {});
  ASSERT_TRUE(holder);
  (*holder)->begin();
  (*holder)->execute("INSERT INTO claims VALUES (1, 7, REPEAT('x', 16))");
  const auto outcome = wait_for(node.store.place(nth_order(7)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.code(), Code::unavailable);
  EXPECT_GT(node.database->stats().retried, 0U);
  (*holder)->rollback();
  EXPECT_FALSE(wait_for(node.store.find(nth_order(7).order.id)));
  EXPECT_EQ(wait_for(node.store.place(nth_order(7))).value(), PlaceOutcome::placed);
}

// The conformance suite moves leases into the past; here the server's clock does.
TEST_F(MysqlDatabase, ALeaseLapsesByItself) {
  const mysql::Endpoint endpoint = fresh();
  mysql::OrderStoreOptions options;
  options.lease = Milliseconds{300};
  MysqlNode one(endpoint, {}, options);
  MysqlNode two(endpoint, {}, options);
  ASSERT_EQ(wait_for(one.store.place(nth_order(1))).value(), PlaceOutcome::placed);
  const std::vector ids{nth_order(1).order.id};
  const auto start = std::chrono::steady_clock::now();
  while (wait_for(two.store.acquire(ids)).value().empty()) {
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{20});
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

CatalogueEntry some_hall(std::uint64_t id, std::size_t seats) {
  CatalogueEntry entry;
  entry.event.id = EventId{id};
  entry.event.title = "공연";
  entry.event.numbering = {1, 3, static_cast<std::uint32_t>(seats)};
  entry.hall.name = "h";
  entry.hall.tiers = {{"R", "#ff0000", Money{90'000}}};
  catalog::Section section;
  section.name = "A";
  section.rows.push_back({"1", {}});
  for (std::uint32_t i = 0; i < seats; ++i) {
    section.rows[0].seats.push_back(
        {"g" + std::to_string(i), std::to_string(i), 0.1, 0.2, 0, false, i});
  }
  entry.hall.sections = {section};
  return entry;
}

TEST_F(MysqlDatabase, ACatalogueIsReadBackAsItWasPut) {
  const mysql::Endpoint endpoint = fresh();
  MysqlNode node(endpoint);
  MysqlNode other(endpoint);
  mysql::MysqlCatalogueStore catalogue(*node.database);
  mysql::MysqlCatalogueStore elsewhere(*other.database);
  EXPECT_EQ(wait_for(elsewhere.revision()).value(), 0U);
  ASSERT_TRUE(catalogue.put(some_hall(1, 2)));
  ASSERT_TRUE(catalogue.put(some_hall(2, 50'000)));  // a stadium
  const std::uint64_t revision = wait_for(elsewhere.revision()).value();
  ASSERT_TRUE(catalogue.put(some_hall(1, 3)));  // replaces
  EXPECT_GT(wait_for(elsewhere.revision()).value(), revision);
  const auto entries = elsewhere.load();
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries.value().size(), 2U);
  EXPECT_EQ(entries.value()[0].event, some_hall(1, 3).event);
  EXPECT_EQ(entries.value()[0].hall, some_hall(1, 3).hall);
  EXPECT_EQ(entries.value()[1].hall, some_hall(2, 50'000).hall);
}

TEST_F(MysqlDatabase, TwoPaymentNodesAtOneAttemptMoveItOnce) {
  const mysql::Endpoint endpoint = shared_mariadb().fresh(Schema::provider);
  const auto one = open_database(endpoint, {}, Schema::provider);
  const auto two = open_database(endpoint, {}, Schema::provider);
  mysql::MysqlProviderLedger books[] = {mysql::MysqlProviderLedger(*one),
                                        mysql::MysqlProviderLedger(*two)};
  std::atomic<int> written{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    callers.emplace_back([&, t] {
      for (std::uint64_t n = 1; n <= 30; ++n) {
        for (const auto operation : {payment::Operation::authorise, payment::Operation::capture}) {
          const ProviderEntry entry{AttemptId{{1, n}}, OrderId{{2, n}}, operation,
                                    Money{5},          "KRW",           kOfficeStart};
          const auto movement = wait_for(books[t % 2].apply(entry));
          ASSERT_TRUE(movement);
          if (movement->written) ++written;
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(written.load(), 60);
  EXPECT_EQ(wait_for(books[0].entries()).value().size(), 60U);
}

}  // namespace
}  // namespace onsale
