// Reading orders, resetting an event, and the service's beginning and end.
#include "services/order/order_service.hpp"

#include <utility>

namespace onsale {

OrderService::OrderService(OrderPorts ports, OrderPolicy policy) : ports_(ports), policy_(policy) {}
OrderService::~OrderService() = default;

void OrderService::start() {
  group_.spawn(sweep_until_stopped());
  group_.spawn(purge_until_stopped());
  if (ports_.leases != nullptr) group_.spawn(keep_leases());
}

void OrderService::stop() {
  stopped_.store(true, std::memory_order_release);
  group_.close();
}

Task<Result<Order>> OrderService::find(BuyerId buyer, OrderId id) {
  Task<Result<Order>> finding = ports_.orders.find(id);
  Result<Order> found = co_await std::move(finding);
  if (found && found->buyer != buyer) co_return Code::order_not_found;
  co_return found;
}

Task<Result<OrderPage>> OrderService::list(BuyerId buyer, std::optional<OrderId> after,
                                           std::size_t max) {
  return ports_.orders.list(buyer, after, max);
}

TraceId OrderService::trace_of(OrderId id) {
  {
    const Lock lock(driving_mutex_);
    const auto driven = driving_.find(id);
    if (driven != driving_.end()) return driven->second.trace;
  }
  const Lock lock(placing_mutex_);
  const auto pinned = pinning_.find(id);
  return pinned == pinning_.end() ? TraceId{} : pinned->second;
}

Task<Result<AuthoriseOutcome>> OrderService::authorise(OrderId id) {
  Task<Result<Order>> finding = ports_.orders.find(id);
  Result<Order> found = co_await std::move(finding);
  if (!found) co_return found.error();
  switch (found->status) {
    case order::Status::authorised:
    case order::Status::confirmed:
      co_return AuthoriseOutcome::authorised;
    case order::Status::cancelling:
    case order::Status::cancelled:
      co_return AuthoriseOutcome::declined;
    case order::Status::created:
      break;
  }
  PaymentAttempt attempt{found->attempt, found->id, found->total, found->currency, found->trace_id};
  Task<AuthoriseOutcome> asking = ports_.payments.authorise(std::move(attempt), found->pay_by);
  const AuthoriseOutcome outcome = co_await std::move(asking);
  co_return outcome;
}

Task<Status> OrderService::reset_event(EventId event) {
  auto cancelling = ports_.orders.cancel_all(event, ports_.clock.now());
  Result<std::vector<Order>> cancelled = co_await std::move(cancelling);
  if (!cancelled) co_return cancelled.error();
  Task<Status> resetting = ports_.ledger_admin.reset(event);
  const Status reset = co_await std::move(resetting);
  // Their decision is durable: money goes back even if the seats have to be reset again. What
  // another node drives it goes on with; what was at its end is nobody's and found by the sweep.
  if (ports_.leases == nullptr) {
    for (Order& order : *cancelled) drive_soon(std::move(order));
  } else {
    const Lock lock(driving_mutex_);
    left_behind_ = true;
  }
  co_return reset;
}

}  // namespace onsale
