// TopicReader: reads topics as an operator does: no group, no commit, nobody else notices. Blocking;
// for tools and tests. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kafka/kafka_options.hpp"
#include "base/result.hpp"

namespace onsale {

struct KafkaRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t stored_ms = 0;  // the broker's or producer's time, ms since the epoch
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;

  // The first header of that name; "" if there is none.
  [[nodiscard]] std::string header(const std::string& name) const;
};

class TopicReader {
 public:
  enum class From : std::uint8_t { beginning, end };
  // `topics` with their prefix. unavailable: no broker answers within `patience`; validation_failed:
  // a topic is not there, or the options are not librdkafka's.
  static Result<TopicReader> open(const KafkaOptions& options,
                                  const std::vector<std::string>& topics, From from,
                                  Milliseconds patience);
  TopicReader(TopicReader&&) noexcept;
  TopicReader& operator=(TopicReader&&) noexcept;
  ~TopicReader();

  // The next record of any of the topics; of one partition in order. None: nothing came in time, or
  // all has been read (at_end() tells which).
  std::optional<KafkaRecord> next(Milliseconds patience);
  // Everything that was there when it was asked for has been given out.
  [[nodiscard]] bool at_end() const;
  // Starts to read in each partition at the first record stored at or after this time.
  Status seek_to_time(std::int64_t ms, Milliseconds patience);

 private:
  struct Parts;
  explicit TopicReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace onsale
