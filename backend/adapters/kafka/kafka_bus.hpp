// KafkaBus: the EventBus over Kafka. Each record is a CloudEvent keyed by its order; a message is
// published when all in-sync replicas have it; each consumer name is a Kafka group.
//
// What it promises beside ports/event_bus.hpp (docs/scaled/kafka.md tells it at length):
// - publish() is `unavailable` at once while the brokers are away, and within publish_deadline when
//   they go away meanwhile. What was not acknowledged may be there all the same: publish it again.
//   Of one order nothing is sent before what precedes it was acknowledged.
// - Consumers run on the given loops. Each message reaches each name at least once, an order's in
//   order; a refused one is tried again, then put into "<topic>.dead-letters".
// - A broker that is away is no fault of start(): the office opens without, and joins when it is there.
//
// subscribe() before start(); start() once. stop() from any thread, quick; when idle() it may be
// destroyed. The loops turn until then. Stop what publishes first: what is under way gets a second.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/kafka/kafka_options.hpp"
#include "ports/event_bus.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {

// Of one consumer name on this node.
struct KafkaConsumerStats {
  std::string name;
  std::uint64_t handled = 0;
  std::uint64_t retries = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t rebalances = 0;
  std::size_t in_flight = 0;
  std::int64_t lag = 0;  // messages in this node's partitions that have had no effect yet
};

struct KafkaStats {
  bool reachable = false;
  std::uint64_t published = 0;
  std::uint64_t publish_failures = 0;  // messages, each time
  std::vector<KafkaConsumerStats> consumers;
};

class KafkaBus final : public EventBus {
 public:
  KafkaBus(KafkaOptions options, std::vector<Scheduler*> loops);
  ~KafkaBus() override;  // a bug unless idle()
  KafkaBus(const KafkaBus&) = delete;
  KafkaBus& operator=(const KafkaBus&) = delete;

  void subscribe(std::string consumer_name, std::string topic, Consumer consumer) override;
  Task<Status> publish(std::vector<Message> messages) override;

  // validation_failed: librdkafka will not have these options, in its own words.
  Status start();
  void stop();
  [[nodiscard]] bool idle() const;

  [[nodiscard]] KafkaStats stats() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace onsale
