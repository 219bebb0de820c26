// Producer: one idempotent producer and the thread that hears its acknowledgements.
//
// send() answers when the fate of every record is known: acknowledged by all in-sync replicas, or
// not (then it may or may not be there: it is to be sent again). It never takes much longer than
// publish_deadline; while the brokers are known to be away it says no at once, and the thread looks
// for them. Nothing is sent before every topic of ours has been seen to answer.
//
// Thread-safe. start() once; stop() from any thread, quick; destroy when idle().
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "adapters/kafka/driver.hpp"
#include "base/mutex.hpp"
#include "runtime/completion.hpp"
#include "runtime/task.hpp"

namespace onsale::kafka {

struct Record {
  std::string topic;
  std::string key;
  std::string value;
  std::vector<Header> headers;
};

class Producer {
 public:
  explicit Producer(KafkaOptions options);
  ~Producer();  // a bug unless idle()
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // validation_failed: librdkafka will not have these options. The brokers need not be there.
  Status start();
  void stop();
  [[nodiscard]] bool idle() const { return !running_.load(); }

  // For each record in turn: was it acknowledged?
  Task<std::vector<bool>> send(std::vector<Record> records);

  [[nodiscard]] bool topics_seen() const { return topics_seen_.load(); }
  [[nodiscard]] bool reachable() const { return reachable_.load(); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Batch;
  struct Waiting {
    Batch* batch = nullptr;
    std::size_t index = 0;
  };
  // In the frame of the send() that waits for it.
  struct Batch {
    std::atomic<std::size_t> unknown{0};
    std::vector<std::uint8_t> acknowledged;
    std::vector<Waiting> waiting;
    Completion<bool> done;
  };

  Result<Handle> open_handle();
  void run();
  void look_for_brokers();
  void renew_after_fatal();
  void end();
  void went_away(const std::string& why);
  bool hand_over(const std::vector<Record>& records, Batch& batch);
  static bool produce(rd_kafka_t* client, const Record& record, Waiting& waiting);
  static void settle(Waiting& waiting, bool acknowledged);
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t* client, int code, const char* reason, void* self);

  KafkaOptions options_;
  Mutex mutex_;
  Handle client_ ONSALE_GUARDED_BY(mutex_);  // replaced by the thread alone
  std::size_t sends_ ONSALE_GUARDED_BY(mutex_) = 0;
  bool stopping_ ONSALE_GUARDED_BY(mutex_) = false;
  std::atomic<bool> reachable_{false};
  std::atomic<bool> topics_seen_{false};
  std::atomic<bool> running_{false};
  std::atomic<std::int64_t> rest_until_ns_{0};  // steady; after a failure nobody tries for a moment
  bool fatal_ = false;                          // the thread's own
  std::thread thread_;
};

}  // namespace onsale::kafka
