// DirectSale: box-office staff sells a held seat at once, without asking a payment provider. It is
// an order like any other (so that a sold seat always has exactly one order), whose payment attempt
// is nil: the money was taken at the counter. Payments answers every verb for a nil attempt as done,
// so an order that a crash left half-way is finished by the ordinary recovery.
#pragma once

#include "ports/catalogue.hpp"
#include "ports/clock.hpp"
#include "ports/order_store.hpp"
#include "ports/seat_ledger.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct DirectlySold {
  OrderId order;
  Version version;
};

class DirectSale {
 public:
  DirectSale(OrderStore& orders, SeatLedger& ledger, const Catalogue& catalogue, const Clock& clock,
             IdSource& ids)
      : orders_(orders), ledger_(ledger), catalogue_(catalogue), clock_(clock), ids_(ids) {}

  // The seat must be held by `buyer`. Repeating it after success is seat_sold: the order is in the
  // buyer's list.
  Task<LedgerAnswer<DirectlySold>> sell(EventId event, SeatId seat, BuyerId buyer, TraceId trace);

 private:
  Message message_of(const Order& order, MessageType type) const;

  OrderStore& orders_;
  SeatLedger& ledger_;
  const Catalogue& catalogue_;
  const Clock& clock_;
  IdSource& ids_;
};

}  // namespace onsale
