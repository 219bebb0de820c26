// OutcomeConsumer: reservation hears from the bus how a payment ended and applies it to the seats.
// The saga makes the same transition by a direct call; either suffices, because both are fenced by
// the order and change nothing the second time. The inbox remembers what has taken effect.
//
// PAYMENT_SUCCESS -> sell; PAYMENT_FAILED, ORDER_CANCELLED -> give back. ORDER_CONFIRMED -> sell once
// more, without the inbox: a ledger that lost its memory between the sale and the confirmation was
// rebuilt from an order that was not CONFIRMED yet, so the seat is only pinned in it. A seat that has moved on is
// none of this message's business any more: that is success. Only a ledger or inbox that is away is
// a failure, and the bus brings the message again. Thread-safe.
//
// With a bus for answers it tells what became of the seats, after the effect and before the message
// counts as seen: SEATS_SOLD; SEATS_RELEASED, also where a sale came too late (reason SEATS_LOST). An
// answer's id is made from its question's, so that a repetition is known as one.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "ports/event_bus.hpp"
#include "ports/outbox.hpp"
#include "ports/seat_ledger.hpp"
#include "runtime/task.hpp"

namespace onsale {

class OutcomeConsumer {
 public:
  static constexpr std::string_view kName = "reservation";

  OutcomeConsumer(SeatLedger& ledger, Inbox& inbox, EventBus* answers = nullptr)
      : ledger_(ledger), inbox_(inbox), answers_(answers) {}
  // The bus must not outlive this object.
  void subscribe_to(EventBus& bus);
  Task<Status> handle(Message message);

  [[nodiscard]] std::uint64_t applied() const { return applied_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t repeated() const { return repeated_.load(std::memory_order_relaxed); }

 private:
  Task<Status> sell_what_is_confirmed(Message message);

  SeatLedger& ledger_;
  Inbox& inbox_;
  EventBus* answers_;
  std::atomic<std::uint64_t> applied_{0};
  std::atomic<std::uint64_t> repeated_{0};
};

}  // namespace onsale
