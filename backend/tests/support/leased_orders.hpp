// Leases over a plain store, for several nodes in one test: each node has a LeasedOrders of its own
// over what they share. Time is the test's. A node whose ports have died gets no lease any more.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ports/clock.hpp"
#include "ports/order_leases.hpp"
#include "tests/support/forwarding_ports.hpp"
#include "tests/support/mortal_ports.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {

struct SharedLeases {
  const Clock& clock;
  Milliseconds lasts{5000};
  struct Lease {
    int node = 0;
    Instant until;
  };
  std::map<OrderId, Lease> of = {};

  // As if every node had been away for longer than a lease lasts.
  void lapse_all() {
    for (auto& [order, lease] : of) lease.until = clock.now();
  }
};

class LeasedOrders final : public ForwardingOrders, public OrderLeases {
 public:
  LeasedOrders(OrderStore& orders, const Mortality& life, SharedLeases* shared, int node)
      : ForwardingOrders(orders), life_(life), shared_(shared), node_(node) {}

  Task<Result<PlaceOutcome>> place(PlaceOrder command) override {
    const OrderId id = command.order.id;
    auto placing = orders_.place(std::move(command));
    const Result<PlaceOutcome> outcome = co_await std::move(placing);
    if (outcome && *outcome == PlaceOutcome::placed) take(id);
    co_return outcome;
  }
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override {
    const OrderId id = command.id;
    auto advancing = orders_.advance(std::move(command));
    const Result<AdvanceOutcome> outcome = co_await std::move(advancing);
    if (outcome && *outcome == AdvanceOutcome::advanced) take(id);
    co_return outcome;
  }

  Task<Result<std::vector<OrderId>>> acquire(std::vector<OrderId> orders) override {
    if (life_.dead) return Result<std::vector<OrderId>>{Code::unavailable};
    std::vector<OrderId> ours;
    for (const OrderId id : orders) {
      const SharedLeases::Lease& lease = shared_->of[id];
      if (lease.until > shared_->clock.now() && lease.node != node_) continue;
      take(id);
      ours.push_back(id);
    }
    return Result(std::move(ours));
  }
  Task<Status> renew(std::vector<OrderId> orders) override {
    if (life_.dead) return Status{Code::unavailable};
    for (const OrderId id : orders) {
      if (shared_->of[id].node == node_) take(id);
    }
    return ok();
  }
  Task<Result<std::vector<Order>>> take_over(std::optional<OrderId> after,
                                             std::size_t max) override {
    if (life_.dead) return Result<std::vector<Order>>{Code::unavailable};
    std::vector<Order> ours;
    auto open = run_task(orders_.open_orders(after, 1'000'000));
    for (Order& order : open.value()) {
      if (shared_->of[order.id].until > shared_->clock.now() || ours.size() == max) continue;
      take(order.id);
      ours.push_back(std::move(order));
    }
    return Result(std::move(ours));
  }
  Task<Status> release(std::vector<OrderId> orders) override {
    if (life_.dead) return Status{Code::unavailable};
    for (const OrderId id : orders) {
      SharedLeases::Lease& lease = shared_->of[id];
      if (lease.node == node_) lease.until = shared_->clock.now();
    }
    return ok();
  }

 private:
  void take(OrderId id) {
    if (shared_ != nullptr) shared_->of[id] = {node_, shared_->clock.now() + shared_->lasts};
  }

  const Mortality& life_;
  SharedLeases* shared_;
  int node_;
};

}  // namespace onsale
