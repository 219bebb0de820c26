// Ports that pass every call on: what stands between the services and a store in a test overrides
// only the calls in which it is different.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ports/order_store.hpp"
#include "ports/outbox.hpp"
#include "ports/seat_ledger.hpp"

namespace onsale {

class ForwardingLedger : public SeatLedger {
 public:
  explicit ForwardingLedger(SeatLedger& ledger) : ledger_(ledger) {}

  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    return ledger_.hold(std::move(request));
  }
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                     Milliseconds by) override {
    return ledger_.extend(event, seat, buyer, by);
  }
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override {
    return ledger_.release(event, seat, buyer);
  }
  Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer) override {
    return ledger_.holds_of(event, buyer);
  }
  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override {
    return ledger_.pin(event, seats, buyer, order, deadline);
  }
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override {
    return ledger_.settle(event, seats, order, settlement);
  }
  Task<LedgerAnswer<Version>> confirm(EventId event, SeatId seat, BuyerId buyer,
                                      OrderId order) override {
    return ledger_.confirm(event, seat, buyer, order);
  }

 protected:
  SeatLedger& ledger_;
};

class ForwardingOrders : public OrderStore {
 public:
  explicit ForwardingOrders(OrderStore& orders) : orders_(orders) {}

  Task<Result<PlaceOutcome>> place(PlaceOrder command) override {
    return orders_.place(std::move(command));
  }
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override {
    return orders_.advance(std::move(command));
  }
  Task<Result<Order>> find(OrderId id) override { return orders_.find(id); }
  Task<Result<std::optional<StoredAnswer>>> find_answer(IdempotencyScope scope) override {
    return orders_.find_answer(std::move(scope));
  }
  Task<Result<OrderPage>> list(BuyerId buyer, std::optional<OrderId> after,
                               std::size_t max) override {
    return orders_.list(buyer, after, max);
  }
  Task<Result<std::vector<Order>>> open_orders(std::optional<OrderId> after,
                                               std::size_t max) override {
    return orders_.open_orders(after, max);
  }
  Task<Result<std::vector<SeatClaim>>> claims() override { return orders_.claims(); }
  Task<Result<std::size_t>> purge_answers(Instant before, std::size_t max) override {
    return orders_.purge_answers(before, max);
  }
  Task<Result<std::vector<Order>>> cancel_all(EventId event, Instant at) override {
    return orders_.cancel_all(event, at);
  }

 protected:
  OrderStore& orders_;
};

class ForwardingOutbox : public Outbox {
 public:
  explicit ForwardingOutbox(Outbox& outbox) : outbox_(outbox) {}

  Task<Result<std::vector<Message>>> pending(std::size_t max) override {
    return outbox_.pending(max);
  }
  Task<Status> mark_sent(std::vector<MessageId> ids) override {
    return outbox_.mark_sent(std::move(ids));
  }
  Task<Result<OutboxBacklog>> backlog() override { return outbox_.backlog(); }
  void on_commit(std::function<void()> wake) override { outbox_.on_commit(std::move(wake)); }

 protected:
  Outbox& outbox_;
};

}  // namespace onsale
