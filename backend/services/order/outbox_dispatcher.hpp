// OutboxDispatcher: carries what orders have to tell from the outbox to the bus. Woken by the
// commit; a poll is only the safety net. A message is marked sent after the bus has taken it, so a
// crash in between repeats it and never loses it.
//
// start() on the loop that shall do the work; it must outlive nothing but this object's stop().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/duration_counts.hpp"
#include "ports/clock.hpp"
#include "ports/event_bus.hpp"
#include "ports/outbox.hpp"
#include "runtime/scheduler.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct DispatcherPolicy {
  std::size_t batch = 512;
  Milliseconds poll_every{1000};
};

struct DispatcherStats {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> failed_batches{0};
  DurationCounts
      acknowledged_after;  // from what it tells of (its commit included) to the bus' word
  std::atomic<std::size_t> backlog{0};            // as of the last poll
  std::atomic<std::int64_t> oldest_unsent_ms{0};  // ms since the epoch; 0: nothing is unsent
};

class OutboxDispatcher {
 public:
  OutboxDispatcher(Outbox& outbox, EventBus& bus, const Clock& clock, DispatcherPolicy policy);
  ~OutboxDispatcher();  // a bug unless idle()
  OutboxDispatcher(const OutboxDispatcher&) = delete;
  OutboxDispatcher& operator=(const OutboxDispatcher&) = delete;

  void start();
  void stop();
  [[nodiscard]] bool idle() const { return group_.running() == 0; }
  [[nodiscard]] const DispatcherStats& stats() const { return stats_; }

 private:
  void wake();
  void dispatch_soon();
  Task<void> dispatch();
  Task<bool> dispatch_batch();
  Task<bool> send(std::vector<Message> messages);
  Task<bool> send_order_by_order(std::vector<Message> messages);
  Task<void> poll_until_stopped();

  Outbox& outbox_;
  EventBus& bus_;
  const Clock& clock_;
  DispatcherPolicy policy_;
  DispatcherStats stats_;
  TaskGroup group_;
  std::atomic<Scheduler*> loop_{nullptr};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> wake_posted_{false};
  bool dispatching_ = false;  // these two: on the loop only
  bool again_ = false;
};

}  // namespace onsale
