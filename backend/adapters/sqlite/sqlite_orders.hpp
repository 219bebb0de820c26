// SqliteOrderStore: orders, claims, idempotency, outbox and inbox in one SQLite file (WAL), written
// by one thread in group commits (writer.hpp tells how) and read on the caller's own thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/order_store.hpp"
#include "ports/outbox.hpp"

namespace onsale::sqlite {

class Database;

class SqliteOrderStore final : public OrderStore, public Outbox, public Inbox {
 public:
  // The database must outlive it.
  explicit SqliteOrderStore(Database& database);
  ~SqliteOrderStore() override;

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
  Task<Result<OutboxBacklog>> backlog() override;
  void on_commit(std::function<void()> wake) override;

  Task<Result<bool>> seen(std::string consumer, MessageId id) override;
  Task<Status> record(std::string consumer, std::vector<MessageId> ids) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace onsale::sqlite
