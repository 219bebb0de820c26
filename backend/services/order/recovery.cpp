// What is left open by a crash, or was too much at once, is found and driven to its end; what is too
// old to be replayed is forgotten.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "services/order/order_service.hpp"

namespace onsale {
namespace {

constexpr Milliseconds kStopLatency{200};  // how late a sleeper may notice stop()
constexpr Milliseconds kBetweenPages{1};   // others have the loop in between

}  // namespace

Task<void> OrderService::sweep_until_stopped() {
  // After a start every open order is nobody's.
  co_await sweep(ports_.clock.now());
  while (!stopped()) {
    co_await sleep_unless_stopped(policy_.sweep_every);
    if (!stopped() && worth_sweeping()) {
      co_await sweep(ports_.clock.now() - policy_.sweep_older_than);
    }
  }
}

// While others wait for their turn nothing more could be begun, and reading all open orders each
// second would cost more than the sagas do.
bool OrderService::worth_sweeping() {
  const Lock lock(driving_mutex_);
  if (!queued_.empty()) return false;
  return left_behind_ || ports_.clock.now() - swept_at_ >= policy_.full_sweep_every;
}

Task<void> OrderService::sweep(Instant created_before) {
  swept_at_ = ports_.clock.now();
  {
    const Lock lock(driving_mutex_);
    left_behind_ = false;
  }
  std::optional<OrderId> after;
  bool full = false;
  while (!stopped()) {
    auto reading = not_driven(after);
    Result<std::vector<Order>> page = co_await std::move(reading);
    if (!page || page->empty()) co_return;
    const bool last = page->size() < policy_.sweep_page;
    after = page->back().id;
    for (Order& order : *page) {
      // Ids grow with time: so do the rest. With leases none is here that somebody is at.
      if (ports_.leases == nullptr && order.created_at > created_before) co_return;
      const OrderId id = order.id;
      const Drive drive = full ? Drive::no_room : drive_soon(std::move(order));
      full = drive == Drive::no_room;
      if (full || stopped()) let_go(id);
      if (drive == Drive::taken) stats_.recovered.fetch_add(1, std::memory_order_relaxed);
    }
    if (last || full) co_return;
    co_await sleep_unless_stopped(kBetweenPages);
  }
}

Task<void> OrderService::purge_until_stopped() {
  while (!stopped()) {
    auto purging =
        ports_.orders.purge_answers(ports_.clock.now() - policy_.answers_kept, policy_.purge_batch);
    const Result<std::size_t> gone = co_await std::move(purging);
    const bool more = gone && *gone == policy_.purge_batch;
    if (gone) stats_.answers_purged.fetch_add(*gone, std::memory_order_relaxed);
    co_await sleep_unless_stopped(more ? kStopLatency : policy_.purge_every);
  }
}

Task<void> OrderService::sleep_unless_stopped(Milliseconds delay) {
  Scheduler* const loop = Scheduler::current();
  check(loop != nullptr, "the order service needs a loop to wait on");
  while (delay.count() > 0 && !stopped()) {
    const Milliseconds slice = std::min(delay, kStopLatency);
    co_await loop->sleep_for(slice);
    delay -= slice;
  }
}

}  // namespace onsale
