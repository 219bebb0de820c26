// What is particular to SQLite: a process killed in the middle of a batch, a disk that fills up and
// gets room again, a batch with a bad command in it, limits, and the schema.
#include "adapters/sqlite/sqlite_orders.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "adapters/sqlite/audit_dump.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_catalogue.hpp"
#include "adapters/sqlite/sqlite_provider_ledger.hpp"
#include "ports/clock.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale::sqlite {
namespace {

constexpr Instant kStart = instant_of_ms(1'800'000'000'000);

PlaceOrder placing(std::uint64_t n) {
  PlaceOrder command;
  Order& order = command.order;
  order.id = OrderId{uuid_v7(kStart, {n, n})};
  order.buyer = BuyerId{{0xB0, n}};
  order.event = EventId{1};
  order.seats = {SeatId{n}};
  order.currency = "KRW";
  order.created_at = kStart;
  command.scope = {order.buyer, "POST /orders", "k"};
  command.answer = {"hash", 201, "/orders", std::string(200, 'b'), kStart};
  Message message;
  message.id = MessageId{uuid_v7(kStart, {n, n})};
  message.order = order.id;
  message.seats = order.seats;
  command.messages = {message};
  return command;
}

class SqliteOrders : public testing::Test {
 protected:
  std::unique_ptr<Database> open(DatabaseOptions options = {}) {
    auto opened = Database::open(path, Schema::office, options);
    check(opened.has_value(), "the database did not open");
    return std::move(*opened);
  }
  TempFolder folder;
  const std::string path = folder.file("office.sqlite");
};

TEST_F(SqliteOrders, AnAcknowledgedOrderIsThereAfterReopening) {
  {
    auto database = open();
    SqliteOrderStore store(*database);
    ASSERT_EQ(wait_for(store.place(placing(1))).value(), PlaceOutcome::placed);
  }
  auto database = open();
  SqliteOrderStore store(*database);
  EXPECT_TRUE(wait_for(store.find(placing(1).order.id)));
  EXPECT_EQ(wait_for(store.pending(10)).value().size(), 1U);
}

// The child acknowledges each order through a pipe and is killed while batches are under way.
TEST_F(SqliteOrders, WhatWasAcknowledgedSurvivesAKillInTheMiddleOfABatch) {
  int acks[2];
  ASSERT_EQ(pipe(acks), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto database = open();
    SqliteOrderStore store(*database);
    std::vector<std::thread> callers;
    callers.reserve(4);
    for (std::uint64_t t = 0; t < 4; ++t) {
      callers.emplace_back([&store, &acks, t] {
        for (std::uint64_t n = t + 1;; n += 4) {
          const auto outcome = wait_for(store.place(placing(n)));
          if (outcome && write(acks[1], &n, sizeof n) != sizeof n) return;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    _exit(0);
  }
  close(acks[1]);
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t n = 0;
  while (acknowledged.size() < 60 && read(acks[0], &n, sizeof n) == sizeof n) {
    acknowledged.push_back(n);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (read(acks[0], &n, sizeof n) == sizeof n) acknowledged.push_back(n);
  close(acks[0]);
  ASSERT_GE(acknowledged.size(), 60U);

  const auto dump = dump_office(path);  // as the audit of a killed office
  ASSERT_TRUE(dump) << dump.error().detail;
  EXPECT_GE(dump->orders.size(), acknowledged.size());
  EXPECT_EQ(dump->orders.size(), dump->claims.size());
  EXPECT_EQ(dump->orders.size(), dump->answers.size());
  EXPECT_EQ(dump->orders.size(), dump->outbox_unsent);
  auto database = open();
  SqliteOrderStore store(*database);
  for (const std::uint64_t acked : acknowledged) {
    EXPECT_TRUE(wait_for(store.find(placing(acked).order.id))) << acked;
  }
}

// In a child, because a file-size limit is the whole process's.
TEST_F(SqliteOrders, AFullDiskRefusesLosesNothingAndRecoversByItself) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    auto database = open();
    SqliteOrderStore store(*database);
    std::uint64_t n = 0;
    while (n < 20) {
      if (!wait_for(store.place(placing(++n)))) _exit(10);
    }
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = 256 * 1024;
    setrlimit(RLIMIT_FSIZE, &limit);
    std::vector<std::uint64_t> placed;
    std::vector<std::uint64_t> refused;
    for (int i = 0; i < 400 && refused.size() < 5; ++i) {
      const auto outcome = wait_for(store.place(placing(++n)));
      (outcome ? placed : refused).push_back(n);
      if (!outcome && outcome.code() != Code::unavailable) _exit(11);
    }
    if (refused.size() < 5) _exit(12);
    if (database->stats().healthy) _exit(13);
    for (const std::uint64_t lost : refused) {
      if (wait_for(store.find(placing(lost).order.id))) _exit(14);
    }
    limit.rlim_cur = before;
    setrlimit(RLIMIT_FSIZE, &limit);
    if (!wait_for(store.place(placing(++n)))) _exit(15);  // room again: the next one is taken
    if (!database->stats().healthy) _exit(16);
    for (const std::uint64_t kept : placed) {
      if (!wait_for(store.find(placing(kept).order.id))) _exit(17);
    }
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(SqliteOrders, OneBadCommandHarmsNoNeighbourOfItsBatch) {
  auto database = open();
  SqliteOrderStore store(*database);
  ASSERT_EQ(wait_for(store.place(placing(1000))).value(), PlaceOutcome::placed);
  std::atomic<int> placed{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> callers;
  callers.reserve(8);
  for (std::uint64_t t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 10; ++i) {
        PlaceOrder command = placing(1 + t * 10 + i);
        if (t == 0) command.order.seats = {SeatId{5000 + i}, SeatId{1000}};  // claimed already
        if (t == 1) command.order.id = placing(1000).order.id;  // breaks the primary key
        const auto outcome = wait_for(store.place(command));
        ++(outcome && *outcome == PlaceOutcome::placed ? placed : refused);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(placed.load(), 60);
  EXPECT_EQ(refused.load(), 20);
  EXPECT_EQ(wait_for(store.claims()).value().size(), 61U);
  EXPECT_TRUE(database->stats().healthy);
}

TEST_F(SqliteOrders, AFullQueueIsRefusedAtOnce) {
  DatabaseOptions options;
  options.queue_max = 0;
  auto database = open(options);
  SqliteOrderStore store(*database);
  const auto outcome = wait_for(store.place(placing(1)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.code(), Code::unavailable);
  EXPECT_EQ(database->stats().refused, 1U);
}

TEST_F(SqliteOrders, WithoutAReaderLeftAReadIsRefused) {
  DatabaseOptions options;
  options.readers_max = 0;
  auto database = open(options);
  SqliteOrderStore store(*database);
  EXPECT_EQ(wait_for(store.find(OrderId{{1, 1}})).code(), Code::unavailable);
}

TEST_F(SqliteOrders, OtherFilesAreRefusedWithOneLine) {
  std::ofstream(path) << std::string(8192, 'x');
  const auto opened = Database::open(path, Schema::office);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().detail.find(path), std::string::npos);
  EXPECT_EQ(opened.error().detail.find('\n'), std::string::npos);
  EXPECT_FALSE(dump_office(path));
  EXPECT_FALSE(dump_office(folder.file("absent.sqlite")));
}

TEST(SqliteProvider, ItsBookIsReadByTheAudit) {
  const TempFolder folder;
  const std::string path = folder.file("provider.sqlite");
  {
    auto database = Database::open(path, Schema::provider);
    ASSERT_TRUE(database);
    SqliteProviderLedger book(**database);
    ProviderEntry entry{AttemptId{{1, 2}}, OrderId{{3, 4}}, payment::Operation::authorise,
                        Money{5},          "KRW",           kStart};
    EXPECT_TRUE(wait_for(book.apply(entry)).value().written);
    EXPECT_FALSE(wait_for(book.apply(entry)).value().written);
    entry.operation = payment::Operation::capture;
    EXPECT_TRUE(wait_for(book.apply(entry)).value().written);
  }
  const auto entries = dump_provider(path);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[1].operation, payment::Operation::capture);
  EXPECT_EQ((*entries)[1].attempt, (AttemptId{{1, 2}}));
  EXPECT_EQ((*entries)[1].order, (OrderId{{3, 4}}));
  EXPECT_EQ((*entries)[1].amount, Money{5});
  EXPECT_EQ((*entries)[1].at, kStart);
}

CatalogueEntry some_hall(std::uint64_t id) {
  CatalogueEntry entry;
  entry.event.id = EventId{id};
  entry.event.title = "공연";
  entry.event.description = "d";
  entry.event.venue = "v";
  entry.event.starts_at = kStart;
  entry.event.on_sale_at = kStart;
  entry.event.layout_hash = "abc";
  entry.event.numbering = {1, 3, 2};
  entry.hall.name = "h";
  entry.hall.width = 10.25;
  entry.hall.height = -0.1;
  entry.hall.tiers = {{"R", "#ff0000", Money{90'000}}};
  catalog::Section section;
  section.name = "A";
  section.rows = {{"1", {{"g1", "1", 0.1, 0.2, 0, true, 0}, {"g2", "12a", 1e-9, -3, 0, false, 1}}}};
  catalog::HallArea area;
  area.shape = "polygon";
  area.points = {{1, 2}, {3.5, 4}};
  area.text = "Stage";
  section.areas = {area};
  entry.hall.sections = {section};
  return entry;
}

TEST_F(SqliteOrders, ACatalogueIsReadBackAsItWasPut) {
  auto database = open();
  SqliteCatalogueStore catalogue(*database);
  CatalogueEntry closing = some_hall(2);
  closing.event.closes_at = kStart + Milliseconds{5};
  ASSERT_TRUE(catalogue.put(some_hall(1)));
  ASSERT_TRUE(catalogue.put(some_hall(2)));
  ASSERT_TRUE(catalogue.put(closing));  // replaces
  const auto entries = catalogue.load();
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].event, some_hall(1).event);
  EXPECT_EQ((*entries)[0].hall, some_hall(1).hall);
  EXPECT_EQ((*entries)[1].event, closing.event);
}

}  // namespace
}  // namespace onsale::sqlite
