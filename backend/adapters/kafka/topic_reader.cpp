// A consumer that assigns itself every partition of its topics.
#include "adapters/kafka/topic_reader.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include "adapters/kafka/driver.hpp"

namespace onsale {
namespace {

using Place = std::pair<std::string, std::int32_t>;

KafkaRecord record_of(const rd_kafka_message_t& message) {
  KafkaRecord record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.stored_ms = rd_kafka_message_timestamp(&message, &kind);
  record.key = kafka::text_of(message.key, message.key_len);
  record.value = kafka::text_of(message.payload, message.len);
  for (kafka::Header& header : kafka::headers_of(message)) {
    record.headers.emplace_back(std::move(header.name), std::move(header.value));
  }
  return record;
}

}  // namespace

std::string KafkaRecord::header(const std::string& name) const {
  for (const auto& [own_name, text] : headers) {
    if (own_name == name) return text;
  }
  return {};
}

struct TopicReader::Parts {
  kafka::Handle client;
  kafka::Partitions assigned;
  std::set<Place> open;  // partitions whose end has not been seen
};

TopicReader::TopicReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
TopicReader::TopicReader(TopicReader&&) noexcept = default;
TopicReader& TopicReader::operator=(TopicReader&&) noexcept = default;
TopicReader::~TopicReader() {
  if (parts_ && parts_->client) rd_kafka_consumer_close(parts_->client.get());
}

Result<TopicReader> TopicReader::open(const KafkaOptions& options,
                                      const std::vector<std::string>& topics, From from,
                                      Milliseconds patience) {
  auto conf = kafka::configure(options, {{"group.id", options.topic_prefix + "onsale-reader"},
                                         {"enable.auto.commit", "false"},
                                         {"enable.partition.eof", "true"},
                                         {"auto.offset.reset", "earliest"},
                                         {"allow.auto.create.topics", "false"}});
  if (!conf) return conf.error();
  auto client = kafka::open(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client) return client.error();
  auto parts = std::make_unique<Parts>();
  parts->client = std::move(*client);
  rd_kafka_poll_set_consumer(parts->client.get());
  parts->assigned.reset(rd_kafka_topic_partition_list_new(0));

  const rd_kafka_metadata_t* got = nullptr;
  const auto fault =
      rd_kafka_metadata(parts->client.get(), 1, nullptr, &got, static_cast<int>(patience.count()));
  if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failure{Code::unavailable,
                   "no answer from Kafka at " + options.brokers + ": " + rd_kafka_err2str(fault)};
  }
  const kafka::Metadata known{got};
  const std::int64_t offset =
      from == From::beginning ? RD_KAFKA_OFFSET_BEGINNING : RD_KAFKA_OFFSET_END;
  for (const std::string& wanted : topics) {
    bool found = false;
    for (int i = 0; i < got->topic_cnt; ++i) {
      const rd_kafka_metadata_topic_t& topic = got->topics[i];
      if (wanted != topic.topic) continue;
      found = true;
      for (int p = 0; p < topic.partition_cnt; ++p) {
        rd_kafka_topic_partition_list_add(parts->assigned.get(), topic.topic,
                                          topic.partitions[p].id)
            ->offset = offset;
        parts->open.emplace(wanted, topic.partitions[p].id);
      }
    }
    if (!found) {
      return Failure{Code::validation_failed,
                     "Kafka at " + options.brokers + " has no topic " + wanted};
    }
  }
  rd_kafka_assign(parts->client.get(), parts->assigned.get());
  return TopicReader{std::move(parts)};
}

std::optional<KafkaRecord> TopicReader::next(Milliseconds patience) {
  using Steady = std::chrono::steady_clock;
  const auto deadline = Steady::now() + patience;
  while (true) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Steady::now()).count();
    const kafka::Fetched fetched{rd_kafka_consumer_poll(
        parts_->client.get(), static_cast<int>(std::max<std::int64_t>(left, 0)))};
    if (!fetched) return std::nullopt;
    if (fetched->err == RD_KAFKA_RESP_ERR_NO_ERROR) return record_of(*fetched);
    if (fetched->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      parts_->open.erase({rd_kafka_topic_name(fetched->rkt), fetched->partition});
      if (parts_->open.empty()) return std::nullopt;
    }
  }
}

bool TopicReader::at_end() const { return parts_->open.empty(); }

Status TopicReader::seek_to_time(std::int64_t ms, Milliseconds patience) {
  for (int i = 0; i < parts_->assigned->cnt; ++i) parts_->assigned->elems[i].offset = ms;
  const auto fault = rd_kafka_offsets_for_times(parts_->client.get(), parts_->assigned.get(),
                                                static_cast<int>(patience.count()));
  if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Failure{Code::unavailable, std::string{"Kafka: "} + rd_kafka_err2str(fault)};
  }
  rd_kafka_assign(parts_->client.get(), parts_->assigned.get());
  return ok();
}

}  // namespace onsale
