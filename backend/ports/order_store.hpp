// OrderStore: orders, their claims on seats, idempotency records and the outbox, in one durable
// place, because one transaction must write them together. It is the proof of every sale.
//
// Contract, for every adapter (backend/tests/conformance/order_store_*):
// - An acknowledged write is durable: it survives kill -9 (and power loss as far as the disk's own
//   flush can be trusted). Concurrent writes may share one commit; one that fails does not harm its
//   neighbours.
// - place() writes order, claims, idempotency record and messages together or not at all. A claim is
//   unique by (event, seat) among live orders: two live orders never have the same seat, whatever
//   the ledger believed.
// - advance() is conditional on the order's version; losing the race is `conflict`, an ordinary
//   answer. Becoming CANCELLING (the durable decision not to sell) drops the claims in the same
//   transaction, so that a seat given back in the ledger is never refused by an old claim.
// - unavailable: the store could not do it (disk full, away); it is known not to have happened.
// - Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/order/message.hpp"
#include "domain/order/order.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "runtime/task.hpp"

namespace onsale {

// Scoped to (buyer, route); `key` as the client sent it (1..128 visible ASCII characters).
struct IdempotencyScope {
  BuyerId buyer;
  std::string route;  // "POST /orders"
  std::string key;
};

// What was answered, to be replayed byte for byte.
struct StoredAnswer {
  std::string body_hash;  // of the request's body: another body under the same key is refused
  int http_status = 0;
  std::string location;
  std::string body;
  Instant stored_at;
};

struct PlaceOrder {
  Order order;  // CREATED, version 1
  // The ledger's epoch that pinned the seats (Version::epoch of the pin). A store that numbers the
  // ledger's epochs (ports/ledger_proof.hpp) refuses a pin of an earlier one.
  std::uint32_t pinned_epoch = 0;
  IdempotencyScope scope;
  StoredAnswer answer;
  std::vector<Message> messages;
};

enum class PlaceOutcome : std::uint8_t {
  placed,
  key_taken,     // an answer is stored under this scope already: find_answer() has it
  seat_claimed,  // a live order has one of the seats
  pin_outdated,  // the ledger was rebuilt since it pinned the seats: the pin proves nothing
};

struct AdvanceOrder {
  OrderId id;
  std::uint32_t expected_version = 0;
  order::Status to{};
  order::Reason reason = order::Reason::none;
  Instant at;
  std::vector<Ticket> tickets;
  std::vector<Message> messages;
  // Of a ledger that may lose its memory (ledger_proof.hpp): the epoch that the seats were sold in. If
  // `event` has begun a later one since, the answer is `conflict`: sell again. 0: not asked.
  EventId event{};
  std::uint32_t sold_epoch = 0;
};

enum class AdvanceOutcome : std::uint8_t { advanced, conflict };

struct OrderPage {
  std::vector<Order> orders;    // newest first
  std::optional<OrderId> next;  // pass as `after` for the rest
};

class OrderStore {
 public:
  virtual ~OrderStore() = default;

  virtual Task<Result<PlaceOutcome>> place(PlaceOrder command) = 0;
  virtual Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) = 0;

  // order_not_found if there is none.
  virtual Task<Result<Order>> find(OrderId id) = 0;
  virtual Task<Result<std::optional<StoredAnswer>>> find_answer(IdempotencyScope scope) = 0;
  virtual Task<Result<OrderPage>> list(BuyerId buyer, std::optional<OrderId> after,
                                       std::size_t max) = 0;
  // Every order that is not final, oldest first, after the given one.
  virtual Task<Result<std::vector<Order>>> open_orders(std::optional<OrderId> after,
                                                       std::size_t max) = 0;
  // Every live claim: the seats of all orders that are CREATED, AUTHORISED or CONFIRMED.
  virtual Task<Result<std::vector<SeatClaim>>> claims() = 0;
  // Drops answers stored before `before`, at most `max`; tells how many went.
  virtual Task<Result<std::size_t>> purge_answers(Instant before, std::size_t max) = 0;
  // Makes every order of an event that is not CANCELLED yet, CONFIRMED ones too, CANCELLING for
  // event_reset in one transaction, dropping their claims; tells the orders so changed. Voiding or
  // refunding them and becoming CANCELLED, with its messages, is the saga's (it survives a crash,
  // because they are open orders). An order CANCELLING already keeps its reason and is told too.
  virtual Task<Result<std::vector<Order>>> cancel_all(EventId event, Instant at) = 0;
};

}  // namespace onsale
