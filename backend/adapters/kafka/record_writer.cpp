// One producer for the occasion.
#include "adapters/kafka/record_writer.hpp"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "adapters/kafka/producer.hpp"

namespace onsale {
namespace {

constexpr std::chrono::milliseconds kLook{10};

Task<void> send_one(kafka::Producer& producer, kafka::Record record, std::promise<bool>& sent) {
  std::vector<kafka::Record> records;
  records.push_back(std::move(record));
  Task<std::vector<bool>> sending = producer.send(std::move(records));
  const std::vector<bool> acknowledged = co_await std::move(sending);
  sent.set_value(acknowledged.front());
}

// Of several tries, until one is acknowledged.
bool write_one(kafka::Producer& producer, const KafkaRecord& record,
               std::chrono::steady_clock::time_point deadline) {
  while (std::chrono::steady_clock::now() < deadline) {
    if (producer.reachable()) {
      kafka::Record copy{
          .topic = record.topic, .key = record.key, .value = record.value, .headers = {}};
      for (const auto& [name, value] : record.headers) copy.headers.push_back({name, value});
      std::promise<bool> sent;
      std::future<bool> told = sent.get_future();
      detach(send_one(producer, std::move(copy), sent));
      if (told.get()) return true;
    }
    std::this_thread::sleep_for(kLook);
  }
  return false;
}

}  // namespace

Status write_records(const KafkaOptions& options, const std::vector<KafkaRecord>& records,
                     Milliseconds patience, std::size_t& written) {
  written = 0;
  kafka::Producer producer(options);
  if (Status started = producer.start(); !started) return started;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (written < records.size() && write_one(producer, records[written], deadline)) ++written;
  producer.stop();
  while (!producer.idle()) std::this_thread::sleep_for(kLook);
  if (written == records.size()) return ok();
  return Failure{Code::unavailable, "Kafka at " + options.brokers + " has taken " +
                                        std::to_string(written) + " of " +
                                        std::to_string(records.size()) + " records in time"};
}

}  // namespace onsale
