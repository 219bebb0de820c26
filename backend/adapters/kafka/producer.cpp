// The thread turns: hears acknowledgements, looks for brokers that are away, replaces a producer
// that librdkafka has declared dead.
#include "adapters/kafka/producer.hpp"

#include <utility>

#include "adapters/kafka/topics.hpp"
#include "base/assert.hpp"

namespace onsale::kafka {
namespace {

constexpr int kPollMs = 100;
constexpr int kPollWhileAwayMs = 50;
constexpr Milliseconds kLookPatience{1000};
constexpr std::chrono::milliseconds kRest{1000};          // after a failure
constexpr std::chrono::milliseconds kStopPatience{1000};  // for what is on its way

std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

}  // namespace

Producer::Producer(KafkaOptions options) : options_(std::move(options)) {}

Producer::~Producer() {
  check(idle(), "the Kafka producer is destroyed while it works");
  if (thread_.joinable()) thread_.join();
}

Result<Handle> Producer::open_handle() {
  const std::string deadline = std::to_string(options_.publish_deadline.count());
  auto conf = configure(options_, {{"enable.idempotence", "true"},
                                   {"acks", "all"},
                                   // One request at a time keeps the order whatever fails.
                                   {"max.in.flight.requests.per.connection", "1"},
                                   {"message.timeout.ms", deadline},
                                   {"request.timeout.ms", deadline},
                                   // The relay sends in batches already; waiting for more is loss.
                                   {"linger.ms", "0"},
                                   {"compression.type", "none"},
                                   {"message.max.bytes", "1000000"}});
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_dr_msg_cb(conf->get(), &Producer::on_delivery);
  rd_kafka_conf_set_error_cb(conf->get(), &Producer::on_error);
  return open(RD_KAFKA_PRODUCER, std::move(*conf));
}

Status Producer::start() {
  auto opened = open_handle();
  if (!opened) return opened.error();
  {
    const Lock lock(mutex_);
    client_ = std::move(*opened);
  }
  running_ = true;
  thread_ = std::thread([this] {
    run();
    running_ = false;
  });
  return ok();
}

void Producer::stop() {
  const Lock lock(mutex_);
  stopping_ = true;
}

void Producer::run() {
  while (true) {
    rd_kafka_t* client = nullptr;
    {
      const Lock lock(mutex_);
      if (stopping_) break;
      client = client_.get();
    }
    if (!reachable_.load() && now_ns() >= rest_until_ns_.load()) look_for_brokers();
    rd_kafka_poll(client, reachable_.load() ? kPollMs : kPollWhileAwayMs);
    if (fatal_) renew_after_fatal();
  }
  end();
}

void Producer::look_for_brokers() {
  rd_kafka_t* client = nullptr;
  {
    const Lock lock(mutex_);
    client = client_.get();
  }
  if (!topics_seen_.load()) {
    const Status seen = ensure_topics(client, options_, kLookPatience);
    if (!seen) {
      went_away(seen.error().detail);
      return;
    }
    topics_seen_ = true;
  } else {
    const rd_kafka_metadata_t* got = nullptr;
    const auto fault =
        rd_kafka_metadata(client, 0, nullptr, &got, static_cast<int>(kLookPatience.count()));
    if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const Metadata owned{got};
  }
  reachable_ = true;
  if (options_.on_fault) options_.on_fault("kafka: reached");
}

// A fatal error ends an idempotent producer for good: what it has under way is given back as not
// acknowledged and a new one takes its place.
void Producer::renew_after_fatal() {
  rd_kafka_t* client = nullptr;
  {
    const Lock lock(mutex_);
    client = client_.get();
  }
  rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (true) {
    rd_kafka_poll(client, kPollWhileAwayMs);
    const Lock lock(mutex_);
    if (sends_ == 0) break;
  }
  auto opened = open_handle();
  if (!opened) return;
  const Lock lock(mutex_);
  client_ = std::move(*opened);
  fatal_ = false;
}

void Producer::end() {
  rd_kafka_t* client = nullptr;
  {
    const Lock lock(mutex_);
    client = client_.get();
  }
  const auto deadline = std::chrono::steady_clock::now() + kStopPatience;
  bool purged = false;
  while (true) {
    {
      const Lock lock(mutex_);
      if (sends_ == 0) break;
    }
    if (!purged && std::chrono::steady_clock::now() >= deadline) {
      rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
      purged = true;
    }
    rd_kafka_poll(client, kPollWhileAwayMs);
  }
  reachable_ = false;
  Handle ended;
  const Lock lock(mutex_);
  ended = std::move(client_);
}

void Producer::went_away(const std::string& why) {
  rest_until_ns_ = now_ns() + std::chrono::nanoseconds{kRest}.count();
  const bool was_reachable = reachable_.exchange(false);
  if (was_reachable && options_.on_fault) options_.on_fault("kafka: away: " + why);
}

Task<std::vector<bool>> Producer::send(std::vector<Record> records) {
  std::vector<bool> outcome(records.size(), false);
  Batch batch;
  if (records.empty() || !hand_over(records, batch)) co_return outcome;
  co_await batch.done;
  bool all = true;
  for (std::size_t i = 0; i < records.size(); ++i) {
    outcome[i] = batch.acknowledged[i] != 0;
    all = all && outcome[i];
  }
  if (!all) went_away("a record was not acknowledged in time");
  const Lock lock(mutex_);
  --sends_;
  co_return outcome;
}

// False: nothing of it was sent. True: batch.done will come.
bool Producer::hand_over(const std::vector<Record>& records, Batch& batch) {
  const std::size_t count = records.size();
  batch.acknowledged.assign(count, 0);
  batch.waiting.resize(count);
  batch.unknown = count + 1;  // one for us: the last report must not come before the last record
  {
    const Lock lock(mutex_);
    if (stopping_ || !reachable_.load() || !client_) return false;
    ++sends_;
    for (std::size_t i = 0; i < count; ++i) {
      batch.waiting[i] = {&batch, i};
      if (!produce(client_.get(), records[i], batch.waiting[i])) --batch.unknown;
    }
  }
  if (--batch.unknown == 0) batch.done.complete(true);
  return true;
}

bool Producer::produce(rd_kafka_t* client, const Record& record, Waiting& waiting) {
  rd_kafka_headers_t* const headers = rd_kafka_headers_new(record.headers.size());
  for (const Header& header : record.headers) {
    rd_kafka_header_add(headers, header.name.data(), static_cast<ssize_t>(header.name.size()),
                        header.value.data(), static_cast<ssize_t>(header.value.size()));
  }
  const auto fault = rd_kafka_producev(
      client, RD_KAFKA_V_TOPIC(record.topic.c_str()),
      RD_KAFKA_V_KEY(record.key.data(), record.key.size()),
      RD_KAFKA_V_VALUE(const_cast<char*>(record.value.data()), record.value.size()),  // NOLINT
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_OPAQUE(&waiting), RD_KAFKA_V_END);
  if (fault == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  rd_kafka_headers_destroy(headers);  // taken over on success only
  return false;
}

void Producer::settle(Waiting& waiting, bool acknowledged) {
  Batch& batch = *waiting.batch;
  batch.acknowledged[waiting.index] = acknowledged ? 1 : 0;
  if (--batch.unknown == 0) batch.done.complete(true);
}

void Producer::on_delivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void*) {
  settle(*static_cast<Waiting*>(message->_private), message->err == RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Producer::on_error(rd_kafka_t* /*client*/, int code, const char* reason, void* self) {
  Producer& producer = *static_cast<Producer*>(self);
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    producer.fatal_ = true;
    producer.went_away(std::string{"the producer has ended: "} + reason);
  } else if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    producer.went_away(reason);
  }
}

}  // namespace onsale::kafka
