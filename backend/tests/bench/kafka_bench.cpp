// P16's denominator: how long a record takes from a producer to a consumer, and to its
// acknowledgement, at a steady pace on a broker that is there. Plain librdkafka, no adapter of ours.
// Prints one JSON line.
//
//   kafka_bench BROKERS [SECONDS] [RECORDS_PER_SECOND]
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPatienceMs = 10'000;
constexpr std::size_t kRecordBytes = 600;  // an event of ours
constexpr int kExitUsage = 2;

void need(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "kafka_bench: %s\n", what);
  std::exit(1);
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
}

struct Seen {
  std::vector<double> acknowledged_ms;
  std::vector<double> consumed_ms;
};

// A record begins with the moment at which it was given to the producer.
double sent_at(const void* payload) {
  double at = 0;
  std::memcpy(&at, payload, sizeof at);
  return at;
}

void acknowledged(rd_kafka_t*, const rd_kafka_message_t* record, void* seen) {
  need(record->err == RD_KAFKA_RESP_ERR_NO_ERROR, "a record was not acknowledged");
  static_cast<Seen*>(seen)->acknowledged_ms.push_back(now_ms() - sent_at(record->payload));
}

rd_kafka_t* client(rd_kafka_type_t type, const std::string& brokers, Seen& seen) {
  char error[256];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto set = [&](const char* key, const char* value) {
    need(rd_kafka_conf_set(conf, key, value, error, sizeof error) == RD_KAFKA_CONF_OK, error);
  };
  set("bootstrap.servers", brokers.c_str());
  if (type == RD_KAFKA_PRODUCER) {
    set("enable.idempotence", "true");
    set("linger.ms", "0");
    rd_kafka_conf_set_opaque(conf, &seen);
    rd_kafka_conf_set_dr_msg_cb(conf, acknowledged);
  } else {
    set("group.id", "bench");
  }
  rd_kafka_t* const made = rd_kafka_new(type, conf, error, sizeof error);
  need(made != nullptr, error);
  return made;
}

void make_topic(rd_kafka_t* producer, const std::string& name) {
  char error[256];
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), 1, 1, error, sizeof error);
  rd_kafka_queue_t* const answers = rd_kafka_queue_new(producer);
  rd_kafka_CreateTopics(producer, &topic, 1, nullptr, answers);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(answers, kPatienceMs);
  need(event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR,
       "no topic could be made");
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(answers);
  rd_kafka_NewTopic_destroy(topic);
}

double p99(std::vector<double> values) {
  need(!values.empty(), "nothing came");
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, values.size() * 99 / 100)];
}

class Bench {
 public:
  explicit Bench(const std::string& brokers)
      : producer_(client(RD_KAFKA_PRODUCER, brokers, seen_)),
        consumer_(client(RD_KAFKA_CONSUMER, brokers, seen_)) {
    make_topic(producer_, topic_);
    rd_kafka_topic_partition_list_t* const places = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(places, topic_.c_str(), 0)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
    need(rd_kafka_assign(consumer_, places) == RD_KAFKA_RESP_ERR_NO_ERROR, "assign");
    rd_kafka_topic_partition_list_destroy(places);
  }
  ~Bench() {
    rd_kafka_destroy(consumer_);
    rd_kafka_destroy(producer_);
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void run(double seconds, double per_second) {
    send();  // the first one pays for connections and is not counted
    while (seen_.consumed_ms.empty() || seen_.acknowledged_ms.empty()) poll(now_ms() + 10);
    seen_ = {};
    const double begun = now_ms();
    const auto count = static_cast<std::size_t>(seconds * per_second);
    for (std::size_t i = 0; i < count; ++i) {
      poll(begun + static_cast<double>(i) * 1000 / per_second);
      send();
    }
    const double patience = now_ms() + kPatienceMs;
    while (seen_.consumed_ms.size() < count && now_ms() < patience) poll(now_ms() + 10);
    need(seen_.consumed_ms.size() == count, "records are missing");
    std::printf("{\"records\": %zu, \"acknowledged_p99_ms\": %.2f, \"consumed_p99_ms\": %.2f}\n",
                count, p99(seen_.acknowledged_ms), p99(seen_.consumed_ms));
  }

 private:
  void send() {
    char record[kRecordBytes] = {};
    const double now = now_ms();
    std::memcpy(record, &now, sizeof now);
    need(rd_kafka_producev(
             producer_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
             RD_KAFKA_V_VALUE(record, sizeof record), RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR,
         "produce");
    rd_kafka_poll(producer_, 0);
  }
  void poll(double until_ms) {
    do {
      rd_kafka_message_t* const record = rd_kafka_consumer_poll(consumer_, 1);
      if (record != nullptr) {
        if (record->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
          seen_.consumed_ms.push_back(now_ms() - sent_at(record->payload));
        }
        rd_kafka_message_destroy(record);
      }
      rd_kafka_poll(producer_, 0);
    } while (now_ms() < until_ms);
  }

  Seen seen_;
  const std::string topic_ = "bench-" + std::to_string(::getpid());
  rd_kafka_t* producer_;
  rd_kafka_t* consumer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: kafka_bench BROKERS [SECONDS] [RECORDS_PER_SECOND]\n");
    return kExitUsage;
  }
  Bench(argv[1]).run(argc > 2 ? std::atof(argv[2]) : 10, argc > 3 ? std::atof(argv[3]) : 24);
}
