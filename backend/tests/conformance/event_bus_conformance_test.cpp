// The suite of EventBus over every adapter; and buses made wrong on purpose, which must fail it.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/local_bus/local_bus.hpp"
#include "runtime/scheduler.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/manual_scheduler.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::conformance {
namespace {

Message message(std::uint64_t n, std::uint64_t order,
                MessageType type = MessageType::order_created) {
  Message message;
  message.id = MessageId{{1, n}};
  message.order = OrderId{{2, order}};
  message.type = type;
  return message;
}

struct BusCase {
  const char* name;
  void (*run)(EventBus&);
};

void each_topic_reaches_its_consumers(EventBus& bus) {
  int orders = 0;
  int seats = 0;
  int both = 0;
  const auto count = [](int& to) {
    return [&to](Message) -> Task<Status> {
      ++to;
      return ok();
    };
  };
  bus.subscribe("a", "order.events", count(orders));
  bus.subscribe("b", "seat.events", count(seats));
  bus.subscribe("c", "order.events", count(both));
  bus.subscribe("c", "seat.events", count(both));
  EXPECT_TRUE(run_task(bus.publish({message(1, 1), message(2, 1, MessageType::seats_sold),
                                    message(3, 2, MessageType::order_confirmed)})));
  EXPECT_EQ(orders, 2);
  EXPECT_EQ(seats, 1);
  EXPECT_EQ(both, 3);
}

void an_orders_messages_come_in_their_order(EventBus& bus) {
  std::map<OrderId, std::vector<std::uint64_t>> came;
  bus.subscribe("a", "order.events", [&came](Message one) -> Task<Status> {
    came[one.order].push_back(one.id.bits.lo);
    return ok();
  });
  std::vector<Message> messages;
  messages.reserve(100);
  for (std::uint64_t n = 0; n < 100; ++n) messages.push_back(message(n, n % 7));
  EXPECT_TRUE(run_task(bus.publish(messages)));
  std::size_t all = 0;
  for (const auto& [order, ids] : came) {
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    all += ids.size();
  }
  EXPECT_EQ(all, 100U);
}

void a_consumers_failure_is_the_publishers(EventBus& bus) {
  bool away = true;
  bus.subscribe("a", "order.events", [&away](Message) -> Task<Status> {
    if (away) return Status(Code::unavailable);
    return ok();
  });
  EXPECT_FALSE(run_task(bus.publish({message(1, 1)})));
  away = false;
  EXPECT_TRUE(run_task(bus.publish({message(1, 1)})));
}

void what_follows_a_failure_does_not_overtake_it(EventBus& bus) {
  std::vector<std::uint64_t> came;
  bus.subscribe("a", "order.events", [&came](Message one) -> Task<Status> {
    if (one.id.bits.lo == 1) return Status(Code::unavailable);
    came.push_back(one.id.bits.lo);
    return ok();
  });
  EXPECT_FALSE(run_task(bus.publish({message(1, 1), message(2, 1), message(3, 2)})));
  EXPECT_EQ(came, std::vector<std::uint64_t>{3}) << "order 1 waits, order 2 does not";
}

void nothing_to_publish_is_published(EventBus& bus) { EXPECT_TRUE(run_task(bus.publish({}))); }

constexpr BusCase kBusCases[] = {
    {"EachTopicReachesItsConsumers", each_topic_reaches_its_consumers},
    {"AnOrdersMessagesComeInTheirOrder", an_orders_messages_come_in_their_order},
    {"AConsumersFailureIsThePublishers", a_consumers_failure_is_the_publishers},
    {"WhatFollowsAFailureDoesNotOvertakeIt", what_follows_a_failure_does_not_overtake_it},
    {"NothingToPublishIsPublished", nothing_to_publish_is_published},
};

class EventBusConformance : public testing::TestWithParam<BusCase> {};
TEST_P(EventBusConformance, LocalHolds) {
  LocalBus bus;
  GetParam().run(bus);
}
INSTANTIATE_TEST_SUITE_P(Adapters, EventBusConformance, testing::ValuesIn(kBusCases),
                         [](const auto& about) { return std::string(about.param.name); });

// A bus that has answered before its consumers have.
class ForgetsFailures final : public EventBus {
 public:
  void subscribe(std::string name, std::string topic, Consumer consumer) override {
    bus_.subscribe(std::move(name), std::move(topic), std::move(consumer));
  }
  Task<Status> publish(std::vector<Message> messages) override {
    static_cast<void>(run_task(bus_.publish(std::move(messages))));
    return ok();
  }

 private:
  LocalBus bus_;
};

TEST(EventBusMistakes, ABusThatForgetsFailuresIsCaught) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    ForgetsFailures bus;
    a_consumers_failure_is_the_publishers(bus);
  }
  EXPECT_GT(failures.size(), 0);
}

// Consumers that take their time: orders go side by side, up to the limit, each order in sequence.
struct SlowConsumer {
  ManualScheduler& loop;
  int at_once = 0;
  int most_at_once = 0;
  std::set<OrderId> under_way;

  Task<Status> handle(Message one) {
    EXPECT_TRUE(under_way.insert(one.order).second) << "two messages of one order at once";
    most_at_once = std::max(most_at_once, ++at_once);
    co_await loop.sleep_for(Milliseconds{10});
    --at_once;
    under_way.erase(one.order);
    co_return ok();
  }
};

TEST(LocalBus, OrdersGoSideBySideUpToItsLimit) {
  ManualClock clock;
  ManualScheduler loop(clock);
  LocalBus bus(4);
  SlowConsumer slow{loop, 0, 0, {}};
  bus.subscribe("slow", "order.events",
                [&slow](Message one) { return slow.handle(std::move(one)); });
  bool published = false;
  loop.post([&] {
    const auto publish = [](LocalBus& to, bool& done) -> Task<void> {
      std::vector<Message> messages;
      messages.reserve(40);
      for (std::uint64_t n = 0; n < 40; ++n) messages.push_back(message(n, n % 10));
      Task<Status> publishing = to.publish(std::move(messages));
      const Status status = co_await std::move(publishing);
      done = status.has_value();
    };
    detach(publish(bus, published));
  });
  loop.run_for(Milliseconds{1000});
  EXPECT_TRUE(published);
  EXPECT_EQ(slow.most_at_once, 4);
}

}  // namespace
}  // namespace onsale::conformance
