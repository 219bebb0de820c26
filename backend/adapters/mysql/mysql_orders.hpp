// MysqlOrderStore: orders, claims, idempotency, outbox, inbox, leases and the ledger's epochs in one
// MySQL or MariaDB database that several nodes share. Writes go through group commits (writers.hpp),
// everything else runs on the pool (pool.hpp). docs/scaled/mysql.md tells the tables and transactions.
//
// Outbox: pending() tells what this node is to send: what it wrote itself (so that its own commit
// wakes the right relay), and what it took over from nodes that send no more. A message whose order
// has an earlier one in another node's hands waits for that one. So an order's messages leave in their
// sequence whoever writes and sends them; a relay taken for dead may repeat, never reorder, them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/ledger_proof.hpp"
#include "ports/order_leases.hpp"
#include "ports/order_store.hpp"
#include "ports/outbox.hpp"

namespace onsale::mysql {

class Database;

struct OrderStoreOptions {
  Milliseconds lease{5'000};        // of an order: how long after a node's last step others wait
  Milliseconds relay_lease{4'000};  // how long after its last pending() a relay is taken for dead
};

class MysqlOrderStore final : public OrderStore,
                              public Outbox,
                              public Inbox,
                              public OrderLeases,
                              public LedgerProof {
 public:
  // The database (Schema::office) must outlive it.
  explicit MysqlOrderStore(Database& database, OrderStoreOptions options = {});
  ~MysqlOrderStore() override;

  Task<Result<PlaceOutcome>> place(PlaceOrder command) override;
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override;
  Task<Result<Order>> find(OrderId id) override;
  Task<Result<std::optional<StoredAnswer>>> find_answer(IdempotencyScope scope) override;
  Task<Result<OrderPage>> list(BuyerId buyer, std::optional<OrderId> after,
                               std::size_t max) override;
  Task<Result<std::vector<Order>>> open_orders(std::optional<OrderId> after,
                                               std::size_t max) override;
  Task<Result<std::vector<SeatClaim>>> claims() override;
  Task<Result<std::size_t>> purge_answers(Instant before, std::size_t max) override;
  Task<Result<std::vector<Order>>> cancel_all(EventId event, Instant at) override;

  Task<Result<std::vector<Message>>> pending(std::size_t max) override;
  Task<Status> mark_sent(std::vector<MessageId> ids) override;
  Task<Result<OutboxBacklog>> backlog() override;       // of all nodes
  void on_commit(std::function<void()> wake) override;  // this node's commits

  Task<Result<bool>> seen(std::string consumer, MessageId id) override;
  Task<Status> record(std::string consumer, std::vector<MessageId> ids) override;

  Task<Result<std::vector<OrderId>>> acquire(std::vector<OrderId> orders) override;
  Task<Status> renew(std::vector<OrderId> orders) override;
  Task<Result<std::vector<Order>>> take_over(std::optional<OrderId> after,
                                             std::size_t max) override;
  Task<Status> release(std::vector<OrderId> orders) override;

  Task<Result<std::uint32_t>> begin_epoch(EventId event, std::uint32_t at_least) override;
  Task<Result<std::vector<SeatClaim>>> claims_of(EventId event) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace onsale::mysql
