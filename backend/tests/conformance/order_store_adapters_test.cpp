// Every adapter of the order store runs the suite; and some made wrong on purpose must fail it, each
// in the case that is there for its mistake.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "adapters/memory/orders.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_orders.hpp"
#include "tests/conformance/order_store_conformance.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/temp_folder.hpp"

namespace onsale::conformance {
namespace {

struct OrderAdapter {
  const char* name;
  void (*run)(const OrderStoreCase&);
};

void over_memory(const OrderStoreCase& test) {
  MemoryOrders store;
  OrderStoreUnderTest under{store, store, store};
  test.run(under);
}

void over_sqlite(const OrderStoreCase& test) {
  const TempFolder folder;
  auto database = sqlite::Database::open(folder.file("office.sqlite"), sqlite::Schema::office);
  ASSERT_TRUE(database) << database.error().detail;
  sqlite::SqliteOrderStore store(**database);
  OrderStoreUnderTest under{store, store, store};
  test.run(under);
}

constexpr OrderAdapter kOrderAdapters[] = {{"Memory", over_memory}, {"Sqlite", over_sqlite}};

class OrderStoreConformance
    : public testing::TestWithParam<std::tuple<OrderAdapter, OrderStoreCase>> {};

TEST_P(OrderStoreConformance, Holds) {
  const auto& [adapter, test] = GetParam();
  adapter.run(test);
}

INSTANTIATE_TEST_SUITE_P(Adapters, OrderStoreConformance,
                         testing::Combine(testing::ValuesIn(kOrderAdapters),
                                          testing::ValuesIn(order_store_cases())),
                         [](const auto& about) {
                           return std::string(std::get<0>(about.param).name) + "_" +
                                  std::get<1>(about.param).name;
                         });

// The mistakes: each wrong in one way.

class ForgetsTheVersion final : public MemoryOrders {
 public:
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override {
    const auto now = run_task(find(command.id));
    if (now) command.expected_version = now->version;
    return MemoryOrders::advance(std::move(command));
  }
};

class KeepsClaimsOfTheCancelled final : public MemoryOrders {
 public:
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override {
    const bool cancelling = command.to == order::Status::cancelling;
    const auto before = run_task(find(command.id));
    auto outcome = run_task(MemoryOrders::advance(std::move(command)));
    if (cancelling && before && outcome) {
      PlaceOrder ghost;
      ghost.order = *before;
      ghost.order.id = OrderId{{1, 1}};
      ghost.scope.key = "ghost";
      static_cast<void>(run_task(MemoryOrders::place(std::move(ghost))));
    }
    return outcome;
  }
};

class SharesKeysBetweenBuyers final : public MemoryOrders {
 public:
  Task<Result<PlaceOutcome>> place(PlaceOrder command) override {
    command.scope.buyer = {};
    return MemoryOrders::place(std::move(command));
  }
  Task<Result<std::optional<StoredAnswer>>> find_answer(IdempotencyScope scope) override {
    scope.buyer = {};
    return MemoryOrders::find_answer(std::move(scope));
  }
};

class MarksEverythingSent final : public MemoryOrders {
 public:
  Task<Status> mark_sent(std::vector<MessageId>) override {
    std::vector<MessageId> all;
    const auto everything = run_task(pending(1000));
    for (const Message& message : everything.value()) all.push_back(message.id);
    return MemoryOrders::mark_sent(std::move(all));
  }
};

class SortsMessagesById final : public MemoryOrders {
 public:
  Task<Result<std::vector<Message>>> pending(std::size_t max) override {
    auto messages = run_task(MemoryOrders::pending(max));
    std::sort(messages.value().begin(), messages.value().end(),
              [](const Message& a, const Message& b) { return a.id < b.id; });
    return messages;
  }
};

const OrderStoreCase& order_case(const std::string& name) {
  for (const OrderStoreCase& one : order_store_cases()) {
    if (one.name == name) return one;
  }
  check(false, "no such case");
  return order_store_cases().front();
}

template <typename Wrong>
void expect_caught_by(const std::string& name) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    Wrong store;
    OrderStoreUnderTest under{store, store, store};
    order_case(name).run(under);
  }
  EXPECT_GT(failures.size(), 0) << "the mistake was not noticed by " << name;
}

TEST(OrderStoreMistakes, AStoreThatForgetsTheVersionIsCaught) {
  expect_caught_by<ForgetsTheVersion>("ALostRaceAddsNoMessage");
}
TEST(OrderStoreMistakes, AStoreThatKeepsClaimsOfTheCancelledIsCaught) {
  expect_caught_by<KeepsClaimsOfTheCancelled>("DecidingNotToSellDropsTheClaims");
}
TEST(OrderStoreMistakes, AStoreThatSharesKeysBetweenBuyersIsCaught) {
  expect_caught_by<SharesKeysBetweenBuyers>("AKeyBelongsToItsBuyerAndRoute");
}
TEST(OrderStoreMistakes, AnOutboxThatMarksEverythingSentIsCaught) {
  expect_caught_by<MarksEverythingSent>("WhatIsMarkedSentIsPendingNoMore");
}
TEST(OrderStoreMistakes, AnOutboxInTheOrderOfIdsIsCaught) {
  expect_caught_by<SortsMessagesById>("PendingKeepsEachOrdersSequence");
}

}  // namespace
}  // namespace onsale::conformance
