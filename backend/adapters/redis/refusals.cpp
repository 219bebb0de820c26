// A node's own copy of the feed, and the rounds in which it is proved to be in step.
#include "adapters/redis/refusals.hpp"

#include <algorithm>
#include <utility>

#include "base/steady.hpp"

namespace onsale::redis {
namespace {

bool is_gone(seat::WireStatus status) {
  return status == seat::WireStatus::sold || status == seat::WireStatus::blocked;
}

}  // namespace

Refusals::Refusals(SeatFeed& feed, TaskGroup& group, RefusalLimits limits)
    : feed_(feed), group_(group), limits_(limits) {}

// Every seat named must be gone: of one that may be held only Redis knows. A call that names a seat
// twice, or one that is none, is refused for that.
std::optional<Refused> Refusals::gone(EventId event, const SeatIds& seats) {
  const auto found = copies_.find(event);
  if (found == copies_.end() || !found->second.good || seats.empty()) return std::nullopt;
  const Copy& copy = found->second;
  Refused refused{Code::reservation_conflict, {}};
  for (const SeatId seat : seats) {
    const std::uint32_t index = copy.numbering.index_of(seat);
    if (index >= copy.numbering.count || index >= copy.statuses.size()) return std::nullopt;
    const seat::WireStatus status = copy.statuses[index];
    const auto same = [seat](const RefusedSeat& other) { return other.seat == seat; };
    if (!is_gone(status)) return std::nullopt;
    if (std::any_of(refused.seats.begin(), refused.seats.end(), same)) return std::nullopt;
    if (status == seat::WireStatus::sold) refused.code = Code::seat_sold;
    refused.seats.push_back({seat, status});
  }
  return refused;
}

bool Refusals::likely(EventId event, const SeatIds& seats) {
  const Lock lock(mutex_);
  return gone(event, seats).has_value();
}

Task<std::optional<Refused>> Refusals::of(EventId event, SeatIds seats) {
  Waiter waiter;
  bool begin = false;
  {
    const Lock lock(mutex_);
    if (!gone(event, seats)) co_return std::nullopt;
    Copy& copy = copies_[event];
    if (copy.waiting.size() >= limits_.waiting_max) co_return std::nullopt;
    copy.waiting.push_back(&waiter);
    begin = !std::exchange(copy.reading, true);
  }
  // Under way already: that read may have been sent before this request came; the next one serves it.
  if (begin && !group_.spawn(read_rounds(event))) give_up(event);
  const bool proved = co_await waiter.proved;
  if (!proved) co_return std::nullopt;
  const Lock lock(mutex_);
  std::optional<Refused> refused = gone(event, seats);
  if (refused) given_.fetch_add(1, std::memory_order_relaxed);
  co_return refused;
}

void Refusals::learn(EventId event, const Refused& refused, const SeatNumbering& numbering) {
  const auto gone_now = [](const RefusedSeat& seat) { return is_gone(seat.status); };
  if (std::none_of(refused.seats.begin(), refused.seats.end(), gone_now)) return;
  bool catch_up = false;
  {
    const Lock lock(mutex_);
    Copy& copy = copies_[event];
    const std::int64_t now = steady_ms();
    catch_up = copy.good;
    copy.numbering = numbering;  // an event may have grown
    if (catch_up) {
      const auto news = [&copy](const RefusedSeat& seat) {
        const std::uint32_t index = copy.numbering.index_of(seat.seat);
        return is_gone(seat.status) &&
               !(index < copy.statuses.size() && is_gone(copy.statuses[index]));
      };
      if (std::none_of(refused.seats.begin(), refused.seats.end(), news)) return;
      copy.behind = true;
    } else {
      const bool lately =
          copy.snapshot_at_ms && now - *copy.snapshot_at_ms < limits_.snapshot_every.count();
      if (lately) return;
    }
    if (copy.reading) return;
    copy.reading = true;
    if (!catch_up) copy.snapshot_at_ms = now;
  }
  if (!group_.spawn(catch_up ? read_rounds(event) : take_copy(event))) give_up(event);
}

Task<void> Refusals::take_copy(EventId event) {
  Task<Result<SeatSnapshot>> asking = feed_.snapshot(event);
  Result<SeatSnapshot> taken = co_await std::move(asking);
  if (!taken) {
    give_up(event);
    co_return;
  }
  const Lock lock(mutex_);
  Copy& copy = copies_[event];
  copy.good = true;
  copy.reading = false;
  copy.version = taken->version;
  copy.statuses = std::move(taken->statuses);
}

Task<void> Refusals::read_rounds(EventId event) {
  for (;;) {
    std::vector<Waiter*> served;
    {
      const Lock lock(mutex_);
      Copy& copy = copies_[event];
      if (copy.waiting.empty() && !copy.behind) {
        copy.reading = false;
        co_return;
      }
      copy.behind = false;
      served.swap(copy.waiting);
    }
    const bool proved = co_await read_round(event);
    for (Waiter* const waiter : served) waiter->proved.complete(proved);
    if (!proved) {
      give_up(event);
      co_return;
    }
  }
}

// True: the copy stands at the version that the feed had when the first read was sent, or later.
Task<bool> Refusals::read_round(EventId event) {
  for (std::size_t i = 0; i < limits_.reads_a_round; ++i) {
    Version after;
    {
      const Lock lock(mutex_);
      after = copies_[event].version;
    }
    reads_.fetch_add(1, std::memory_order_relaxed);
    Task<Result<FeedBatch>> asking = feed_.read(event, after, limits_.changes_a_read);
    const Result<FeedBatch> batch = co_await std::move(asking);
    if (!batch || batch->too_old) co_return false;
    bool caught_up = false;
    if (!apply(event, *batch, caught_up)) co_return false;
    if (caught_up) co_return true;
  }
  co_return false;
}

bool Refusals::apply(EventId event, const FeedBatch& batch, bool& caught_up) {
  const Lock lock(mutex_);
  Copy& copy = copies_[event];
  if (!copy.good) return false;
  for (const SeatChange& change : batch.changes) {
    if (change.version != copy.version.next()) return false;
    if (change.seat_index >= copy.statuses.size()) {
      copy.statuses.resize(std::size_t{change.seat_index} + 1, seat::WireStatus::available);
    }
    copy.statuses[change.seat_index] = change.status;
    copy.version = change.version;
  }
  caught_up = copy.version == batch.version;
  return true;
}

// The copy is worth nothing; whoever waits for it asks Redis.
void Refusals::give_up(EventId event) {
  std::vector<Waiter*> waiting;
  {
    const Lock lock(mutex_);
    Copy& copy = copies_[event];
    copy.good = false;
    copy.reading = false;
    copy.behind = false;
    copy.statuses = {};
    waiting.swap(copy.waiting);
  }
  for (Waiter* const waiter : waiting) waiter->proved.complete(false);
}

}  // namespace onsale::redis
