// The wrong parts. Each is as small as the mistake it stands for.
#include "tests/simulation/planted.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "tests/support/forwarding_ports.hpp"

namespace onsale::simulation {

std::string_view name_of(PlantedBug bug) {
  switch (bug) {
    case PlantedBug::none:
      return "none";
    case PlantedBug::check_and_hold_in_two_calls:
      return "check_and_hold_in_two_calls";
    case PlantedBug::hold_dropped_before_the_sale:
      return "hold_dropped_before_the_sale";
    case PlantedBug::release_without_owner:
      return "release_without_owner";
    case PlantedBug::extend_without_owner:
      return "extend_without_owner";
    case PlantedBug::order_without_a_live_hold:
      return "order_without_a_live_hold";
    case PlantedBug::payment_accepted_after_expiry:
      return "payment_accepted_after_expiry";
    case PlantedBug::sent_before_acknowledged:
      return "sent_before_acknowledged";
    case PlantedBug::consumer_that_swallows:
      return "consumer_that_swallows";
    case PlantedBug::id_greater_than_last:
      return "id_greater_than_last";
    case PlantedBug::no_message_key:
      return "no_message_key";
    case PlantedBug::stream_ids_from_the_clock:
      return "stream_ids_from_the_clock";
    case PlantedBug::map_read_under_another_key:
      return "map_read_under_another_key";
    case PlantedBug::expiry_that_tells_nobody:
      return "expiry_that_tells_nobody";
    case PlantedBug::new_attempt_for_each_try:
      return "new_attempt_for_each_try";
    case PlantedBug::captured_before_sold:
      return "captured_before_sold";
    case PlantedBug::confirmed_without_capture:
      return "confirmed_without_capture";
    case PlantedBug::answer_not_stored:
      return "answer_not_stored";
    case PlantedBug::restart_without_the_orders:
      return "restart_without_the_orders";
    case PlantedBug::journal_never_flushed:
      return "journal_never_flushed";
    case PlantedBug::seat_limit_outside_the_step:
      return "seat_limit_outside_the_step";
  }
  return "";
}

namespace {

// Remembers who was granted what, as a careless ledger keeps "the holder" beside the seat.
class WrongLedger final : public ForwardingLedger {
 public:
  WrongLedger(PlantedBug bug, SeatLedger& right, const Clock& clock, Scheduler& loop)
      : ForwardingLedger(right), bug_(bug), clock_(clock), loop_(loop) {}

  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    if (bug_ == PlantedBug::check_and_hold_in_two_calls) return check_then_hold(std::move(request));
    if (bug_ == PlantedBug::seat_limit_outside_the_step) return count_then_hold(std::move(request));
    return remember(std::move(request));
  }
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                     Milliseconds by) override {
    return ledger_.extend(
        event, seat, bug_ == PlantedBug::extend_without_owner ? holder(seat, buyer) : buyer, by);
  }
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override {
    return ledger_.release(event, seat,
                           bug_ == PlantedBug::release_without_owner ? holder(seat, buyer) : buyer);
  }
  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override {
    switch (bug_) {
      case PlantedBug::order_without_a_live_hold: {
        LedgerAnswer<PinGranted> pinned =
            co_await ledger_.pin(event, seats, buyer, order, deadline);
        if (pinned.granted() || pinned.refused().code != Code::reservation_expired)
          co_return pinned;
        HoldRequest request{event, seats, buyer, Milliseconds{5000}, Milliseconds{60'000}, 16};
        LedgerAnswer<HoldGranted> held = co_await ledger_.hold(request);
        if (!held.granted()) co_return held.refused();
        co_return co_await ledger_.pin(event, seats, buyer, order, deadline);
      }
      case PlantedBug::payment_accepted_after_expiry:
        co_return co_await ledger_.pin(event, seats, buyer, order, clock_.now() + Milliseconds{60});
      case PlantedBug::hold_dropped_before_the_sale: {
        LedgerAnswer<PinGranted> pinned =
            co_await ledger_.pin(event, seats, buyer, order, deadline);
        if (pinned.granted()) {
          buyers_[order] = buyer;
          co_await ledger_.settle(event, seats, order, Settlement::give_back);
        }
        co_return pinned;
      }
      default:
        co_return co_await ledger_.pin(event, seats, buyer, order, deadline);
    }
  }
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override {
    if (settlement == Settlement::sell) {
      if (bug_ == PlantedBug::captured_before_sold) co_return Version{};  // "will be told later"
      if (bug_ == PlantedBug::hold_dropped_before_the_sale && buyers_.contains(order)) {
        HoldRequest request{event, seats, buyers_[order], Milliseconds{5000}, Milliseconds{60'000},
                            16};
        LedgerAnswer<HoldGranted> held = co_await ledger_.hold(request);
        if (held.granted()) {
          co_await ledger_.pin(event, seats, request.buyer, order,
                               clock_.now() + Milliseconds{5000});
        }
      }
    }
    LedgerAnswer<Version> settled = co_await ledger_.settle(event, seats, order, settlement);
    if (!settled.granted() && settlement == Settlement::sell &&
        bug_ == PlantedBug::payment_accepted_after_expiry) {
      co_return Version{};  // paid is paid
    }
    co_return settled;
  }

 private:
  BuyerId holder(SeatId seat, BuyerId otherwise) const {
    const auto found = holders_.find(seat);
    return found == holders_.end() ? otherwise : found->second;
  }
  Task<LedgerAnswer<HoldGranted>> remember(HoldRequest request) {
    LedgerAnswer<HoldGranted> answer = co_await ledger_.hold(request);
    if (answer.granted()) {
      for (const SeatId seat : request.seats) holders_[seat] = request.buyer;
    }
    co_return answer;
  }
  // Is it free? … then it is yours: whoever came in between loses it.
  Task<LedgerAnswer<HoldGranted>> check_then_hold(HoldRequest request) {
    LedgerAnswer<HoldGranted> first = co_await ledger_.hold(request);
    if (!first.granted()) co_return first;
    for (const SeatId seat : request.seats) {
      co_await ledger_.release(request.event, seat, request.buyer);  // it was only a look
    }
    co_await loop_.sleep_for(Milliseconds{2});
    for (const SeatId seat : request.seats) {
      co_await ledger_.release(request.event, seat, holder(seat, request.buyer));
    }
    co_return co_await remember(std::move(request));
  }
  Task<LedgerAnswer<HoldGranted>> count_then_hold(HoldRequest request) {
    Result<BuyerHolds> mine = co_await ledger_.holds_of(request.event, request.buyer);
    if (mine && mine->holds.size() + request.seats.size() > request.seats_per_buyer_max) {
      co_return Refused{Code::limit_exceeded, {}};
    }
    request.seats_per_buyer_max = 16;  // counted already; sold seats were forgotten
    co_return co_await remember(std::move(request));
  }

  const PlantedBug bug_;
  const Clock& clock_;
  Scheduler& loop_;
  std::map<SeatId, BuyerId> holders_;
  std::map<OrderId, BuyerId> buyers_;
};

class WrongOrders final : public ForwardingOrders {
 public:
  using ForwardingOrders::ForwardingOrders;
  // The answer is kept under a name that nobody will ask for.
  Task<Result<PlaceOutcome>> place(PlaceOrder command) override {
    command.scope.key = command.order.id.to_string();
    return orders_.place(std::move(command));
  }
};

class WrongOutbox final : public ForwardingOutbox {
 public:
  WrongOutbox(PlantedBug bug, Outbox& right) : ForwardingOutbox(right), bug_(bug) {}
  Task<Result<std::vector<Message>>> pending(std::size_t max) override {
    Result<std::vector<Message>> found = co_await outbox_.pending(max);
    if (!found) co_return found;
    switch (bug_) {
      case PlantedBug::sent_before_acknowledged: {
        std::vector<MessageId> ids;
        for (const Message& message : *found) ids.push_back(message.id);
        Status marked = co_await outbox_.mark_sent(std::move(ids));
        if (!marked) co_return marked.error();
        break;
      }
      case PlantedBug::id_greater_than_last: {
        const MessageId last = last_;
        std::erase_if(*found, [&](const Message& message) { return message.id <= last; });
        for (const Message& message : *found) last_ = std::max(last_, message.id);
        break;
      }
      case PlantedBug::no_message_key:
        std::ranges::reverse(*found);
        break;
      default:
        break;
    }
    co_return found;
  }

 private:
  const PlantedBug bug_;
  MessageId last_;
};

class WrongGateway final : public PaymentGateway {
 public:
  WrongGateway(PlantedBug bug, PaymentGateway& right, IdSource& ids)
      : bug_(bug), right_(right), ids_(ids) {}
  Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) override {
    if (bug_ == PlantedBug::new_attempt_for_each_try) {
      latest_[attempt.id] = AttemptId{ids_.random_bits()};
      attempt.id = latest_[attempt.id];
    }
    co_return co_await right_.authorise(std::move(attempt), deadline);
  }
  Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) override {
    if (bug_ == PlantedBug::confirmed_without_capture) return PaymentAnswer::done;
    attempt.id = present(attempt.id);
    return right_.capture(std::move(attempt), deadline);
  }
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) override {
    attempt.id = present(attempt.id);
    return right_.void_authorisation(std::move(attempt), deadline);
  }
  Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) override {
    return right_.lookup(present(attempt), deadline);
  }

 private:
  AttemptId present(AttemptId attempt) const {
    const auto found = latest_.find(attempt);
    return found == latest_.end() ? attempt : found->second;
  }
  const PlantedBug bug_;
  PaymentGateway& right_;
  IdSource& ids_;
  std::map<AttemptId, AttemptId> latest_;
};

}  // namespace

struct PlantedParts::Wrong {
  WrongLedger ledger;
  WrongOrders orders;
  WrongOutbox outbox;
  WrongGateway gateway;
};

PlantedParts::PlantedParts(PlantedBug bug, SeatLedger& ledger, OrderStore& orders, Outbox& outbox,
                           PaymentGateway& gateway, const Clock& clock, IdSource& ids,
                           Scheduler& loop)
    : wrong_(new Wrong{
          {bug, ledger, clock, loop}, WrongOrders{orders}, {bug, outbox}, {bug, gateway, ids}}),
      ledger_(&ledger),
      orders_(&orders),
      outbox_(&outbox),
      gateway_(&gateway) {
  switch (bug) {
    case PlantedBug::check_and_hold_in_two_calls:
    case PlantedBug::hold_dropped_before_the_sale:
    case PlantedBug::release_without_owner:
    case PlantedBug::extend_without_owner:
    case PlantedBug::order_without_a_live_hold:
    case PlantedBug::payment_accepted_after_expiry:
    case PlantedBug::captured_before_sold:
    case PlantedBug::seat_limit_outside_the_step:
      ledger_ = &wrong_->ledger;
      break;
    case PlantedBug::answer_not_stored:
      orders_ = &wrong_->orders;
      break;
    case PlantedBug::sent_before_acknowledged:
    case PlantedBug::id_greater_than_last:
    case PlantedBug::no_message_key:
      outbox_ = &wrong_->outbox;
      break;
    case PlantedBug::new_attempt_for_each_try:
    case PlantedBug::confirmed_without_capture:
      gateway_ = &wrong_->gateway;
      break;
    case PlantedBug::none:
    case PlantedBug::consumer_that_swallows:
    case PlantedBug::expiry_that_tells_nobody:
    case PlantedBug::restart_without_the_orders:
    case PlantedBug::journal_never_flushed:
    case PlantedBug::stream_ids_from_the_clock:
    case PlantedBug::map_read_under_another_key:
      break;  // planted in the office or before the viewers' eyes
  }
}

PlantedParts::~PlantedParts() = default;

}  // namespace onsale::simulation
