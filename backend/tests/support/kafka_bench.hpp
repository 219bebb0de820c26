// KafkaBench: a KafkaBus with a loop of its own, against whatever brokers it is given: librdkafka's
// mock broker (MockKafka: in this process, a few milliseconds to start, can be told to fail) or a
// real one. At its end the bus is stopped and joined as the office does it.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/kafka/kafka_bus.hpp"
#include "adapters/kafka/topic_reader.hpp"
#include "base/assert.hpp"
#include "runtime/loop.hpp"
#include "tests/conformance/event_bus_conformance.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale {

class MockKafka {
 public:
  explicit MockKafka(int partitions = 4) {
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0);
    check(handle_ != nullptr, "librdkafka's mock broker needs a handle");
    cluster_ = rd_kafka_mock_cluster_new(handle_, 1);
    for (const char* topic :
         {"order.events", "order.events.dead-letters", "seat.events", "seat.events.dead-letters"}) {
      rd_kafka_mock_topic_create(cluster_, topic, partitions, 1);
    }
  }
  ~MockKafka() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(handle_);
  }
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  [[nodiscard]] std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void take_down() { rd_kafka_mock_broker_set_down(cluster_, 1); }
  void bring_back() { rd_kafka_mock_broker_set_up(cluster_, 1); }
  rd_kafka_mock_cluster_t* cluster() { return cluster_; }

 private:
  rd_kafka_t* handle_;
  rd_kafka_mock_cluster_t* cluster_;
};

// A loop on its own thread.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() {
    loop_.stop();
    thread_.join();
  }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  AsioScheduler& loop() { return loop_; }

 private:
  AsioScheduler loop_;
  std::thread thread_;
};

inline bool wait_until(const std::function<bool()>& done, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

// Impatient, so that tests are quick.
inline KafkaOptions quick_options(std::string brokers) {
  KafkaOptions options;
  options.brokers = std::move(brokers);
  options.partitions = 4;
  options.publish_deadline = Milliseconds{3000};
  options.session_timeout = Milliseconds{6000};
  options.tries_max = 4;
  options.retry_first = Milliseconds{5};
  options.retry_longest = Milliseconds{100};
  return options;
}

class KafkaBench : public conformance::BusBench {
 public:
  explicit KafkaBench(KafkaOptions options,
                      std::chrono::milliseconds patience = std::chrono::seconds{30})
      : patience_(patience), bus_(std::move(options), std::vector<Scheduler*>{&thread_.loop()}) {}
  ~KafkaBench() override { close(); }

  EventBus& bus() override { return bus_; }
  KafkaBus& kafka() { return bus_; }
  Scheduler& loop() { return thread_.loop(); }
  void open() override {
    const Status started = bus_.start();
    check(started.has_value(), "the bus does not start");
    check(eventually([this] { return bus_.stats().reachable; }), "Kafka is not reached");
  }
  Status publish_now(std::vector<Message> messages) override {
    return wait_for(bus().publish(std::move(messages)));
  }
  bool eventually(std::function<bool()> done) override { return wait_until(done, patience_); }
  void close() {
    bus_.stop();
    check(wait_until([this] { return bus_.idle(); }, std::chrono::seconds{60}),
          "the bus does not come to rest");
  }

 private:
  std::chrono::milliseconds patience_;
  LoopThread thread_;
  KafkaBus bus_;
};

// Everything that stands in the topics now, partition by partition in order.
inline std::vector<KafkaRecord> read_all(const KafkaOptions& options,
                                         const std::vector<std::string>& topics) {
  std::vector<KafkaRecord> records;
  auto reader =
      TopicReader::open(options, topics, TopicReader::From::beginning, Milliseconds{10'000});
  check(reader.has_value(), "the topics cannot be read");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!reader->at_end() && std::chrono::steady_clock::now() < deadline) {
    if (auto record = reader->next(Milliseconds{500})) records.push_back(std::move(*record));
  }
  return records;
}

}  // namespace onsale
