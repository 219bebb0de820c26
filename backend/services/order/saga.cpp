// The saga: what happens to an order after it was placed.
//
//   CREATED     ask payment to authorise; write down what it said
//   AUTHORISED  sell the pinned seats (fenced), capture the money, then write CONFIRMED
//   CANCELLING  give the seats back, void (or refund) the money, then write CANCELLED
//
// Each arrow is one conditional write; each step before it may be repeated without harm: payment
// knows the attempt, the ledger knows the order. So a step that could not be finished is simply taken
// again, by this process or the next. Money moves for good only after the seats are SOLD, CONFIRMED
// is written only after the money has moved, and once CANCELLING is written nothing is ever sold.
//
// Without the fast path an order that is AUTHORISED or CANCELLING is let go of here: the event that
// tells of its seats drives it on (services/order/answers.cpp).
#include <utility>

#include "services/order/order_service.hpp"

namespace onsale {
namespace {

PaymentAttempt attempt_of(const Order& order) {
  return {order.attempt, order.id, order.total, order.currency};
}

}  // namespace

// no_room: the sweep will find it when there is.
OrderService::Drive OrderService::drive_soon(Order order) {
  const OrderId id = order.id;
  {
    const Lock lock(driving_mutex_);
    if (stopped() || driving_.contains(id)) return Drive::driven_already;
    if (running_ >= policy_.sagas_max) {
      if (queued_.size() >= policy_.sagas_queued_max) {
        left_behind_ = true;
        return Drive::no_room;
      }
      driving_.insert(id);
      queued_.push_back(id);
      stats_.sagas_queued.store(queued_.size(), std::memory_order_relaxed);
      return Drive::taken;
    }
    driving_.insert(id);
    stats_.sagas_in_flight.store(++running_, std::memory_order_relaxed);
  }
  if (group_.spawn(drive_in_turn(std::move(order)))) return Drive::taken;
  next_after(id);
  return Drive::driven_already;
}

// Which order to drive in the place of the one that ended.
std::optional<OrderId> OrderService::next_after(OrderId ended) {
  const Lock lock(driving_mutex_);
  driving_.erase(ended);
  if (stopped() || queued_.empty()) {
    stats_.sagas_in_flight.store(--running_, std::memory_order_relaxed);
    return std::nullopt;
  }
  const OrderId next = queued_.front();
  queued_.pop_front();
  stats_.sagas_queued.store(queued_.size(), std::memory_order_relaxed);
  return next;
}

Task<void> OrderService::drive_in_turn(Order order) {
  std::optional<OrderId> id = order.id;
  co_await drive(std::move(order));
  while ((id = next_after(*id))) {
    Task<Result<Order>> finding = ports_.orders.find(*id);
    const Result<Order> found = co_await std::move(finding);
    if (found) co_await drive(*found);
  }
}

Task<void> OrderService::drive(Order order) {
  std::uint32_t failures_in_a_row = 0;
  while (!order::is_final(order.status) && !stopped()) {
    if (waits_for_answer(order)) {
      if (!answer_overdue(order)) co_return;
      if (ports_.asks != nullptr) {
        Task<void> asking = ask_for_seats(std::move(order));
        co_await std::move(asking);
        co_return;
      }
    }
    const bool moved = co_await step(order);
    if (moved) {
      failures_in_a_row = 0;
      continue;
    }
    stats_.step_retries.fetch_add(1, std::memory_order_relaxed);
    co_await sleep_unless_stopped(payment::wait_before_retry(policy_.retry, failures_in_a_row++,
                                                             ports_.ids.random_bits().lo));
  }
}

// True: the order has moved on (by us or by another); false: try again later.
Task<bool> OrderService::step(Order& order) {
  switch (order.status) {
    case order::Status::created:
      return authorise_step(order);
    case order::Status::authorised:
      return sell_step(order);
    case order::Status::cancelling:
      return cancel_step(order);
    case order::Status::confirmed:
    case order::Status::cancelled:
      return true;
  }
  return true;
}

Task<bool> OrderService::authorise_step(Order& order) {
  PaymentAttempt attempt = attempt_of(order);
  Task<AuthoriseOutcome> asking = ports_.payments.authorise(std::move(attempt), order.pay_by);
  const AuthoriseOutcome outcome = co_await std::move(asking);
  if (stopped()) co_return false;
  const bool late = ports_.clock.now() >= order.pay_by;
  switch (outcome) {
    case AuthoriseOutcome::authorised: {
      if (late) co_return co_await decide_not_to_sell(order, order::Reason::payment_too_late);
      AdvanceOrder command = transition(order, order::Status::authorised);
      command.messages.push_back(
          message_of(order, MessageType::payment_success, order::Reason::none, command.at));
      co_return co_await advance(order, std::move(command));
    }
    case AuthoriseOutcome::declined:
      co_return co_await decide_not_to_sell(order, order::Reason::payment_declined);
    case AuthoriseOutcome::unknown:
      if (!late) co_return false;
      co_return co_await decide_not_to_sell(order, order::Reason::payment_too_late);
    case AuthoriseOutcome::unavailable:
      if (!late) co_return false;
      co_return co_await decide_not_to_sell(order, order::Reason::payment_unavailable);
  }
  co_return false;
}

Task<bool> OrderService::sell_step(Order& order) {
  Task<LedgerAnswer<Version>> selling =
      ports_.ledger.settle(order.event, order.seats, order.id, Settlement::sell);
  const LedgerAnswer<Version> sold = co_await std::move(selling);
  if (!sold.granted()) {
    if (sold.refused().code == Code::unavailable) co_return false;
    co_return co_await decide_not_to_sell(order, order::Reason::seats_lost);
  }
  if (stopped()) co_return false;
  co_return co_await finish_sale(order, sold.value());
}

// The seats are SOLD to the order, at that version of the ledger; unless the ledger forgets it before
// the order is CONFIRMED, and is rebuilt from an order that was not: then they are sold again.
Task<bool> OrderService::finish_sale(Order& order, Version sold) {
  PaymentAttempt attempt = attempt_of(order);
  Task<PaymentAnswer> capturing = ports_.payments.capture(std::move(attempt));
  const PaymentAnswer captured = co_await std::move(capturing);
  if (captured == PaymentAnswer::unknown) co_return false;
  if (captured == PaymentAnswer::declined) {
    co_return co_await decide_not_to_sell(order, order::Reason::payment_declined);
  }

  AdvanceOrder command = transition(order, order::Status::confirmed);
  command.event = order.event;
  command.sold_epoch = sold.epoch();
  for (const SeatId seat : order.seats) {
    command.tickets.push_back({TicketId{ports_.ids.random_bits()}, seat});
  }
  if (policy_.announce_seats) {
    command.messages.push_back(
        message_of(order, MessageType::seats_sold, order::Reason::none, command.at));
  }
  command.messages.push_back(
      message_of(order, MessageType::order_confirmed, order::Reason::none, command.at));
  co_return co_await advance(order, std::move(command));
}

// The decision is durable before a seat or a coin is given back.
Task<bool> OrderService::decide_not_to_sell(Order& order, order::Reason reason) {
  AdvanceOrder command = transition(order, order::Status::cancelling);
  command.reason = reason;
  command.messages.push_back(message_of(order, MessageType::payment_failed, reason, command.at));
  co_return co_await advance(order, std::move(command));
}

Task<bool> OrderService::cancel_step(Order& order) {
  // Seats first: no claim in the store holds them any more, and a provider that is away must not
  // keep others from them. What has moved on to another order stays untouched (fenced).
  Task<LedgerAnswer<Version>> releasing =
      ports_.ledger.settle(order.event, order.seats, order.id, Settlement::give_back);
  const LedgerAnswer<Version> released = co_await std::move(releasing);
  if (!released.granted() && released.refused().code == Code::unavailable) co_return false;
  if (stopped()) co_return false;
  co_return co_await finish_cancelling(order);
}

// No seat is the order's any more.
Task<bool> OrderService::finish_cancelling(Order& order) {
  PaymentAttempt attempt = attempt_of(order);
  Task<PaymentAnswer> voiding = ports_.payments.void_authorisation(std::move(attempt));
  const PaymentAnswer voided = co_await std::move(voiding);
  if (voided != PaymentAnswer::done) co_return false;

  AdvanceOrder command = transition(order, order::Status::cancelled);
  if (policy_.announce_seats) {
    command.messages.push_back(
        message_of(order, MessageType::seats_released, order.reason, command.at));
  }
  command.messages.push_back(
      message_of(order, MessageType::order_cancelled, order.reason, command.at));
  co_return co_await advance(order, std::move(command));
}

// Writes the command; `order` becomes what is in the store then.
Task<bool> OrderService::advance(Order& order, AdvanceOrder command) {
  Order advanced = order;
  advanced.status = command.to;
  if (command.reason != order::Reason::none) advanced.reason = command.reason;
  advanced.updated_at = command.at;
  advanced.tickets = command.tickets;
  ++advanced.version;

  auto writing = ports_.orders.advance(std::move(command));
  const Result<AdvanceOutcome> outcome = co_await std::move(writing);
  if (!outcome) co_return false;
  if (*outcome == AdvanceOutcome::conflict) {
    Task<Result<Order>> finding = ports_.orders.find(order.id);
    Result<Order> found = co_await std::move(finding);
    if (!found) co_return false;
    const bool changed = found->version != order.version;
    order = std::move(*found);
    co_return changed;
  }
  order = std::move(advanced);
  if (order.status == order::Status::confirmed) {
    stats_.confirmed.fetch_add(1, std::memory_order_relaxed);
  } else if (order.status == order::Status::cancelled) {
    stats_.cancelled[static_cast<std::size_t>(order.reason)].fetch_add(1,
                                                                       std::memory_order_relaxed);
  }
  co_return true;
}

AdvanceOrder OrderService::transition(const Order& order, order::Status to) {
  AdvanceOrder command;
  command.id = order.id;
  command.expected_version = order.version;
  command.to = to;
  command.at = ports_.clock.now();
  return command;
}

Message OrderService::message_of(const Order& order, MessageType type, order::Reason reason,
                                 Instant at) {
  Message message;
  message.id = MessageId{uuid_v7(at, ports_.ids.random_bits())};
  message.type = type;
  message.order = order.id;
  message.event = order.event;
  message.seats = order.seats;
  message.buyer = order.buyer;
  message.total = order.total;
  message.currency = order.currency;
  message.reason = reason;
  message.at = at;
  message.trace_id = order.trace_id;
  return message;
}

}  // namespace onsale
