// The suite of EventBus over the bus of one process and over Kafka (librdkafka's mock broker; the
// real one is in tests/kafka); and buses made wrong on purpose (wrong_buses.hpp), which must fail it.
#include "tests/conformance/event_bus_conformance.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/local_bus/local_bus.hpp"
#include "adapters/memory/orders.hpp"
#include "runtime/scheduler.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "tests/support/kafka_bench.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/manual_scheduler.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/wrong_buses.hpp"

namespace onsale::conformance {
namespace {

// In-process everything has been handled when publish() answers.
class LocalBench : public BusBench {
 public:
  EventBus& bus() override { return bus_; }
  void open() override {}
  Status publish_now(std::vector<Message> messages) override {
    return run_task(bus().publish(std::move(messages)));
  }
  bool eventually(std::function<bool()> done) override { return done(); }

 private:
  LocalBus bus_;
};

class EventBusConformance : public testing::TestWithParam<BusCase> {};
TEST_P(EventBusConformance, LocalHolds) {
  LocalBench bench;
  GetParam().run(bench);
}
TEST_P(EventBusConformance, KafkaHolds) {
  MockKafka brokers;
  KafkaBench bench(quick_options(brokers.brokers()));
  GetParam().run(bench);
}
INSTANTIATE_TEST_SUITE_P(Adapters, EventBusConformance, testing::ValuesIn(event_bus_cases()),
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
class ForgetsFailuresBench final : public LocalBench {
 public:
  EventBus& bus() override { return bus_; }

 private:
  ForgetsFailures bus_;
};

TEST(EventBusMistakes, ABusThatForgetsFailuresIsCaught) {
  ForgetsFailuresBench bench;
  EXPECT_GT(failures_of(a_failed_message_comes_again, bench), 0);
}

TEST(EventBusMistakes, AConsumerThatCommitsAfterASwallowedErrorIsCaught) {
  MockKafka brokers;
  SwallowsErrorsBench bench(quick_options(brokers.brokers()));
  EXPECT_GT(failures_of(a_failed_message_comes_again, bench), 0);
}

TEST(EventBusMistakes, AMessageWithoutAKeyIsCaught) {
  MockKafka brokers;
  KafkaOptions options = quick_options(brokers.brokers());
  options.properties.push_back({"sticky.partitioning.linger.ms", "0"});
  KeylessBench bench(options);
  EXPECT_GT(failures_of(an_orders_messages_come_in_their_order, bench), 0);
}

// The outbox in front of the bus: what the brokers have not acknowledged stays unsent.
void nothing_is_marked_sent_that_the_brokers_have_not(BusBench& bench, MockKafka& brokers) {
  const ManualClock clock;
  MemoryOrders store;
  PlaceOrder place;
  place.order.id = OrderId{{2, 1}};
  place.messages = {bus_message(1, 1), bus_message(2, 1)};
  static_cast<void>(run_task(store.place(place)));
  bench.open();
  brokers.take_down();
  LoopThread thread;
  OutboxDispatcher dispatcher(store, bench.bus(), clock, {.poll_every = Milliseconds{50}});
  thread.loop().post([&] { dispatcher.start(); });
  wait_until([&] { return dispatcher.stats().failed_batches > 1 || dispatcher.stats().sent > 0; },
             std::chrono::seconds{20});
  EXPECT_EQ(run_task(store.backlog())->unsent, 2U) << "marked sent, and in no broker";
  brokers.bring_back();
  EXPECT_TRUE(
      wait_until([&] { return run_task(store.backlog())->unsent == 0; }, std::chrono::seconds{20}));
  dispatcher.stop();
  check(wait_until([&] { return dispatcher.idle(); }, std::chrono::seconds{20}),
        "the dispatcher does not come to rest");
}

TEST(KafkaOutbox, NothingIsMarkedSentThatTheBrokersHaveNot) {
  MockKafka brokers;
  KafkaBench bench(quick_options(brokers.brokers()));
  nothing_is_marked_sent_that_the_brokers_have_not(bench, brokers);
}

TEST(EventBusMistakes, AnOutboxMarkedBeforeTheBrokersAnswerIsCaught) {
  MockKafka brokers;
  HastyBench bench(quick_options(brokers.brokers()));
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    nothing_is_marked_sent_that_the_brokers_have_not(bench, brokers);
  }
  EXPECT_GT(failures.size(), 0);
}

// In-process the publisher hears of a consumer's failure: the outbox keeps the message.
TEST(LocalBus, AConsumersFailureIsThePublishers) {
  LocalBus bus;
  bool away = true;
  bus.subscribe("a", "order.events", [&away](Message) -> Task<Status> {
    if (away) return Status(Code::unavailable);
    return ok();
  });
  EXPECT_FALSE(run_task(bus.publish({bus_message(1, 1)})));
  away = false;
  EXPECT_TRUE(run_task(bus.publish({bus_message(1, 1)})));
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
      for (std::uint64_t n = 0; n < 40; ++n) messages.push_back(bus_message(n, n % 10));
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
