// The way to the database fails: cut in the middle of a commit, silent, gone. What was answered is
// true, nothing is written twice, nothing hangs, and it is well again when the way is.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/engines/mysql_office.hpp"
#include "tests/support/tcp_gate.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale {
namespace {

using Steady = std::chrono::steady_clock;

class MysqlLink : public testing::Test {
 protected:
  void SetUp() override {
    if (MariadbServer::missing()) GTEST_SKIP() << kNoMariadb;
    direct = shared_mariadb().fresh(mysql::Schema::office);
    gate = std::make_unique<TcpGate>(shared_mariadb().port());
    mysql::Endpoint through = direct;
    through.port = gate->port();
    mysql::DatabaseOptions options;
    options.writers = 1;
    options.timeouts.connect_s = 1;
    options.timeouts.answer_s = 1;
    options.timeouts.lock_wait_s = 1;
    options.give_up_after = Milliseconds{4000};
    node = std::make_unique<MysqlNode>(through, options);
    ASSERT_EQ(wait_for(node->store.place(nth_order(1))).value(), PlaceOutcome::placed);
  }
  void TearDown() override {
    node.reset();
    gate.reset();
  }
  // As seen by somebody whose way is not cut.
  void expect_whole(std::uint64_t orders) {
    MysqlNode witness(direct);
    EXPECT_EQ(wait_for(witness.store.claims()).value().size(), orders);
    EXPECT_EQ(wait_for(witness.store.backlog()).value().unsent, orders);
    EXPECT_EQ(wait_for(witness.store.open_orders({}, 100)).value().size(), orders);
  }
  mysql::Endpoint direct;
  std::unique_ptr<TcpGate> gate;
  std::unique_ptr<MysqlNode> node;
};

TEST_F(MysqlLink, CutBeforeTheCommitArrivesItIsWrittenAgain) {
  gate->cut_at("COMMIT", TcpGate::Cut::before);
  EXPECT_EQ(wait_for(node->store.place(nth_order(2))).value(), PlaceOutcome::placed);
  EXPECT_EQ(gate->cuts(), 1);
  EXPECT_EQ(node->database->stats().asked, 1U);
  EXPECT_EQ(node->database->stats().retried, 1U);
  expect_whole(2);
}

TEST_F(MysqlLink, CutAfterTheCommitItIsFoundAndNotWrittenAgain) {
  gate->cut_at("COMMIT", TcpGate::Cut::after);
  EXPECT_EQ(wait_for(node->store.place(nth_order(2))).value(), PlaceOutcome::placed);
  EXPECT_EQ(node->database->stats().asked, 1U);
  EXPECT_EQ(node->database->stats().retried, 0U);
  expect_whole(2);
}

// The commit is still on its way when the question is asked: an answer "not there" would be early.
TEST_F(MysqlLink, ACommitThatArrivesLateIsNotGuessedAt) {
  gate->cut_at("COMMIT", TcpGate::Cut::late);
  EXPECT_EQ(wait_for(node->store.place(nth_order(2))).value(), PlaceOutcome::placed);
  EXPECT_EQ(node->database->stats().asked, 1U);
  std::this_thread::sleep_for(std::chrono::milliseconds{700});  // it has arrived by now
  expect_whole(2);
}

TEST_F(MysqlLink, AnAdvanceCutAtItsCommitHappensOnce) {
  for (const TcpGate::Cut how : {TcpGate::Cut::before, TcpGate::Cut::after, TcpGate::Cut::late}) {
    const std::uint64_t n = 10 + static_cast<std::uint64_t>(how);
    const PlaceOrder command = nth_order(n);
    ASSERT_EQ(wait_for(node->store.place(command)).value(), PlaceOutcome::placed);
    AdvanceOrder advance;
    advance.id = command.order.id;
    advance.expected_version = 1;
    advance.to = order::Status::authorised;
    advance.messages = nth_order(100 + n).messages;
    gate->cut_at("COMMIT", how);
    EXPECT_EQ(wait_for(node->store.advance(advance)).value(), AdvanceOutcome::advanced);
    EXPECT_EQ(wait_for(node->store.find(command.order.id)).value().version, 2U);
  }
  EXPECT_EQ(wait_for(node->store.backlog()).value().unsent, 7U);
}

TEST_F(MysqlLink, CutInTheMiddleOfAnInsertNothingOfItIsLeft) {
  gate->cut_at("POST /orders", TcpGate::Cut::after);
  EXPECT_EQ(wait_for(node->store.place(nth_order(2))).value(), PlaceOutcome::placed);
  EXPECT_EQ(node->database->stats().asked, 0U);
  expect_whole(2);
}

TEST_F(MysqlLink, ASilentServerIsUnavailableInTimeAndWellAfterwards) {
  gate->go_silent(true);
  auto start = Steady::now();
  EXPECT_EQ(wait_for(node->store.place(nth_order(2))).code(), Code::unavailable);
  EXPECT_LT(Steady::now() - start, std::chrono::seconds{10});
  EXPECT_EQ(wait_for(node->store.find(nth_order(1).order.id)).code(), Code::unavailable);
  EXPECT_FALSE(node->database->stats().healthy);
  // Now that it is known, others are refused at once.
  start = Steady::now();
  EXPECT_EQ(wait_for(node->store.place(nth_order(3))).code(), Code::unavailable);
  EXPECT_LT(Steady::now() - start, std::chrono::milliseconds{500});

  gate->go_silent(false);
  gate->cut_all();
  start = Steady::now();
  for (;;) {
    const auto outcome = wait_for(node->store.place(nth_order(4)));
    if (outcome) break;
    ASSERT_LT(Steady::now() - start, std::chrono::seconds{5});
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  EXPECT_TRUE(node->database->stats().healthy);
  EXPECT_TRUE(wait_for(node->store.find(nth_order(4).order.id)));
}

// Each byte in time, the answer never whole.
TEST_F(MysqlLink, AServerThatDripsIsUnavailableInTimeAndWellAfterwards) {
  gate->drip(true);
  const auto start = Steady::now();
  const auto rows = wait_for(node->store.find(nth_order(1).order.id));
  EXPECT_EQ(rows.code(), Code::unavailable);
  EXPECT_LT(Steady::now() - start, std::chrono::seconds{25});
  gate->drip(false);
  const auto well = Steady::now();
  while (!wait_for(node->store.find(nth_order(1).order.id))) {
    ASSERT_LT(Steady::now() - well, std::chrono::seconds{5});
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

}  // namespace
}  // namespace onsale
