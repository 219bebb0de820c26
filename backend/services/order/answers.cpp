// The saga by events: what the reservation side answers drives an order on.
//
// Nobody waits for the answer in memory. An order that wants its seats settled stands in the store as
// AUTHORISED or CANCELLING, its wish in the outbox; the answer, on whichever node it arrives, finds it
// there and takes the next step. The event is acknowledged only after that step is written, so a node
// that dies in between is no loss. An answer that comes twice, late or out of turn meets an order that
// does not wait for it, and changes nothing. What stays without an answer is found by the sweep and
// asked for again, under a new message id: the settlement of seats may be repeated.
#include <utility>

#include "services/order/order_service.hpp"

namespace onsale {

void OrderService::subscribe_to(EventBus& bus) {
  bus.subscribe("order", std::string(topic_of(MessageType::seats_sold)),
                [this](Message message) { return on_seats_answered(std::move(message)); });
}

Task<Status> OrderService::on_seats_answered(Message message) {
  const bool sold = message.type == MessageType::seats_sold;
  if (!sold && message.type != MessageType::seats_released) co_return ok();
  if (stopped()) co_return Code::unavailable;
  // It has settled the seats itself already, and the sweep knows it if this node dies.
  if (policy_.fast_path && is_driven_here(message.order)) co_return ok();

  Task<Result<Order>> finding = ports_.orders.find(message.order);
  Result<Order> found = co_await std::move(finding);
  if (!found) co_return found.error();
  Order order = std::move(*found);
  if (order::is_final(order.status)) co_return ok();
  if (policy_.fast_path) {
    // Whoever has its lease settles the seats itself, or its lease lapses and the sweep finds it.
    Task<Result<bool>> asking = is_ours(order.id);
    const Result<bool> ours = co_await std::move(asking);
    if (!ours) co_return ours.error();
    if (!*ours) co_return ok();
  }
  Step moved = Step::taken;
  if (order.status == order::Status::authorised && sold) {
    moved = co_await finish_sale(order);
  } else if (order.status == order::Status::authorised) {
    moved = co_await decide_not_to_sell(order, order::Reason::seats_lost);
  } else if (order.status == order::Status::cancelling && !sold) {
    moved = co_await finish_cancelling(order);
  }
  if (moved == Step::not_yet) co_return Code::unavailable;
  co_return ok();
}

bool OrderService::waits_for_answer(const Order& order) const {
  if (policy_.fast_path) return false;
  return order.status == order::Status::authorised || order.status == order::Status::cancelling;
}

// Of a reset nobody has told the reservation side by event.
bool OrderService::answer_overdue(const Order& order) const {
  return order.reason == order::Reason::event_reset ||
         ports_.clock.now() - order.updated_at >= policy_.answer_wait;
}

bool OrderService::is_driven_here(OrderId id) {
  const Lock lock(driving_mutex_);
  return driving_.contains(id);
}

// Not by the outbox: there it has been sent. If this one gets lost the next sweep asks again.
Task<void> OrderService::ask_for_seats(Order order) {
  const bool sell = order.status == order::Status::authorised;
  const MessageType type = sell ? MessageType::payment_success : MessageType::payment_failed;
  std::vector<Message> messages{message_of(order, type, order.reason, ports_.clock.now())};
  Task<Status> publishing = ports_.asks->publish(std::move(messages));
  const Status published = co_await std::move(publishing);
  if (published) stats_.asked_again.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace onsale
