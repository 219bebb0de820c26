// What the bus does with messages that nobody can take, consumers that die, and brokers that go away:
// over librdkafka's mock broker.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "adapters/kafka/cloud_event.hpp"
#include "adapters/kafka/producer.hpp"
#include "tests/support/kafka_bench.hpp"

namespace onsale {
namespace {

// A whole message, the n-th, of that order.
Message message(std::uint64_t n, std::uint64_t order) {
  Message one;
  one.id = MessageId{{1, n}};
  one.order = OrderId{{2, order}};
  one.type = MessageType::payment_success;
  one.event = EventId{1};
  one.seats = {SeatId{n}};
  one.currency = "KRW";
  one.at = instant_of_ms(1'795'370'413'123);
  one.trace_id = TraceId{{4, n}};
  return one;
}

struct Counts {
  std::mutex mutex;
  std::map<std::uint64_t, int> calls;
  std::set<std::uint64_t> done;

  EventBus::Consumer consumer(std::function<Status(const Message&)> judge) {
    return [this, judge = std::move(judge)](Message one) -> Task<Status> {
      const std::lock_guard lock(mutex);
      ++calls[one.id.bits.lo];
      Status status = judge(one);
      if (status) done.insert(one.id.bits.lo);
      return status;
    };
  }
  std::size_t done_count() {
    const std::lock_guard lock(mutex);
    return done.size();
  }
  int calls_of(std::uint64_t n) {
    const std::lock_guard lock(mutex);
    return calls[n];
  }
};

std::uint64_t dead_letters(KafkaBench& bench) {
  std::uint64_t all = 0;
  for (const auto& consumer : bench.kafka().stats().consumers) all += consumer.dead_letters;
  return all;
}

TEST(KafkaPoison, IsBuriedWithItsReasonAfterBoundedTriesAndOthersGoOn) {
  MockKafka brokers;
  const KafkaOptions options = quick_options(brokers.brokers());
  Counts counts;
  {
    KafkaBench bench(options);
    bench.bus().subscribe("reservation", "order.events",
                          counts.consumer([](const Message& one) -> Status {
                            if (one.id.bits.lo == 1) {
                              return Failure{Code::seat_not_found, "no seat 1 in event 1"};
                            }
                            return ok();
                          }));
    bench.open();
    ASSERT_TRUE(bench.publish_now({message(1, 1), message(2, 1), message(3, 2)}));
    ASSERT_TRUE(bench.eventually([&] { return counts.done_count() == 2; }));
    EXPECT_TRUE(bench.eventually([&] { return dead_letters(bench) == 1; }));
    EXPECT_EQ(counts.calls_of(1), static_cast<int>(options.tries_max));
    EXPECT_TRUE(bench.eventually([&] { return bench.kafka().stats().consumers[0].lag == 0; }));
  }
  const auto letters = read_all(options, {"order.events.dead-letters"});
  ASSERT_EQ(letters.size(), 1U);
  const KafkaRecord& letter = letters.front();
  EXPECT_EQ(letter.key, message(1, 1).order.to_string());
  EXPECT_EQ(letter.value, cloud_event::encode(message(1, 1)));
  EXPECT_EQ(letter.header("dead-letter-reason"), "no seat 1 in event 1");
  EXPECT_EQ(letter.header("dead-letter-consumer"), "reservation");
  EXPECT_EQ(letter.header("dead-letter-topic"), "order.events");
  EXPECT_EQ(letter.header("dead-letter-tries"), std::to_string(options.tries_max));
  EXPECT_EQ(letter.header("traceparent"), cloud_event::traceparent_of(message(1, 1)));
}

TEST(KafkaPoison, WhatCannotBeReadIsBuriedAtOnce) {
  MockKafka brokers;
  const KafkaOptions options = quick_options(brokers.brokers());
  Counts counts;
  {
    KafkaBench bench(options);
    bench.bus().subscribe("reservation", "order.events",
                          counts.consumer([](const Message&) { return ok(); }));
    bench.open();
    kafka::Producer stranger(options);
    ASSERT_TRUE(stranger.start());
    ASSERT_TRUE(bench.eventually([&] { return stranger.reachable(); }));
    std::vector<kafka::Record> odd;
    for (const char* value : {"", "{", "[]", "\xff\xfe", R"({"specversion":"1.0"})"}) {
      odd.push_back({.topic = "order.events", .key = "k", .value = value, .headers = {}});
    }
    ASSERT_EQ(wait_for(stranger.send(odd)), std::vector<bool>(odd.size(), true));
    ASSERT_TRUE(bench.publish_now({message(1, 1)}));
    EXPECT_TRUE(bench.eventually([&] { return counts.done_count() == 1; }));
    EXPECT_TRUE(bench.eventually([&] { return dead_letters(bench) == odd.size(); }));
    stranger.stop();
    ASSERT_TRUE(bench.eventually([&] { return stranger.idle(); }));
  }
  const auto letters = read_all(options, {"order.events.dead-letters"});
  ASSERT_EQ(letters.size(), 5U);
  for (const KafkaRecord& letter : letters) {
    EXPECT_NE(letter.header("dead-letter-reason"), "") << letter.value;
  }
}

TEST(KafkaConsumer, AStoreThatIsAwayIsWaitedForHoweverLong) {
  MockKafka brokers;
  const KafkaOptions options = quick_options(brokers.brokers());
  Counts counts;
  KafkaBench bench(options);
  const int more_than_tries_max = static_cast<int>(options.tries_max) * 3;
  bench.bus().subscribe("reservation", "order.events",
                        counts.consumer([&](const Message&) -> Status {
                          if (counts.calls[1] <= more_than_tries_max) return Code::unavailable;
                          return ok();
                        }));
  bench.open();
  ASSERT_TRUE(bench.publish_now({message(1, 1)}));
  EXPECT_TRUE(bench.eventually([&] { return counts.done_count() == 1; }));
  EXPECT_EQ(dead_letters(bench), 0U);
}

TEST(KafkaConsumer, WhatHadNoEffectBeforeAStopComesToTheNextOne) {
  MockKafka brokers;
  const KafkaOptions options = quick_options(brokers.brokers());
  Counts first;
  {
    KafkaBench bench(options);
    bench.bus().subscribe("reservation", "order.events",
                          first.consumer([](const Message& one) -> Status {
                            if (one.id.bits.lo == 2) return Code::unavailable;
                            return ok();
                          }));
    bench.open();
    ASSERT_TRUE(bench.publish_now({message(1, 1), message(2, 2), message(3, 3)}));
    ASSERT_TRUE(bench.eventually([&] { return first.done_count() == 2; }));
  }
  Counts second;
  KafkaBench bench(options);
  bench.bus().subscribe("reservation", "order.events",
                        second.consumer([](const Message&) { return ok(); }));
  bench.open();
  EXPECT_TRUE(bench.eventually([&] { return second.calls_of(2) == 1; }));
}

TEST(KafkaConsumer, MoreThanItsWindowIsFetchedOnlyWhenThereIsRoom) {
  constexpr std::uint64_t kMessages = 300;
  MockKafka brokers;
  KafkaOptions options = quick_options(brokers.brokers());
  options.in_flight_max = 16;
  Counts counts;
  std::atomic<bool> closed{true};
  KafkaBench bench(options);
  bench.bus().subscribe("reservation", "order.events",
                        counts.consumer([&](const Message&) -> Status {
                          if (closed) return Code::unavailable;
                          return ok();
                        }));
  bench.open();
  std::vector<Message> messages;
  messages.reserve(kMessages);
  for (std::uint64_t n = 1; n <= kMessages; ++n) messages.push_back(message(n, n));
  ASSERT_TRUE(bench.publish_now(messages));
  ASSERT_TRUE(bench.eventually([&] { return bench.kafka().stats().consumers[0].in_flight >= 16; }));
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  EXPECT_LE(bench.kafka().stats().consumers[0].in_flight, 17U);
  closed = false;
  EXPECT_TRUE(bench.eventually([&] { return counts.done_count() == kMessages; }));
}

TEST(KafkaAway, PublishingFailsSoonThenAtOnceAndIsBackWithTheBrokers) {
  using Steady = std::chrono::steady_clock;
  MockKafka brokers;
  KafkaBench bench(quick_options(brokers.brokers()));
  bench.open();
  ASSERT_TRUE(bench.publish_now({message(1, 1)}));
  brokers.take_down();
  const auto begun = Steady::now();
  EXPECT_FALSE(bench.publish_now({message(2, 2)}));
  EXPECT_LT(Steady::now() - begun, std::chrono::seconds{5});
  EXPECT_FALSE(bench.kafka().stats().reachable);
  const auto again = Steady::now();
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(bench.publish_now({message(2, 2)}));
  EXPECT_LT(Steady::now() - again, std::chrono::seconds{2});
  brokers.bring_back();
  EXPECT_TRUE(bench.eventually([&] { return bench.publish_now({message(2, 2)}).has_value(); }));
}

TEST(KafkaAway, TheBusStartsAndStopsWithoutAnyBroker) {
  KafkaOptions options = quick_options("127.0.0.1:1");
  KafkaBench bench(options);
  Counts counts;
  bench.bus().subscribe("reservation", "order.events",
                        counts.consumer([](const Message&) { return ok(); }));
  ASSERT_TRUE(bench.kafka().start());
  EXPECT_FALSE(bench.publish_now({message(1, 1)}));
  EXPECT_FALSE(bench.kafka().stats().reachable);
}

TEST(KafkaOptionsGiven, WhatLibrdkafkaWillNotHaveIsSaidInItsWords) {
  KafkaOptions options = quick_options("127.0.0.1:1");
  options.properties.push_back({"security.protocoll", "ssl"});
  KafkaBench bench(options);
  const Status started = bench.kafka().start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().detail.find("security.protocoll"), std::string::npos);
}

}  // namespace
}  // namespace onsale
