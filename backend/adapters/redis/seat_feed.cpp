// The feed: an event's stream, read by version; the snapshot: its hash, read whole.
#include <algorithm>
#include <utility>

#include "adapters/redis/calls.hpp"
#include "adapters/redis/errands.hpp"
#include "adapters/redis/library.hpp"
#include "adapters/redis/seat_ledger.hpp"

namespace onsale {

using redis::Command;
using redis::Errand;

namespace {

constexpr std::size_t kIndexBytes = 4;
constexpr std::size_t kChangeBytes = kIndexBytes + 1;

// Appends the changes of one entry that come after `after`. False: a change between is missing, or
// this is no entry of ours.
bool append_entry(const redisReply& entry, Version after, std::uint32_t epoch,
                  std::vector<SeatChange>& changes) {
  if (entry.type != REDIS_REPLY_ARRAY || entry.elements != 2) return false;
  const std::string_view id = redis::Reply::text_of(*entry.element[0]);
  const redisReply& fields = *entry.element[1];
  if (fields.type != REDIS_REPLY_ARRAY || fields.elements != 2) return false;
  const std::string_view packed = redis::Reply::text_of(*fields.element[1]);
  const auto last =
      redis::number<std::uint32_t>(id.substr(std::min(id.find('-'), id.size() - 1) + 1));
  const auto count = static_cast<std::uint32_t>(packed.size() / kChangeBytes);
  if (packed.size() % kChangeBytes != 0 || count == 0 || last < count) return false;
  Version expected = changes.empty() ? after.next() : changes.back().version.next();
  std::uint32_t counter = last - count + 1;
  if (Version::of(epoch, counter) > expected) return false;
  for (std::size_t at = 0; at < packed.size(); at += kChangeBytes, ++counter) {
    const Version version = Version::of(epoch, counter);
    if (version < expected) continue;
    changes.push_back({version, redis::decode_index(packed.substr(at, kIndexBytes)),
                       static_cast<seat::WireStatus>(packed[at + kIndexBytes])});
  }
  return true;
}

}  // namespace

Task<Result<FeedBatch>> RedisSeatLedger::read(EventId event, Version after, std::size_t max) {
  {
    const Lock lock(mutex_);
    followed_.insert(event);
  }
  const auto command = [after, max](const redis::Binding& binding) {
    static const std::string kRead = redis::function("read");
    return Command(8)
        .add("FCALL_RO")
        .add(kRead)
        .add("2")
        .add(binding.seats_key)
        .add(binding.feed_key)
        .add(binding.epoch)
        .add(static_cast<std::uint32_t>(after.value))
        .add(max)
        .take();
  };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, command, redis::Needs::open_event);
  const Result<Errand::Found> found = co_await std::move(asking);
  if (!found) co_return found.error();
  const redis::Reply& reply = found.value().reply;
  const std::uint32_t epoch = found.value().binding.epoch;
  FeedBatch batch;
  batch.version = Version::of(epoch, redis::number<std::uint32_t>(reply.text(0)));
  batch.too_old = after.epoch() != epoch || after > batch.version;
  const redisReply* entries = reply.element(1);
  if (batch.too_old || entries == nullptr || entries->type != REDIS_REPLY_ARRAY) co_return batch;
  for (std::size_t i = 0; i < entries->elements && batch.changes.size() < max; ++i) {
    if (!append_entry(*entries->element[i], after, epoch, batch.changes)) {
      batch.too_old = true;
      batch.changes.clear();
      co_return batch;
    }
  }
  batch.too_old = batch.changes.empty() && after < batch.version;  // all of it is forgotten
  if (batch.changes.size() > max) batch.changes.resize(max);
  co_return batch;
}

Task<Result<RedisSeatLedger::Content>> RedisSeatLedger::content(EventId event) {
  const auto command = [](const redis::Binding& binding) {
    return Command(2).add("HGETALL").add(binding.seats_key).take();
  };
  for (;;) {
    Task<Result<Errand::Found>> asking =
        redis::ask(lane_here(), options_.redis, event, command, redis::Needs::open_event);
    const Result<Errand::Found> found = co_await std::move(asking);
    if (!found) co_return found.error();
    const redis::Reply& reply = found.value().reply;
    if (reply.size() == 0) {  // closed since it was bound
      lane_here().forget(event);
      Task<void> waiting = redis::pause(lane_here(), Milliseconds{1});
      co_await std::move(waiting);
      continue;
    }
    Content all;
    all.numbering = found.value().binding.numbering;
    for (std::size_t i = 0; i + 1 < reply.size(); i += 2) {
      const std::string_view field = reply.text(i);
      if (field.size() == 1) {
        all.version = Version::of(found.value().binding.epoch,
                                  redis::number<std::uint32_t>(reply.text(i + 1)));
      } else if (field.size() == kIndexBytes) {
        all.records.emplace(redis::decode_index(field), reply.text(i + 1));
      }
    }
    co_return all;
  }
}

Task<Result<SeatSnapshot>> RedisSeatLedger::snapshot(EventId event) {
  const Result<Content> all = co_await content(event);
  if (!all) co_return all.error();
  SeatSnapshot cut;
  cut.version = all.value().version;
  cut.statuses.assign(all.value().numbering.count, seat::WireStatus::available);
  for (const auto& [index, record] : all.value().records) {
    if (index >= cut.statuses.size()) cut.statuses.resize(index + 1, seat::WireStatus::available);
    cut.statuses[index] = seat::wire_status(redis::decode_record(record));
  }
  co_return cut;
}

void RedisSeatLedger::on_change(std::function<void(EventId)> wake) {
  const Lock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace onsale
