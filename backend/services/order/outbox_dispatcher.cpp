// From the outbox to the bus, batch after batch, as long as there is something.
#include "services/order/outbox_dispatcher.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/assert.hpp"

namespace onsale {
namespace {

constexpr Milliseconds kStopLatency{200};

std::vector<MessageId> ids_of(const std::vector<Message>& messages) {
  std::vector<MessageId> ids;
  ids.reserve(messages.size());
  for (const Message& message : messages) ids.push_back(message.id);
  return ids;
}

}  // namespace

OutboxDispatcher::OutboxDispatcher(Outbox& outbox, EventBus& bus, const Clock& clock,
                                   DispatcherPolicy policy)
    : outbox_(outbox), bus_(bus), clock_(clock), policy_(policy) {}
OutboxDispatcher::~OutboxDispatcher() = default;

void OutboxDispatcher::start() {
  loop_.store(Scheduler::current());
  check(loop_.load() != nullptr, "the dispatcher is started on a loop");
  outbox_.on_commit([this] { wake(); });
  group_.spawn(poll_until_stopped());
}

void OutboxDispatcher::stop() {
  stopped_.store(true);
  group_.close();
  outbox_.on_commit({});
}

// Any thread.
void OutboxDispatcher::wake() {
  if (stopped_.load() || wake_posted_.exchange(true)) return;
  loop_.load()->post([this] {
    wake_posted_.store(false);
    dispatch_soon();
  });
}

void OutboxDispatcher::dispatch_soon() {
  if (dispatching_) {
    again_ = true;
    return;
  }
  dispatching_ = true;
  if (!group_.spawn(dispatch())) dispatching_ = false;
}

Task<void> OutboxDispatcher::dispatch() {
  bool sent = true;
  // After a failure the poll comes back; trying at every commit would not help.
  while (sent && !stopped_.load()) {
    again_ = false;
    sent = co_await dispatch_batch();
    if (!sent && again_) sent = stats_.backlog.load() == 0;
  }
  dispatching_ = false;
}

// True: something was sent, there may be more.
Task<bool> OutboxDispatcher::dispatch_batch() {
  auto reading = outbox_.pending(policy_.batch);
  Result<std::vector<Message>> pending = co_await std::move(reading);
  if (!pending) co_return false;
  stats_.backlog.store(pending->size(), std::memory_order_relaxed);
  if (pending->empty()) co_return false;
  std::vector<Message> messages = *pending;
  Task<bool> sending = send(std::move(messages));
  const bool sent = co_await std::move(sending);
  if (sent) co_return true;
  stats_.failed_batches.fetch_add(1, std::memory_order_relaxed);
  co_return co_await send_order_by_order(std::move(*pending));
}

Task<bool> OutboxDispatcher::send(std::vector<Message> messages) {
  std::vector<MessageId> ids = ids_of(messages);
  const std::size_t count = ids.size();
  std::vector<Instant> told_of;
  told_of.reserve(count);
  for (const Message& message : messages) told_of.push_back(message.at);
  Task<Status> publishing = bus_.publish(std::move(messages));
  const Status published = co_await std::move(publishing);
  if (!published || stopped_.load()) co_return false;
  const Instant now = clock_.now();
  for (const Instant at : told_of) {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - at).count();
    stats_.acknowledged_after.count(static_cast<std::uint64_t>(std::max<std::int64_t>(took, 0)));
  }
  Task<Status> marking = outbox_.mark_sent(std::move(ids));
  const Status marked = co_await std::move(marking);
  if (marked) stats_.sent.fetch_add(count, std::memory_order_relaxed);
  co_return marked.has_value();
}

// One order that no consumer can take must not keep the others back.
Task<bool> OutboxDispatcher::send_order_by_order(std::vector<Message> messages) {
  std::vector<std::vector<Message>> orders;
  std::unordered_map<OrderId, std::size_t> place;
  for (Message& message : messages) {
    const auto [found, added] = place.try_emplace(message.order, orders.size());
    if (added) orders.emplace_back();
    orders[found->second].push_back(std::move(message));
  }
  bool any = false;
  for (std::vector<Message>& of_one_order : orders) {
    if (stopped_.load()) break;
    const bool sent = co_await send(std::move(of_one_order));
    any = any || sent;
  }
  co_return any;
}

Task<void> OutboxDispatcher::poll_until_stopped() {
  Scheduler* const loop = loop_.load();
  while (!stopped_.load()) {
    auto counting = outbox_.backlog();
    const Result<OutboxBacklog> backlog = co_await std::move(counting);
    if (backlog) {
      const OutboxBacklog& now = *backlog;
      stats_.backlog.store(now.unsent, std::memory_order_relaxed);
      stats_.oldest_unsent_ms.store(now.unsent == 0 ? 0 : ms_of(now.oldest),
                                    std::memory_order_relaxed);
      if (now.unsent > 0) dispatch_soon();
    }
    for (Milliseconds left = policy_.poll_every; left.count() > 0 && !stopped_.load();) {
      const Milliseconds slice = std::min(left, kStopLatency);
      co_await loop->sleep_for(slice);
      left -= slice;
    }
  }
}

}  // namespace onsale
