// librdkafka's handles with an owner each, and the few calls on them that everyone here needs. Stays
// inside adapters/kafka and its tests.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/kafka/kafka_options.hpp"
#include "base/result.hpp"

namespace onsale::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Destroy<rd_kafka_topic_partition_list_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;
using Fetched = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;

struct Header {
  std::string name;
  std::string value;
};

// What every client of ours sets, then `own`, then the operator's properties: the last one wins.
Result<Conf> configure(const KafkaOptions& options, const std::vector<KafkaProperty>& own);
// Takes the configuration; validation_failed with librdkafka's words if it will not have it.
Result<Handle> open(rd_kafka_type_t type, Conf conf);

std::vector<Header> headers_of(const rd_kafka_message_t& message);
std::string text_of(const void* bytes, std::size_t length);

}  // namespace onsale::kafka
