// Carrying one published batch: a few carriers take one order's messages after the other.
#include "adapters/local_bus/local_bus.hpp"

#include <algorithm>
#include <atomic>
#include <unordered_map>
#include <utility>

#include "runtime/completion.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {
namespace {

using OneOrder = std::vector<Message>;

std::vector<OneOrder> by_order(std::vector<Message> messages) {
  std::vector<OneOrder> orders;
  std::unordered_map<OrderId, std::size_t> place;
  for (Message& message : messages) {
    const auto [found, added] = place.try_emplace(message.order, orders.size());
    if (added) orders.emplace_back();
    orders[found->second].push_back(std::move(message));
  }
  return orders;
}

}  // namespace

struct LocalBus::Round {
  std::vector<OneOrder> orders;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> carriers{0};
  std::atomic<bool> failed{false};
  Completion<bool> done;
};

void LocalBus::subscribe(std::string consumer_name, std::string topic, Consumer consumer) {
  subscriptions_.push_back({std::move(consumer_name), std::move(topic), std::move(consumer)});
}

Task<Status> LocalBus::publish(std::vector<Message> messages) {
  if (messages.empty()) co_return ok();
  Round round;
  round.orders = by_order(std::move(messages));
  const std::size_t carriers = std::min(round.orders.size(), orders_at_once_max_);
  round.carriers.store(carriers);
  for (std::size_t i = 0; i < carriers; ++i) detach(carry(round));
  const bool all_handled = co_await round.done;
  if (!all_handled) co_return Code::unavailable;
  co_return ok();
}

Task<void> LocalBus::carry(Round& round) {
  for (std::size_t i = round.next++; i < round.orders.size(); i = round.next++) {
    bool handled = true;
    for (const Message& message : round.orders[i]) {
      for (const Subscription& subscription : subscriptions_) {
        if (subscription.topic != topic_of(message.type)) continue;
        Message copy = message;
        Task<Status> handling = subscription.consumer(std::move(copy));
        const Status status = co_await std::move(handling);
        handled = handled && status.has_value();
      }
      // What follows for this order must not overtake what failed.
      if (!handled) break;
    }
    if (!handled) round.failed.store(true);
  }
  // The last one out; the round is gone after this line.
  if (round.carriers.fetch_sub(1) == 1) round.done.complete(!round.failed.load());
}

}  // namespace onsale
