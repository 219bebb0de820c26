// Buses made wrong on purpose, each in one way, over whatever brokers they are given: the suite of
// EventBus must fail over each (conformance: the mock broker; tests/kafka: a real one).
#pragma once

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "adapters/kafka/cloud_event.hpp"
#include "adapters/kafka/producer.hpp"
#include "tests/conformance/event_bus_conformance.hpp"
#include "tests/support/kafka_bench.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::conformance {

// The failures that the case reports when it runs over `bench`.
inline int failures_of(void (*bus_case)(BusBench&), BusBench& bench) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    bus_case(bench);
  }
  return failures.size();
}

inline constexpr std::chrono::milliseconds kImpatience{1500};

// A consumer whose error is swallowed, so that its offset is committed.
class SwallowsErrors final : public EventBus {
 public:
  explicit SwallowsErrors(EventBus& bus) : bus_(bus) {}
  void subscribe(std::string name, std::string topic, Consumer consumer) override {
    auto swallowing = [consumer = std::move(consumer)](Message message) -> Task<Status> {
      Task<Status> handling = consumer(std::move(message));
      static_cast<void>(run_task(std::move(handling)));
      return ok();
    };
    bus_.subscribe(std::move(name), std::move(topic), std::move(swallowing));
  }
  Task<Status> publish(std::vector<Message> messages) override {
    return bus_.publish(std::move(messages));
  }

 private:
  EventBus& bus_;
};
class SwallowsErrorsBench final : public KafkaBench {
 public:
  explicit SwallowsErrorsBench(KafkaOptions options)
      : KafkaBench(std::move(options), kImpatience), swallowing_(kafka()) {}
  EventBus& bus() override { return swallowing_; }

 private:
  SwallowsErrors swallowing_;
};

// Publishes without a key: an order's messages go to whatever partition.
class KeylessBench final : public KafkaBench, public EventBus {
 public:
  explicit KeylessBench(KafkaOptions options)
      : KafkaBench(options, kImpatience), producer_(std::move(options)) {}
  ~KeylessBench() override {
    producer_.stop();
    wait_until([this] { return producer_.idle(); }, std::chrono::seconds{30});
  }
  EventBus& bus() override { return *this; }
  void open() override {
    KafkaBench::open();
    EXPECT_TRUE(producer_.start());
    EXPECT_TRUE(eventually([this] { return producer_.reachable(); }));
  }
  void subscribe(std::string name, std::string topic, Consumer consumer) override {
    kafka().subscribe(std::move(name), std::move(topic), std::move(consumer));
  }
  Task<Status> publish(std::vector<Message> messages) override {
    std::vector<kafka::Record> records;
    records.reserve(messages.size());
    for (const Message& message : messages) {
      records.push_back({.topic = std::string{topic_of(message.type)},
                         .key = "",
                         .value = cloud_event::encode(message),
                         .headers = {}});
    }
    Task<std::vector<bool>> sending = producer_.send(std::move(records));
    co_await std::move(sending);
    co_return ok();
  }

 private:
  kafka::Producer producer_;
};

// Says that it has published once librdkafka has the message in its own queue.
class HastyBench final : public KafkaBench, public EventBus {
 public:
  explicit HastyBench(KafkaOptions options) : KafkaBench(std::move(options), kImpatience) {}
  EventBus& bus() override { return *this; }
  void subscribe(std::string, std::string, Consumer) override {}
  Task<Status> publish(std::vector<Message> messages) override {
    const auto send = [](KafkaBus& to, std::vector<Message> some) -> Task<void> {
      Task<Status> publishing = to.publish(std::move(some));
      static_cast<void>(co_await std::move(publishing));
    };
    detach(send(kafka(), std::move(messages)));
    return ok();
  }
};

}  // namespace onsale::conformance
