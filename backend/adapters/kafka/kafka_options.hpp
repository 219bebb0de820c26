// What the office wants to know about its Kafka, and the limits of its work with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace onsale {

// One of librdkafka's own settings, for what the options below do not cover (TLS, SASL).
struct KafkaProperty {
  std::string name;
  std::string value;
};

struct KafkaOptions {
  std::string brokers;       // "host:port,host:port": any of them, the others are learnt
  std::string topic_prefix;  // before every topic and group, where offices share a cluster
  std::vector<KafkaProperty> properties;

  // Of topics that are not there yet. Partitions bound how many nodes share a consumer's work.
  std::int32_t partitions = 12;
  std::int32_t replication = -1;  // -1: what the brokers hold for right
  Milliseconds dead_letters_kept{Milliseconds{30} * 24 * 3600 * 1000};

  // Nobody waits longer for an acknowledgement; what has none by then is published again later.
  Milliseconds publish_deadline{5000};
  // A node that is silent this long loses its partitions to the others. Brokers allow no less unless told.
  Milliseconds session_timeout{6'000};
  // A message whose consumer refuses it is tried so often, ever later, then it is a dead letter. A
  // consumer that answers `unavailable` (its store is away) is asked for as long as it takes.
  std::uint32_t tries_max = 8;
  Milliseconds retry_first{50};
  Milliseconds retry_longest{5000};
  // Of one consumer on one node: messages being handled or waiting for a retry; and messages since
  // the oldest unfinished one (what a crash would bring again). Beyond either, nothing is fetched.
  std::size_t in_flight_max = 1024;
  std::size_t uncommitted_max = 16'384;

  std::function<void(std::string_view)> on_fault;  // one line for the log; any thread
};

inline constexpr std::string_view kDeadLetters = ".dead-letters";

}  // namespace onsale
