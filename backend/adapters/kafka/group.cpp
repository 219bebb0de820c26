// The fetching thread: joins, fetches as long as there is room, commits what has taken effect, and
// hands partitions over when the group changes.
#include "adapters/kafka/group.hpp"

#include <algorithm>
#include <utility>

#include "adapters/kafka/cloud_event.hpp"
#include "base/assert.hpp"

namespace onsale::kafka {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 100;
constexpr int kRoundMax = 256;
constexpr std::chrono::milliseconds kCommitEvery{100};
constexpr std::chrono::milliseconds kMeasureEvery{1000};
constexpr std::chrono::milliseconds kHandOverPatience{3000};
constexpr std::chrono::milliseconds kLook{2};

Partitions list_of(std::size_t size) {
  return Partitions{rd_kafka_topic_partition_list_new(static_cast<int>(size))};
}

}  // namespace

Group::Group(KafkaOptions options, std::string name, Producer& dead_letters,
             std::vector<Scheduler*> loops)
    : options_(std::move(options)),
      name_(std::move(name)),
      dead_letters_(dead_letters),
      loops_(std::move(loops)) {
  check(!loops_.empty(), "a Kafka consumer needs a loop to run on");
}

Group::~Group() {
  check(idle(), "a Kafka consumer is destroyed while it works");
  if (thread_.joinable()) thread_.join();
}

void Group::add(const std::string& topic, EventBus::Consumer consumer) {
  const bool added = consumers_.emplace(options_.topic_prefix + topic, std::move(consumer)).second;
  check(added, "a consumer name subscribes to a topic once");
}

Status Group::start() {
  const std::string session = std::to_string(options_.session_timeout.count());
  const std::string heartbeat = std::to_string(options_.session_timeout.count() / 4);
  auto conf = configure(options_, {{"group.id", options_.topic_prefix + name_},
                                   {"enable.auto.commit", "false"},
                                   {"enable.auto.offset.store", "false"},
                                   {"auto.offset.reset", "earliest"},
                                   {"allow.auto.create.topics", "false"},
                                   {"session.timeout.ms", session},
                                   {"heartbeat.interval.ms", heartbeat},
                                   {"fetch.wait.max.ms", "500"},
                                   {"fetch.error.backoff.ms", "100"},
                                   {"queued.max.messages.kbytes", "4096"}});
  if (!conf) return conf.error();
  rd_kafka_conf_set_opaque(conf->get(), this);
  rd_kafka_conf_set_rebalance_cb(conf->get(), &Group::on_rebalance);
  auto opened = open(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!opened) return opened.error();
  client_ = std::move(*opened);
  rd_kafka_poll_set_consumer(client_.get());
  running_ = true;
  thread_ = std::thread([this] {
    run();
    running_ = false;
  });
  return ok();
}

void Group::run() {
  // A subscription to a topic that is not there yet would be noticed only at the next refresh.
  while (!stopping_ && !dead_letters_.topics_seen()) std::this_thread::sleep_for(kLook * 10);
  const Partitions topics = list_of(consumers_.size());
  for (const auto& [topic, consumer] : consumers_) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  if (!stopping_) rd_kafka_subscribe(client_.get(), topics.get());
  bool paused = false;
  while (!stopping_) {
    // Only the first of a round waits.
    for (int i = 0; i < kRoundMax && !stopping_; ++i) {
      const Fetched fetched{rd_kafka_consumer_poll(client_.get(), i == 0 ? kPollMs : 0)};
      if (!fetched) break;
      if (fetched->err == RD_KAFKA_RESP_ERR_NO_ERROR) take(*fetched);
      throttle(paused);
    }
    throttle(paused);
    commit(false);
    measure_lag();
  }
  wait_for_handlers(false, std::chrono::hours{24});  // each ends within its own deadlines
  commit(true);
  rd_kafka_consumer_close(client_.get());
  client_.reset();
  stats_.lag = 0;
}

void Group::take(const rd_kafka_message_t& fetched) {
  auto delivery = std::make_shared<Delivery>(Delivery{
      .partition = {},
      .offset = fetched.offset,
      .key = text_of(fetched.key, fetched.key_len),
      .value = text_of(fetched.payload, fetched.len),
      .headers = headers_of(fetched),
      .message = cloud_event::decode({static_cast<const char*>(fetched.payload), fetched.len})});
  std::string order = delivery->key;
  bool begin = false;
  {
    const Lock lock(mutex_);
    const auto found = partitions_.find({rd_kafka_topic_name(fetched.rkt), fetched.partition});
    if (found == partitions_.end()) return;
    Partition& partition = *found->second;
    if (fetched.offset < partition.next) return;  // fetched again after a pause
    if (!partition.slots.empty() && fetched.offset <= partition.slots.back().offset) return;
    if (partition.slots.empty()) partition.next = fetched.offset;
    partition.slots.push_back({fetched.offset, false});
    delivery->partition = found->second;
    if (order.empty()) order = "?" + std::to_string(fetched.partition);
    auto& queue = orders_[order];
    begin = queue.empty();
    queue.push_back(std::move(delivery));
    stats_.in_flight = ++in_flight_;
    if (begin) ++carriers_;
  }
  if (!begin) return;
  Scheduler* const loop = loops_[std::hash<std::string>{}(order) % loops_.size()];
  loop->post([this, order] { detach(carry(order)); });
}

// Fetching pauses when as much is under way as may be, and goes on when half of it is done.
void Group::throttle(bool& paused) {
  std::size_t in_flight = 0;
  std::size_t uncommitted = 0;
  {
    const Lock lock(mutex_);
    in_flight = in_flight_;
    for (const auto& [id, partition] : partitions_) uncommitted += partition->slots.size();
  }
  const bool full = in_flight >= options_.in_flight_max || uncommitted >= options_.uncommitted_max;
  const bool roomy =
      in_flight <= options_.in_flight_max / 2 && uncommitted <= options_.uncommitted_max / 2;
  if (paused ? !roomy : !full) return;
  rd_kafka_topic_partition_list_t* bare = nullptr;
  if (rd_kafka_assignment(client_.get(), &bare) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const Partitions all{bare};
  if (paused) {
    rd_kafka_resume_partitions(client_.get(), all.get());
  } else {
    rd_kafka_pause_partitions(client_.get(), all.get());
  }
  paused = !paused;
}

void Group::commit(bool and_wait) {
  const auto now = Clock::now();
  if (!and_wait && now - committed_at_ < kCommitEvery) return;
  committed_at_ = now;
  const Partitions offsets = list_of(0);
  {
    const Lock lock(mutex_);
    for (const auto& [id, partition] : partitions_) {
      if (partition->next < 0 || partition->next == partition->committed) continue;
      rd_kafka_topic_partition_list_add(offsets.get(), partition->topic.c_str(), partition->number)
          ->offset = partition->next;
      partition->committed = partition->next;
    }
  }
  if (offsets->cnt == 0) return;
  // One that gets lost is made good by the next; at worst something comes twice.
  rd_kafka_commit(client_.get(), offsets.get(), and_wait ? 0 : 1);
}

void Group::measure_lag() {
  const auto now = Clock::now();
  if (now - measured_at_ < kMeasureEvery) return;
  measured_at_ = now;
  std::int64_t lag = 0;
  const Lock lock(mutex_);
  for (const auto& [id, partition] : partitions_) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto fault = rd_kafka_get_watermark_offsets(client_.get(), partition->topic.c_str(),
                                                      partition->number, &low, &high);
    if (fault != RD_KAFKA_RESP_ERR_NO_ERROR || partition->next < 0) continue;
    lag += std::max<std::int64_t>(0, high - partition->next);
  }
  stats_.lag = lag;
}

void Group::wait_for_handlers(bool only_lost, std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (Clock::now() < deadline) {
    {
      const Lock lock(mutex_);
      std::size_t busy = only_lost ? 0 : carriers_;
      if (only_lost) {
        for (const auto& [id, partition] : partitions_) {
          if (partition->lost) busy += partition->in_hand;
        }
      }
      if (busy == 0) return;
    }
    std::this_thread::sleep_for(kLook);
  }
}

void Group::on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t what,
                         rd_kafka_topic_partition_list_t* partitions, void* self) {
  Group& group = *static_cast<Group*>(self);
  group.stats_.rebalances.fetch_add(1, std::memory_order_relaxed);
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    group.take_partitions(*partitions);
    rd_kafka_assign(client, partitions);
    return;
  }
  const bool still_ours = rd_kafka_assignment_lost(client) == 0;
  group.give_up_partitions(*partitions, still_ours);
  rd_kafka_assign(client, nullptr);
}

void Group::take_partitions(const rd_kafka_topic_partition_list_t& partitions) {
  const Lock lock(mutex_);
  for (int i = 0; i < partitions.cnt; ++i) {
    const auto& given = partitions.elems[i];
    auto partition = std::make_shared<Partition>();
    partition->topic = given.topic;
    partition->number = given.partition;
    partitions_[{given.topic, given.partition}] = std::move(partition);
  }
}

// What is in hand may end (the next owner would only do it again), what waits for a retry is left.
void Group::give_up_partitions(const rd_kafka_topic_partition_list_t& partitions, bool still_ours) {
  {
    const Lock lock(mutex_);
    for (int i = 0; i < partitions.cnt; ++i) {
      const auto found =
          partitions_.find({partitions.elems[i].topic, partitions.elems[i].partition});
      if (found != partitions_.end()) found->second->lost = true;
    }
  }
  if (still_ours) {
    wait_for_handlers(true, kHandOverPatience);
    commit(true);
  }
  const Lock lock(mutex_);
  for (int i = 0; i < partitions.cnt; ++i) {
    partitions_.erase({partitions.elems[i].topic, partitions.elems[i].partition});
  }
}

}  // namespace onsale::kafka
