// Bugs on purpose: each is a trap that others fell into, planted by putting a wrong part between two
// right ones. The simulation must catch every one; planted_test.cpp says which invariant did.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "ports/clock.hpp"
#include "ports/event_bus.hpp"
#include "ports/order_store.hpp"
#include "ports/outbox.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/seat_ledger.hpp"
#include "runtime/scheduler.hpp"

namespace onsale::simulation {

enum class PlantedBug : std::uint8_t {
  none,
  check_and_hold_in_two_calls,
  hold_dropped_before_the_sale,
  release_without_owner,
  extend_without_owner,
  order_without_a_live_hold,
  payment_accepted_after_expiry,
  sent_before_acknowledged,
  consumer_that_swallows,
  id_greater_than_last,
  no_message_key,
  stream_ids_from_the_clock,
  map_read_under_another_key,
  expiry_that_tells_nobody,
  new_attempt_for_each_try,
  captured_before_sold,
  confirmed_without_capture,
  answer_not_stored,
  restart_without_the_orders,
  journal_never_flushed,
  seat_limit_outside_the_step,
};
std::string_view name_of(PlantedBug bug);

// The ports the services get: the right ones, or wrong ones around them.
class PlantedParts {
 public:
  PlantedParts(PlantedBug bug, SeatLedger& ledger, OrderStore& orders, Outbox& outbox,
               PaymentGateway& gateway, const Clock& clock, IdSource& ids, Scheduler& loop);
  ~PlantedParts();

  SeatLedger& ledger() { return *ledger_; }
  OrderStore& orders() { return *orders_; }
  Outbox& outbox() { return *outbox_; }
  PaymentGateway& gateway() { return *gateway_; }

 private:
  struct Wrong;
  std::unique_ptr<Wrong> wrong_;
  SeatLedger* ledger_;
  OrderStore* orders_;
  Outbox* outbox_;
  PaymentGateway* gateway_;
};

}  // namespace onsale::simulation
