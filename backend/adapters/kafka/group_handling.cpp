// What becomes of a fetched message, on a loop: handled, tried again, or buried with its reason.
#include <algorithm>
#include <utility>

#include "adapters/kafka/cloud_event.hpp"
#include "adapters/kafka/group.hpp"
#include "base/assert.hpp"

namespace onsale::kafka {
namespace {

constexpr Milliseconds kStopLatency{100};

std::string words_for(Code code) {
  switch (code) {
    case Code::unavailable:
      return "unavailable";
    case Code::validation_failed:
      return "not what the contract allows";
    case Code::order_not_found:
      return "no such order";
    case Code::event_not_found:
      return "no such event";
    case Code::seat_not_found:
      return "no such seat";
    default:
      return "refused (code " + std::to_string(static_cast<int>(code)) + ")";
  }
}

}  // namespace

Task<void> Group::carry(std::string key) {
  bool begun = false;
  while (true) {
    const std::shared_ptr<Delivery> delivery = next_of(key, begun);
    if (!delivery) break;
    begun = true;
    Task<bool> settling = settle(delivery);
    const bool settled = co_await std::move(settling);
    if (settled) finish(*delivery);
  }
}

// The order's next message, after the one before it is through with; nullptr: none, and the key is
// forgotten. The front stays in the queue while it is handled, so that nobody else begins the key.
std::shared_ptr<Group::Delivery> Group::next_of(const std::string& key, bool begun) {
  const Lock lock(mutex_);
  const auto found = orders_.find(key);
  check(found != orders_.end() && !found->second.empty(), "an order's queue ended by itself");
  auto& queue = found->second;
  if (begun) {
    --queue.front()->partition->in_hand;
    queue.pop_front();
    stats_.in_flight = --in_flight_;
  }
  if (queue.empty()) {
    orders_.erase(found);
    --carriers_;  // the thread may end after this: touch nothing any more
    return nullptr;
  }
  ++queue.front()->partition->in_hand;
  return queue.front();
}

// True: it has taken effect or is buried. False: it is not ours any more, or we stop.
Task<bool> Group::settle(std::shared_ptr<Delivery> delivery) {
  std::uint32_t refusals = 0;
  for (std::uint32_t tries = 1; !given_up(*delivery); ++tries) {
    Task<Status> handling = handle(*delivery);
    const Status handled = co_await std::move(handling);
    if (handled) {
      stats_.handled.fetch_add(1, std::memory_order_relaxed);
      co_return true;
    }
    const bool unreadable = !delivery->message.has_value();
    if (handled.code() != Code::unavailable) ++refusals;
    if (unreadable || refusals >= options_.tries_max) {
      Failure why = handled.error();
      Task<bool> burying = bury(*delivery, std::move(why), tries);
      const bool buried = co_await std::move(burying);
      if (buried) co_return true;
    }
    stats_.retries.fetch_add(1, std::memory_order_relaxed);
    co_await wait_before_retry(delivery, tries);
  }
  co_return false;
}

Task<Status> Group::handle(const Delivery& delivery) {
  if (!delivery.message) co_return delivery.message.error();
  const auto found = consumers_.find(delivery.partition->topic);
  check(found != consumers_.end(), "a message of a topic that nobody asked for");
  Message message = *delivery.message;
  Task<Status> handling = found->second(std::move(message));
  co_return co_await std::move(handling);
}

Task<bool> Group::bury(const Delivery& delivery, Failure why, std::uint32_t tries) {
  const Partition& partition = *delivery.partition;
  Record record;
  record.topic = partition.topic + std::string{kDeadLetters};
  record.key = delivery.key;
  record.value = delivery.value;
  record.headers = delivery.headers;
  const std::string reason = why.detail.empty() ? words_for(why.code) : why.detail;
  record.headers.push_back({"dead-letter-reason", reason});
  record.headers.push_back({"dead-letter-consumer", name_});
  record.headers.push_back({"dead-letter-topic", partition.topic});
  record.headers.push_back({"dead-letter-partition", std::to_string(partition.number)});
  record.headers.push_back({"dead-letter-offset", std::to_string(delivery.offset)});
  record.headers.push_back({"dead-letter-tries", std::to_string(tries)});
  std::vector<Record> records;
  records.push_back(std::move(record));
  Task<std::vector<bool>> sending = dead_letters_.send(std::move(records));
  const std::vector<bool> sent = co_await std::move(sending);
  if (!sent.front()) co_return false;
  stats_.dead_letters.fetch_add(1, std::memory_order_relaxed);
  if (options_.on_fault) {
    options_.on_fault("kafka: dead letter of " + name_ + ": " + partition.topic + "/" +
                      std::to_string(partition.number) + "@" + std::to_string(delivery.offset) +
                      ": " + reason);
  }
  co_return true;
}

Task<void> Group::wait_before_retry(std::shared_ptr<Delivery> delivery, std::uint32_t tries) {
  Scheduler* const loop = Scheduler::current();
  check(loop != nullptr, "Kafka's consumers run on a loop");
  const std::uint32_t doublings = std::min<std::uint32_t>(tries - 1, 16);
  Milliseconds left = std::min(options_.retry_longest, options_.retry_first * (1U << doublings));
  while (left.count() > 0 && !given_up(*delivery)) {
    const Milliseconds slice = std::min(left, kStopLatency);
    co_await loop->sleep_for(slice);
    left -= slice;
  }
}

void Group::finish(const Delivery& delivery) {
  const Lock lock(mutex_);
  Partition& partition = *delivery.partition;
  const auto slot =
      std::lower_bound(partition.slots.begin(), partition.slots.end(), delivery.offset,
                       [](const Slot& one, std::int64_t offset) { return one.offset < offset; });
  if (slot == partition.slots.end() || slot->offset != delivery.offset) return;
  slot->done = true;
  while (!partition.slots.empty() && partition.slots.front().done) {
    partition.next = partition.slots.front().offset + 1;
    partition.slots.pop_front();
  }
}

bool Group::given_up(const Delivery& delivery) {
  if (stopping_) return true;
  const Lock lock(mutex_);
  return delivery.partition->lost;
}

}  // namespace onsale::kafka
