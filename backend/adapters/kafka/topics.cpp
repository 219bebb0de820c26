// Looks, makes what is missing, looks again.
#include "adapters/kafka/topics.hpp"

#include <set>

#include "domain/order/message.hpp"

namespace onsale::kafka {
namespace {

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

constexpr std::size_t kErrorBytes = 256;

Failure away(std::string what) { return {Code::unavailable, "kafka: " + std::move(what)}; }

Result<Metadata> metadata(rd_kafka_t* client, Milliseconds patience) {
  const rd_kafka_metadata_t* got = nullptr;
  const auto fault =
      rd_kafka_metadata(client, 1, nullptr, &got, static_cast<int>(patience.count()));
  if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) return away(rd_kafka_err2str(fault));
  return Metadata{got};
}

Status create(rd_kafka_t* client, const KafkaOptions& options, const std::set<std::string>& missing,
              Milliseconds patience) {
  char error[kErrorBytes];
  std::vector<NewTopic> topics;
  std::vector<rd_kafka_NewTopic_t*> bare;
  const std::string kept = std::to_string(options.dead_letters_kept.count());
  for (const std::string& name : missing) {
    NewTopic topic{rd_kafka_NewTopic_new(name.c_str(), options.partitions, options.replication,
                                         error, sizeof error)};
    if (!topic) return Failure{Code::validation_failed, "kafka: " + std::string{error}};
    if (name.ends_with(kDeadLetters)) {
      rd_kafka_NewTopic_set_config(topic.get(), "retention.ms", kept.c_str());
    }
    bare.push_back(topic.get());
    topics.push_back(std::move(topic));
  }
  const AdminOptions how{rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS)};
  const int wait_ms = static_cast<int>(patience.count());
  rd_kafka_AdminOptions_set_request_timeout(how.get(), wait_ms, error, sizeof error);
  rd_kafka_AdminOptions_set_operation_timeout(how.get(), wait_ms, error, sizeof error);
  const Queue answers{rd_kafka_queue_new(client)};
  rd_kafka_CreateTopics(client, bare.data(), bare.size(), how.get(), answers.get());
  const Event event{rd_kafka_queue_poll(answers.get(), wait_ms + 1000)};
  if (!event) return away("no answer to the wish for topics");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return away(rd_kafka_event_error_string(event.get()));
  }
  std::size_t count = 0;
  const auto* const result = rd_kafka_event_CreateTopics_result(event.get());
  const auto** const each = rd_kafka_CreateTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto fault = rd_kafka_topic_result_error(each[i]);
    if (fault == RD_KAFKA_RESP_ERR_NO_ERROR || fault == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      continue;  // another node was quicker
    }
    const char* const words = rd_kafka_topic_result_error_string(each[i]);
    return away(std::string{rd_kafka_topic_result_name(each[i])} + ": " +
                (words != nullptr ? words : rd_kafka_err2str(fault)));
  }
  return ok();
}

Status every_partition_answers(rd_kafka_t* client, const rd_kafka_metadata_topic_t& topic,
                               Milliseconds patience) {
  for (int i = 0; i < topic.partition_cnt; ++i) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto fault =
        rd_kafka_query_watermark_offsets(client, topic.topic, topic.partitions[i].id, &low, &high,
                                         static_cast<int>(patience.count()));
    if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return away(std::string{topic.topic} + ": " + rd_kafka_err2str(fault));
    }
  }
  return ok();
}

}  // namespace

std::vector<std::string> topic_names(const KafkaOptions& options) {
  std::vector<std::string> names;
  for (const MessageType type : {MessageType::order_created, MessageType::seats_sold}) {
    const std::string name = options.topic_prefix + std::string{topic_of(type)};
    names.push_back(name);
    names.push_back(name + std::string{kDeadLetters});
  }
  return names;
}

Status ensure_topics(rd_kafka_t* client, const KafkaOptions& options, Milliseconds patience) {
  const std::vector<std::string> wanted = topic_names(options);
  std::set<std::string> missing(wanted.begin(), wanted.end());
  const auto before = metadata(client, patience);
  if (!before) return before.error();
  for (int i = 0; i < before->get()->topic_cnt; ++i) missing.erase(before->get()->topics[i].topic);
  if (!missing.empty()) {
    if (Status made = create(client, options, missing, patience); !made) return made;
  }
  const auto after = metadata(client, patience);
  if (!after) return after.error();
  std::set<std::string> unanswered(wanted.begin(), wanted.end());
  for (int i = 0; i < after->get()->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = after->get()->topics[i];
    if (!unanswered.contains(topic.topic)) continue;
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || topic.partition_cnt == 0) continue;
    if (Status all = every_partition_answers(client, topic, patience); !all) return all;
    unanswered.erase(topic.topic);
  }
  if (!unanswered.empty()) return away(*unanswered.begin() + " is not there yet");
  return ok();
}

}  // namespace onsale::kafka
