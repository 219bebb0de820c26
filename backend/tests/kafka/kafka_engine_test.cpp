// The bus over a real Kafka: the suite, and what happens when the broker is killed.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>

#include "adapters/embedded/system_clock.hpp"
#include "adapters/kafka/cloud_event.hpp"
#include "adapters/memory/orders.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "tests/support/kafka_bench.hpp"
#include "tests/support/real_kafka.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {
namespace {

using conformance::bus_message;
using conformance::BusCase;

class RealBroker {
 protected:
  RealBroker() : kafka_(RealKafka::start(why_)) {}
  std::string why_;
  std::unique_ptr<RealKafka> kafka_;
};

class EventBusOnKafka : public testing::TestWithParam<BusCase>, public RealBroker {};
TEST_P(EventBusOnKafka, Holds) {
  if (!kafka_) GTEST_SKIP() << why_;
  KafkaBench bench(quick_options(kafka_->brokers()));
  GetParam().run(bench);
}
INSTANTIATE_TEST_SUITE_P(Real, EventBusOnKafka, testing::ValuesIn(conformance::event_bus_cases()),
                         [](const auto& about) { return std::string(about.param.name); });

class Kafka : public testing::Test, public RealBroker {};

// Effects of one consumer, each message once.
struct Effects {
  std::mutex mutex;
  std::set<MessageId> ids;
  std::uint64_t calls = 0;

  EventBus::Consumer consumer() {
    return [this](Message one) -> Task<Status> {
      const std::lock_guard lock(mutex);
      ++calls;
      ids.insert(one.id);
      return ok();
    };
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return ids.size();
  }
};

int kills_wanted() {
  const char* const given = std::getenv("ONSALE_KILLS");
  return given == nullptr ? 8 : std::max(1, std::atoi(given));
}

// Orders as they come in an office: three messages each, written in three commits.
class Placing {
 public:
  explicit Placing(MemoryOrders& store) : store_(store) {}

  void one() {
    const std::uint64_t order = ++orders_;
    PlaceOrder place;
    place.order.id = OrderId{{2, order}};
    place.scope.key = std::to_string(order);
    place.messages = {bus_message(order * 10 + 1, order)};
    check(*run_task(store_.place(std::move(place))) == PlaceOutcome::placed, "not placed");
    advance(order, 1, order::Status::authorised, MessageType::payment_success, order * 10 + 2);
    advance(order, 2, order::Status::confirmed, MessageType::order_confirmed, order * 10 + 3);
  }
  [[nodiscard]] std::uint64_t messages() const { return orders_ * 3; }
  [[nodiscard]] std::uint64_t orders() const { return orders_; }

 private:
  void advance(std::uint64_t order, std::uint32_t version, order::Status to, MessageType type,
               std::uint64_t n) {
    AdvanceOrder command;
    command.id = OrderId{{2, order}};
    command.expected_version = version;
    command.to = to;
    command.messages = {bus_message(n, order, type)};
    check(*run_task(store_.advance(std::move(command))) == AdvanceOutcome::advanced, "no advance");
  }
  MemoryOrders& store_;
  std::uint64_t orders_ = 0;
};

// What each order's messages look like to whoever reads the topic: first come, in their order.
void expect_every_message_in_order(const std::vector<KafkaRecord>& records, std::uint64_t orders) {
  std::map<std::uint64_t, std::vector<std::uint64_t>> came;
  std::set<std::uint64_t> seen;
  for (const KafkaRecord& record : records) {
    const auto message = cloud_event::decode(record.value);
    ASSERT_TRUE(message);
    EXPECT_EQ(record.key, message->order.to_string());
    const std::uint64_t n = message->id.bits.lo;
    if (seen.insert(n).second) came[message->order.bits.lo].push_back(n);
  }
  std::size_t whole = 0;
  for (const auto& [order, numbers] : came) {
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << "order " << order;
    whole += numbers.size() == 3 ? 1 : 0;
  }
  EXPECT_EQ(whole, orders) << "orders with a message missing: lost though acknowledged";
}

// kill -9 of the broker while the relay publishes, again and again: nothing that was marked sent is
// lost, an order's messages are in their order, and all of them reach the consumer.
TEST_F(Kafka, KilledWhilePublishingLosesNothingAcknowledged) {
  if (!kafka_) GTEST_SKIP() << why_;
  const KafkaOptions options = quick_options(kafka_->brokers());
  MemoryOrders store;
  Placing placing(store);
  Effects effects;
  const SystemClock clock;
  {
    KafkaBench bench(options, std::chrono::seconds{60});
    bench.bus().subscribe("reservation", "order.events", effects.consumer());
    bench.open();
    LoopThread thread;
    OutboxDispatcher relay(store, bench.bus(), clock,
                           {.batch = 64, .poll_every = Milliseconds{100}});
    std::atomic<bool> started{false};
    thread.loop().post([&] {
      relay.start();
      started = true;
    });
    ASSERT_TRUE(bench.eventually([&] { return started.load(); }));
    const auto keep_placing = [&](std::chrono::milliseconds span) {
      const auto end = std::chrono::steady_clock::now() + span;
      while (std::chrono::steady_clock::now() < end) {
        placing.one();
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
      }
    };
    for (int kill = 0; kill < kills_wanted(); ++kill) {
      const std::uint64_t before = relay.stats().sent;
      keep_placing(std::chrono::milliseconds{150});
      ASSERT_TRUE(bench.eventually([&] { return relay.stats().sent > before; })) << kill;
      keep_placing(std::chrono::milliseconds{20 * (kill % 10)});
      kafka_->kill();
      keep_placing(std::chrono::milliseconds{100});
      kafka_->start_again();
    }
    EXPECT_TRUE(bench.eventually([&] { return run_task(store.backlog())->unsent == 0; }));
    EXPECT_TRUE(bench.eventually([&] { return effects.count() == placing.messages(); }));
    relay.stop();
    ASSERT_TRUE(bench.eventually([&] { return relay.idle(); }));
    std::printf("kills %d, messages %llu, deliveries %llu\n", kills_wanted(),
                static_cast<unsigned long long>(placing.messages()),
                static_cast<unsigned long long>(effects.calls));
  }
  expect_every_message_in_order(read_all(options, {"order.events"}), placing.orders());
}

// Of two nodes one goes: the other takes over its partitions, and nothing is left out.
TEST_F(Kafka, ANodeThatGoesLeavesItsWorkToTheOther) {
  if (!kafka_) GTEST_SKIP() << why_;
  const KafkaOptions options = quick_options(kafka_->brokers());
  Effects effects;
  KafkaBench staying(options, std::chrono::seconds{60});
  staying.bus().subscribe("reservation", "order.events", effects.consumer());
  auto going = std::make_unique<KafkaBench>(options, std::chrono::seconds{60});
  going->bus().subscribe("reservation", "order.events", effects.consumer());
  staying.open();
  going->open();
  std::uint64_t n = 0;
  const auto publish_some = [&] {
    std::vector<Message> messages;
    for (int i = 0; i < 200; ++i) {
      ++n;
      messages.push_back(bus_message(n, n));
    }
    ASSERT_TRUE(conformance::publish_until_taken(staying, messages));
  };
  ASSERT_TRUE(staying.eventually([&] {
    publish_some();
    return staying.kafka().stats().consumers[0].handled > 0 &&
           going->kafka().stats().consumers[0].handled > 0;
  })) << "both take part";
  publish_some();
  going.reset();
  publish_some();
  EXPECT_TRUE(staying.eventually([&] { return effects.count() == n; }));
  EXPECT_TRUE(staying.eventually([&] { return staying.kafka().stats().consumers[0].lag == 0; }));
}

TEST_F(Kafka, PoisonIsBuriedWithItsReasonAndOthersGoOn) {
  if (!kafka_) GTEST_SKIP() << why_;
  const KafkaOptions options = quick_options(kafka_->brokers());
  Effects effects;
  {
    KafkaBench bench(options);
    auto well = effects.consumer();
    bench.bus().subscribe("reservation", "order.events", [&well](Message one) -> Task<Status> {
      if (one.id.bits.lo == 1) return Status(Failure{Code::seat_not_found, "no seat 1"});
      return well(std::move(one));
    });
    bench.open();
    ASSERT_TRUE(bench.publish_now({bus_message(1, 1), bus_message(2, 1), bus_message(3, 2)}));
    EXPECT_TRUE(bench.eventually([&] { return effects.count() == 2; }));
    EXPECT_TRUE(
        bench.eventually([&] { return bench.kafka().stats().consumers[0].dead_letters == 1; }));
  }
  const auto letters = read_all(options, {"order.events.dead-letters"});
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters.front().header("dead-letter-reason"), "no seat 1");
}

// The operator's commands, as they are typed.
std::string typed(const std::string& words, int& code) {
  const std::string command = std::string{ONSALE_PROGRAM} + " " + words + " 2>&1";
  FILE* const pipe = ::popen(command.c_str(), "r");
  check(pipe != nullptr, "no process for onsale");
  std::string told;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) told += static_cast<char>(c);
  code = WEXITSTATUS(::pclose(pipe));
  return told;
}

TEST_F(Kafka, AnOperatorSeesEventsFindsDeadLettersAndReplaysThem) {
  if (!kafka_) GTEST_SKIP() << why_;
  const KafkaOptions options = quick_options(kafka_->brokers());
  const std::string where = " --kafka.brokers " + kafka_->brokers();
  Effects effects;
  std::atomic<bool> mended{false};
  KafkaBench bench(options, std::chrono::seconds{60});
  auto well = effects.consumer();
  bench.bus().subscribe("reservation", "order.events", [&](Message one) -> Task<Status> {
    if (one.id.bits.lo == 1 && !mended) return Status(Failure{Code::seat_not_found, "no seat 1"});
    return well(std::move(one));
  });
  bench.open();
  ASSERT_TRUE(bench.publish_now({bus_message(1, 1), bus_message(2, 2)}));
  ASSERT_TRUE(
      bench.eventually([&] { return bench.kafka().stats().consumers[0].dead_letters == 1; }));
  const std::string order = bus_message(1, 1).order.to_string();
  int code = 0;

  const std::string seen = typed("events tail --from-beginning --stop-at-end" + where, code);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), '\n'), 2) << seen;
  EXPECT_NE(seen.find("2026-11-22T18:00:13.123Z ORDER_CREATED order " + order +
                      " event 1 seats 1 KRW 1000"),
            std::string::npos)
      << seen;

  const std::string letters = typed("events dead-letters" + where, code);
  EXPECT_EQ(code, 0);
  EXPECT_NE(letters.find("refused by reservation after 4 tries: no seat 1 | was order.events/"),
            std::string::npos)
      << letters;
  EXPECT_NE(letters.find("1 dead letters"), std::string::npos) << letters;

  const std::string asked = typed("events replay" + where, code);
  EXPECT_NE(asked.find("add --yes to do it"), std::string::npos) << asked;
  EXPECT_EQ(effects.count(), 1U) << "only listed";
  mended = true;
  const std::string replayed = typed("events replay --yes --order " + order + where, code);
  EXPECT_EQ(code, 0);
  EXPECT_NE(replayed.find("1 records published again"), std::string::npos) << replayed;
  EXPECT_TRUE(bench.eventually([&] { return effects.count() == 2; }));

  const std::string lost = typed("events tail", code);
  EXPECT_EQ(code, 1);
  EXPECT_NE(lost.find("where is Kafka?"), std::string::npos) << lost;
}

}  // namespace
}  // namespace onsale
