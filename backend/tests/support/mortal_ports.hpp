// Ports that die: between the services under test and what is durable. Every call counts as two
// steps, one before its effect and one after; at the step told, the office dies: that call and every
// later one answer `unavailable`, with no effect from then on. What the office did before stays.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>

#include "ports/payment_gateway.hpp"
#include "runtime/scheduler.hpp"
#include "tests/support/forwarding_ports.hpp"

namespace onsale {

struct Mortality {
  std::uint64_t dies_at = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t steps = 0;
  bool dead = false;

  // True while the office lives.
  bool step() {
    if (!dead && ++steps >= dies_at) dead = true;
    return !dead;
  }
};

namespace detail {

// A moment before, the deed, a moment after.
template <typename Answer, typename Port, typename Deed>
Task<Answer> mortally(Mortality& life, Port& port, Deed deed, Answer when_dead) {
  co_await Scheduler::current()->sleep_for(Milliseconds{1});
  if (!life.step()) co_return when_dead;
  Task<Answer> doing = deed(port);
  Answer answer = co_await std::move(doing);
  if (!life.step()) co_return when_dead;
  co_return answer;
}

}  // namespace detail

class MortalOrders final : public ForwardingOrders, public ForwardingOutbox, public Inbox {
 public:
  template <typename Store>
  MortalOrders(Mortality& life, Store& store)
      : ForwardingOrders(store), ForwardingOutbox(store), life_(life), inbox_(store) {}

  Task<Result<PlaceOutcome>> place(PlaceOrder command) override {
    auto deed = [command](OrderStore& to) { return to.place(command); };
    return detail::mortally(life_, orders_, std::move(deed), away<PlaceOutcome>());
  }
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override {
    auto deed = [command](OrderStore& to) { return to.advance(command); };
    return detail::mortally(life_, orders_, std::move(deed), away<AdvanceOutcome>());
  }
  Task<Result<std::vector<Order>>> cancel_all(EventId event, Instant at) override {
    auto deed = [event, at](OrderStore& to) { return to.cancel_all(event, at); };
    return detail::mortally(life_, orders_, std::move(deed), away<std::vector<Order>>());
  }

  Task<Status> mark_sent(std::vector<MessageId> ids) override {
    auto deed = [ids](Outbox& to) { return to.mark_sent(ids); };
    return detail::mortally(life_, outbox_, std::move(deed), Status(Code::unavailable));
  }
  Task<Result<bool>> seen(std::string consumer, MessageId id) override {
    return inbox_.seen(std::move(consumer), id);
  }
  Task<Status> record(std::string consumer, std::vector<MessageId> ids) override {
    auto deed = [consumer, ids](Inbox& to) { return to.record(consumer, ids); };
    return detail::mortally(life_, inbox_, std::move(deed), Status(Code::unavailable));
  }

 private:
  template <typename T>
  static Result<T> away() {
    return Code::unavailable;
  }
  Mortality& life_;
  Inbox& inbox_;
};

class MortalLedger final : public ForwardingLedger {
 public:
  MortalLedger(Mortality& life, SeatLedger& ledger) : ForwardingLedger(ledger), life_(life) {}

  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override {
    auto deed = [=](SeatLedger& to) { return to.pin(event, seats, buyer, order, deadline); };
    LedgerAnswer<PinGranted> away(Code::unavailable);
    return detail::mortally(life_, ledger_, std::move(deed), std::move(away));
  }
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override {
    auto deed = [=](SeatLedger& to) { return to.settle(event, seats, order, settlement); };
    LedgerAnswer<Version> away(Code::unavailable);
    return detail::mortally(life_, ledger_, std::move(deed), std::move(away));
  }

 private:
  Mortality& life_;
};

class MortalGateway final : public PaymentGateway {
 public:
  MortalGateway(Mortality& life, PaymentGateway& gateway) : life_(life), gateway_(gateway) {}

  Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) override {
    auto deed = [=](PaymentGateway& to) { return to.authorise(attempt, deadline); };
    return detail::mortally(life_, gateway_, std::move(deed), PaymentAnswer::unknown);
  }
  Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) override {
    auto deed = [=](PaymentGateway& to) { return to.capture(attempt, deadline); };
    return detail::mortally(life_, gateway_, std::move(deed), PaymentAnswer::unknown);
  }
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) override {
    auto deed = [=](PaymentGateway& to) { return to.void_authorisation(attempt, deadline); };
    return detail::mortally(life_, gateway_, std::move(deed), PaymentAnswer::unknown);
  }
  Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) override {
    auto deed = [=](PaymentGateway& to) { return to.lookup(attempt, deadline); };
    return detail::mortally(life_, gateway_, std::move(deed), AttemptState::unknown);
  }

 private:
  Mortality& life_;
  PaymentGateway& gateway_;
};

}  // namespace onsale
