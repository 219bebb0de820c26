// Of several nodes, who drives an order.
//
// Writing an order's row takes its lease along, so an order that is driven costs nothing for it. Only
// one that waits long in a step (at the provider, in the queue) has its lease renewed, in rounds: what
// was not written since the round before last. A node that dies renews nothing; its leases lapse, and
// the sweep of any other takes its orders over. A node that was away so long that its leases lapsed
// (frozen, cut off from the database) learns of it by the first write that comes too late, and leaves
// that order alone. Nothing here guards a sale: each step is conditional on the order's version.
#include <utility>

#include "services/order/order_service.hpp"

namespace onsale {
namespace {

constexpr Milliseconds kLooksAtSagas{50};  // while the last steps of a stopped service end

}  // namespace

Task<Result<bool>> OrderService::is_ours(OrderId id) {
  if (ports_.leases == nullptr) co_return true;
  std::vector<OrderId> ids{id};
  auto asking = ports_.leases->acquire(std::move(ids));
  const Result<std::vector<OrderId>> ours = co_await std::move(asking);
  if (!ours) co_return ours.error();
  co_return !ours->empty();
}

// Its row was written: its lease is new.
void OrderService::touched(OrderId id) {
  if (ports_.leases == nullptr) return;
  const Lock lock(driving_mutex_);
  const auto found = driving_.find(id);
  if (found != driving_.end()) found->second.leased_in = lease_round_;
}

// It is not driven here any more, and need not wait for its lease to lapse.
void OrderService::let_go(OrderId id) {
  if (ports_.leases == nullptr) return;
  const Lock lock(driving_mutex_);
  if (letting_go_.size() < policy_.let_go_max) letting_go_.push_back(id);
}

// Also after stop(), until the last saga has ended between two steps: then the others get the rest.
Task<void> OrderService::keep_leases() {
  Scheduler* const loop = Scheduler::current();
  while (!stopped()) {
    co_await sleep_unless_stopped(policy_.keep_leases_every);
    co_await keep_leases_once();
  }
  for (bool ended = false; !ended;) {
    co_await loop->sleep_for(kLooksAtSagas);
    const Lock lock(driving_mutex_);
    ended = running_ == 0;
  }
  {
    const Lock lock(driving_mutex_);
    for (const auto& [id, in_hand] : driving_) letting_go_.push_back(id);
    driving_.clear();
    queued_.clear();
  }
  co_await keep_leases_once();
}

Task<void> OrderService::keep_leases_once() {
  std::vector<OrderId> over;
  std::vector<OrderId> long_ones;
  {
    const Lock lock(driving_mutex_);
    std::vector<OrderId> named;
    named.swap(letting_go_);
    for (const OrderId id : named) {
      (driving_.contains(id) ? letting_go_ : over).push_back(id);  // of the driven later
    }
    ++lease_round_;
    for (auto& [id, in_hand] : driving_) {
      if (in_hand.leased_in + 1 >= lease_round_) continue;
      in_hand.leased_in = lease_round_;
      long_ones.push_back(id);
    }
  }
  if (!over.empty()) {
    auto releasing = ports_.leases->release(std::move(over));
    const Status released = co_await std::move(releasing);
    static_cast<void>(released);  // else they lapse
  }
  if (!long_ones.empty()) {
    stats_.leases_renewed.fetch_add(long_ones.size(), std::memory_order_relaxed);
    auto renewing = ports_.leases->renew(std::move(long_ones));
    const Status renewed = co_await std::move(renewing);
    static_cast<void>(renewed);  // else others drive them as well, and neither does harm
  }
}

// What the sweep is to look at: every open order, or those whose node drives them no more.
Task<Result<std::vector<Order>>> OrderService::not_driven(std::optional<OrderId> after) {
  if (ports_.leases == nullptr) return ports_.orders.open_orders(after, policy_.sweep_page);
  return ports_.leases->take_over(after, policy_.sweep_page);
}

}  // namespace onsale
