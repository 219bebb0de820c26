// Group: one consumer name of the office, as one member of the Kafka group of that name.
//
// A thread fetches; the consumers run as coroutines on the given loops. Messages of one order (one
// key) are handled one after the other, those of different orders side by side. An offset is
// committed only when its message and all before it in the partition have taken effect, or stand in
// the dead letters: a crash brings the rest again. A message that fails is tried again in place,
// ever later; what follows it for its order waits, other orders do not.
//
// A message is a dead letter when it cannot be read, or when its consumer has refused it tries_max
// times with anything but `unavailable`. It goes to "<topic>.dead-letters" as it came, with headers
// that say why, and its offset is committed only after the broker has acknowledged it there.
//
// Thread-safe but for add(), which comes before start(). The loops turn until idle().
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "adapters/kafka/producer.hpp"
#include "ports/event_bus.hpp"

namespace onsale::kafka {

// Monotonic counters and gauges of one consumer name; any thread may read.
struct GroupStats {
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> dead_letters{0};
  std::atomic<std::uint64_t> rebalances{0};
  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::int64_t> lag{0};  // messages of this node's partitions without effect yet
};

class Group {
 public:
  Group(KafkaOptions options, std::string name, Producer& dead_letters,
        std::vector<Scheduler*> loops);
  ~Group();  // a bug unless idle()
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  void add(const std::string& topic, EventBus::Consumer consumer);
  Status start();
  // What is being handled is finished and committed; what waits for a retry is left.
  void stop() { stopping_ = true; }
  [[nodiscard]] bool idle() const { return !running_.load(); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const GroupStats& stats() const { return stats_; }

 private:
  struct Slot {
    std::int64_t offset = 0;
    bool done = false;
  };
  struct Partition {
    std::string topic;
    std::int32_t number = 0;
    std::deque<Slot> slots;       // fetched and not committed, by offset
    std::int64_t next = -1;       // the first offset without effect
    std::int64_t committed = -1;  // what Kafka was told
    std::size_t in_hand = 0;      // being handled right now
    bool lost = false;            // another member's now
  };
  struct Delivery {
    std::shared_ptr<Partition> partition;
    std::int64_t offset = 0;
    std::string key;
    std::string value;
    std::vector<Header> headers;
    Result<Message> message;
  };

  void run();
  void take(const rd_kafka_message_t& fetched);
  void throttle(bool& paused);
  void commit(bool and_wait);
  void measure_lag();
  void wait_for_handlers(bool only_lost, std::chrono::milliseconds patience);
  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                           rd_kafka_topic_partition_list_t* partitions, void* self);
  void take_partitions(const rd_kafka_topic_partition_list_t& partitions);
  void give_up_partitions(const rd_kafka_topic_partition_list_t& partitions, bool still_ours);

  // On a loop:
  Task<void> carry(std::string key);
  std::shared_ptr<Delivery> next_of(const std::string& key, bool begun);
  Task<bool> settle(std::shared_ptr<Delivery> delivery);
  Task<Status> handle(const Delivery& delivery);
  Task<bool> bury(const Delivery& delivery, Failure why, std::uint32_t tries);
  Task<void> wait_before_retry(std::shared_ptr<Delivery> delivery, std::uint32_t tries);
  void finish(const Delivery& delivery);
  [[nodiscard]] bool given_up(const Delivery& delivery);

  KafkaOptions options_;
  std::string name_;
  Producer& dead_letters_;
  std::vector<Scheduler*> loops_;
  std::map<std::string, EventBus::Consumer> consumers_;  // by topic, prefix and all
  GroupStats stats_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> running_{false};

  Mutex mutex_;
  std::map<std::pair<std::string, std::int32_t>, std::shared_ptr<Partition>> partitions_
      ONSALE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::deque<std::shared_ptr<Delivery>>> orders_
      ONSALE_GUARDED_BY(mutex_);
  std::size_t in_flight_ ONSALE_GUARDED_BY(mutex_) = 0;
  std::size_t carriers_ ONSALE_GUARDED_BY(mutex_) = 0;

  Handle client_;  // the thread's own, once it runs
  std::chrono::steady_clock::time_point committed_at_;
  std::chrono::steady_clock::time_point measured_at_;
  std::thread thread_;
};

}  // namespace onsale::kafka
