// OrderLeases: which of several nodes drives an order's saga. A lease lets the others leave an order
// alone while somebody is at it; it is no proof of anything: every step of a saga is idempotent and
// conditional on the order's version, so two drivers at once waste work and break nothing.
//
// Contract: place() and advance() of the store that these leases belong to renew the lease of the
// node that calls them. acquire() gives this node those of the orders that nobody drives (never
// leased, lapsed, or this node's own), each for the store's lease time; of several nodes that ask at
// once exactly one gets an order. take_over() finds them: only open orders, only lapsed ones. Lapse
// is judged by the store's clock, not by the nodes'. A node that dies keeps its leases until they
// lapse. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "domain/order/order.hpp"
#include "runtime/task.hpp"

namespace onsale {

class OrderLeases {
 public:
  virtual ~OrderLeases() = default;
  virtual Task<Result<std::vector<OrderId>>> acquire(std::vector<OrderId> orders) = 0;
  // Keeps orders that wait long in one step (a payment provider) from lapsing. Another's stay so.
  virtual Task<Status> renew(std::vector<OrderId> orders) = 0;
  // Open orders whose lease has lapsed, oldest first, after the given one: this node's from now on.
  // Those that a rival was quicker to take are not told.
  virtual Task<Result<std::vector<Order>>> take_over(std::optional<OrderId> after,
                                                     std::size_t max) = 0;
  // Lets this node's leases lapse now: an orderly end, or no room. Another's stay.
  virtual Task<Status> release(std::vector<OrderId> orders) = 0;
};

}  // namespace onsale
