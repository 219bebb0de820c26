// Orders in maps.
#include "adapters/memory/orders.hpp"

#include <algorithm>

namespace onsale {

Task<Result<PlaceOutcome>> MemoryOrders::place(PlaceOrder command) {
  {
    const Lock lock(mutex_);
    const Scope scope{command.scope.buyer, command.scope.route, command.scope.key};
    if (answers_.contains(scope)) return Result(PlaceOutcome::key_taken);
    const Order& order = command.order;
    for (const SeatId seat : order.seats) {
      if (claims_.contains({order.event, seat})) return Result(PlaceOutcome::seat_claimed);
    }
    answers_.emplace(scope, std::move(command.answer));
    for (const SeatId seat : order.seats) claims_.emplace(std::pair{order.event, seat}, order.id);
    orders_.emplace(order.id, order);
    add_messages(std::move(command.messages));
  }
  wake();
  return Result(PlaceOutcome::placed);
}

Task<Result<AdvanceOutcome>> MemoryOrders::advance(AdvanceOrder command) {
  {
    const Lock lock(mutex_);
    const auto found = orders_.find(command.id);
    if (found == orders_.end() || found->second.version != command.expected_version ||
        !order::may_become(found->second.status, command.to)) {
      return Result(AdvanceOutcome::conflict);
    }
    Order& order = found->second;
    order.status = command.to;
    if (command.reason != order::Reason::none) order.reason = command.reason;
    order.updated_at = command.at;
    order.tickets = std::move(command.tickets);
    ++order.version;
    if (order.status == order::Status::cancelling) drop_claims(order);
    add_messages(std::move(command.messages));
  }
  wake();
  return Result(AdvanceOutcome::advanced);
}

Task<Result<Order>> MemoryOrders::find(OrderId id) {
  const Lock lock(mutex_);
  const auto found = orders_.find(id);
  if (found == orders_.end()) return Result<Order>(Code::order_not_found);
  return Result<Order>(found->second);
}

Task<Result<std::optional<StoredAnswer>>> MemoryOrders::find_answer(IdempotencyScope scope) {
  const Lock lock(mutex_);
  std::optional<StoredAnswer> answer;
  const auto found = answers_.find(Scope{scope.buyer, scope.route, scope.key});
  if (found != answers_.end()) answer = found->second;
  return Result(std::move(answer));
}

Task<Result<OrderPage>> MemoryOrders::list(BuyerId buyer, std::optional<OrderId> after,
                                           std::size_t max) {
  const Lock lock(mutex_);
  OrderPage page;
  for (auto it = orders_.rbegin(); it != orders_.rend(); ++it) {
    if (it->second.buyer != buyer || (after && it->first >= *after)) continue;
    if (page.orders.size() == max) {
      if (max > 0) page.next = page.orders.back().id;
      break;
    }
    page.orders.push_back(it->second);
  }
  return Result(std::move(page));
}

Task<Result<std::vector<Order>>> MemoryOrders::open_orders(std::optional<OrderId> after,
                                                           std::size_t max) {
  const Lock lock(mutex_);
  std::vector<Order> open;
  auto it = after ? orders_.upper_bound(*after) : orders_.begin();
  for (; it != orders_.end() && open.size() < max; ++it) {
    if (!order::is_final(it->second.status)) open.push_back(it->second);
  }
  return Result(std::move(open));
}

Task<Result<std::vector<SeatClaim>>> MemoryOrders::claims() {
  const Lock lock(mutex_);
  std::vector<SeatClaim> claims;
  for (const auto& [place, id] : claims_) {
    const Order& order = orders_.at(id);
    claims.push_back(
        {place.first, place.second, id, order.buyer, order.status == order::Status::confirmed});
  }
  return Result(std::move(claims));
}

Task<Result<std::size_t>> MemoryOrders::purge_answers(Instant before, std::size_t max) {
  const Lock lock(mutex_);
  std::size_t gone = 0;
  for (auto it = answers_.begin(); it != answers_.end() && gone < max;) {
    if (it->second.stored_at < before) {
      it = answers_.erase(it);
      ++gone;
    } else {
      ++it;
    }
  }
  return Result(gone);
}

Task<Result<std::vector<Order>>> MemoryOrders::cancel_all(EventId event, Instant at) {
  const Lock lock(mutex_);
  std::vector<Order> cancelled;
  for (auto& [id, order] : orders_) {
    if (order.event != event || order.status == order::Status::cancelled) continue;
    if (order.status != order::Status::cancelling) {
      order.status = order::Status::cancelling;
      order.reason = order::Reason::event_reset;
      order.updated_at = at;
      order.tickets.clear();
      ++order.version;
      drop_claims(order);
    }
    cancelled.push_back(order);
  }
  return Result(std::move(cancelled));
}

Task<Result<std::vector<Message>>> MemoryOrders::pending(std::size_t max) {
  const Lock lock(mutex_);
  const auto count = static_cast<std::ptrdiff_t>(std::min(max, unsent_.size()));
  return Result(std::vector<Message>(unsent_.begin(), unsent_.begin() + count));
}

Task<Status> MemoryOrders::mark_sent(std::vector<MessageId> ids) {
  const Lock lock(mutex_);
  const std::set<MessageId> sent(ids.begin(), ids.end());
  std::erase_if(unsent_, [&sent](const Message& message) { return sent.contains(message.id); });
  return ok();
}

Task<Result<OutboxBacklog>> MemoryOrders::backlog() {
  const Lock lock(mutex_);
  OutboxBacklog backlog{unsent_.size(), {}};
  if (!unsent_.empty()) backlog.oldest = unsent_.front().at;
  return Result(backlog);
}

void MemoryOrders::on_commit(std::function<void()> wake) {
  const Lock lock(mutex_);
  wake_ = std::move(wake);
}

Task<Result<bool>> MemoryOrders::seen(std::string consumer, MessageId id) {
  const Lock lock(mutex_);
  return Result(inbox_.contains({std::move(consumer), id}));
}

Task<Status> MemoryOrders::record(std::string consumer, std::vector<MessageId> ids) {
  const Lock lock(mutex_);
  for (const MessageId id : ids) inbox_.emplace(consumer, id);
  return ok();
}

void MemoryOrders::drop_claims(const Order& order) {
  for (const SeatId seat : order.seats) {
    const auto found = claims_.find({order.event, seat});
    if (found != claims_.end() && found->second == order.id) claims_.erase(found);
  }
}

void MemoryOrders::add_messages(std::vector<Message> messages) {
  for (Message& message : messages) unsent_.push_back(std::move(message));
}

void MemoryOrders::wake() {
  std::function<void()> wake;
  {
    const Lock lock(mutex_);
    wake = wake_;
  }
  if (wake) wake();
}

}  // namespace onsale
