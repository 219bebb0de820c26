// Orders on MySQL: what is written one order at a time (order_commands) and what is read.
#include "adapters/mysql/mysql_orders.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/mysql/database.hpp"
#include "adapters/mysql/order_commands.hpp"
#include "adapters/mysql/order_jobs.hpp"
#include "adapters/mysql/outbox_jobs.hpp"
#include "adapters/mysql/pool.hpp"
#include "adapters/mysql/writers.hpp"

namespace onsale::mysql {

struct MysqlOrderStore::State {
  State(Database& opened, OrderStoreOptions options)
      : database(opened),
        driver{opened.node(), options.lease},
        relay(opened.node(), options.relay_lease) {}
  Database& database;
  Driver driver;
  Relay relay;
};

MysqlOrderStore::MysqlOrderStore(Database& database, OrderStoreOptions options)
    : state_(std::make_unique<State>(database, options)) {}
MysqlOrderStore::~MysqlOrderStore() { state_->database.writers().on_commit({}); }

Task<Result<PlaceOutcome>> MysqlOrderStore::place(PlaceOrder command) {
  PlaceCommand placing(std::move(command), state_->driver);
  if (!state_->database.writers().submit(placing)) co_return Code::unavailable;
  const End end = co_await placing.done;
  if (end != End::committed) co_return failure_of(end);
  co_return placing.outcome();
}

Task<Result<AdvanceOutcome>> MysqlOrderStore::advance(AdvanceOrder command) {
  AdvanceCommand advancing(std::move(command), state_->driver);
  if (!state_->database.writers().submit(advancing)) co_return Code::unavailable;
  const End end = co_await advancing.done;
  if (end != End::committed) co_return failure_of(end);
  co_return advancing.outcome();
}

Task<Result<Order>> MysqlOrderStore::find(OrderId id) {
  auto ask = [id](Connection& connection) { return find_order(connection, id); };
  return in_pool<Order>(state_->database.pool(), std::move(ask));
}

Task<Result<std::optional<StoredAnswer>>> MysqlOrderStore::find_answer(IdempotencyScope scope) {
  auto ask = [scope = std::move(scope)](Connection& connection) {
    return Result(find_stored_answer(connection, scope));
  };
  return in_pool<std::optional<StoredAnswer>>(state_->database.pool(), std::move(ask));
}

Task<Result<OrderPage>> MysqlOrderStore::list(BuyerId buyer, std::optional<OrderId> after,
                                              std::size_t max) {
  auto ask = [buyer, after, max](Connection& connection) {
    return Result(list_orders(connection, buyer, after, max));
  };
  return in_pool<OrderPage>(state_->database.pool(), std::move(ask));
}

Task<Result<std::vector<Order>>> MysqlOrderStore::open_orders(std::optional<OrderId> after,
                                                              std::size_t max) {
  auto ask = [after, max](Connection& connection) {
    return Result(list_open_orders(connection, after, max));
  };
  return in_pool<std::vector<Order>>(state_->database.pool(), std::move(ask));
}

Task<Result<std::vector<SeatClaim>>> MysqlOrderStore::claims() {
  auto ask = [](Connection& connection) { return Result(list_claims(connection, std::nullopt)); };
  return in_pool<std::vector<SeatClaim>>(state_->database.pool(), std::move(ask));
}

Task<Result<std::vector<SeatClaim>>> MysqlOrderStore::claims_of(EventId event) {
  auto ask = [event](Connection& connection) { return Result(list_claims(connection, event)); };
  return in_pool<std::vector<SeatClaim>>(state_->database.pool(), std::move(ask));
}

Task<Result<std::size_t>> MysqlOrderStore::purge_answers(Instant before, std::size_t max) {
  auto ask = [before, max](Connection& connection) {
    return Result(purge_old_answers(connection, before, max));
  };
  return in_pool<std::size_t>(state_->database.pool(), std::move(ask));
}

Task<Result<std::vector<Order>>> MysqlOrderStore::cancel_all(EventId event, Instant at) {
  auto ask = [event, at](Connection& connection) {
    return Result(cancel_orders_of(connection, event, at));
  };
  return in_pool<std::vector<Order>>(state_->database.pool(), std::move(ask));
}

Task<Result<std::vector<Message>>> MysqlOrderStore::pending(std::size_t max) {
  auto ask = [this, max](Connection& connection) {
    return Result(state_->relay.pending(connection, max));
  };
  return in_pool<std::vector<Message>>(state_->database.pool(), std::move(ask));
}

Task<Status> MysqlOrderStore::mark_sent(std::vector<MessageId> ids) {
  auto write = [this, ids](Connection& connection, Batch&, Unit&) {
    state_->relay.delete_sent(connection, ids);
  };
  const Turn turn{2, {}};
  auto writing = in_next_commit<Unit>(state_->database.writers(), turn, std::move(write));
  Status marked = co_await std::move(writing);
  if (marked) state_->relay.forget(ids);
  co_return marked;
}

Task<Result<OutboxBacklog>> MysqlOrderStore::backlog() {
  auto ask = [](Connection& connection) { return Result(count_backlog(connection)); };
  return in_pool<OutboxBacklog>(state_->database.pool(), std::move(ask));
}

void MysqlOrderStore::on_commit(std::function<void()> wake) {
  state_->database.writers().on_commit(std::move(wake));
}

Task<Result<bool>> MysqlOrderStore::seen(std::string consumer, MessageId id) {
  auto ask = [consumer = std::move(consumer), id](Connection& connection) {
    Statement row = connection.prepared("SELECT 1 FROM inbox WHERE message = ? AND consumer = ?");
    row.id(id.bits).text(consumer);
    return Result(row.next());
  };
  return in_pool<bool>(state_->database.pool(), std::move(ask));
}

Task<Status> MysqlOrderStore::record(std::string consumer, std::vector<MessageId> ids) {
  auto write = [consumer = std::move(consumer), ids = std::move(ids)](
                   Connection&, Batch& batch, Unit&) { gather_inbox(batch, consumer, ids); };
  const Turn turn{3, {}};
  return in_next_commit<Unit>(state_->database.writers(), turn, std::move(write));
}

Task<Result<std::vector<OrderId>>> MysqlOrderStore::acquire(std::vector<OrderId> orders) {
  auto ask = [orders = std::move(orders), driver = state_->driver](Connection& connection) {
    return Result(acquire_leases(connection, orders, driver));
  };
  return in_pool<std::vector<OrderId>>(state_->database.pool(), std::move(ask));
}

Task<Status> MysqlOrderStore::renew(std::vector<OrderId> orders) {
  auto ask = [orders = std::move(orders), driver = state_->driver](Connection& connection) {
    renew_leases(connection, orders, driver);
    return ok();
  };
  return in_pool<Unit>(state_->database.pool(), std::move(ask));
}

Task<Result<std::vector<Order>>> MysqlOrderStore::take_over(std::optional<OrderId> after,
                                                            std::size_t max) {
  auto ask = [after, max, driver = state_->driver](Connection& connection) {
    return Result(take_over_orders(connection, after, max, driver));
  };
  return in_pool<std::vector<Order>>(state_->database.pool(), std::move(ask));
}

Task<Status> MysqlOrderStore::release(std::vector<OrderId> orders) {
  auto ask = [orders = std::move(orders), driver = state_->driver](Connection& connection) {
    release_leases(connection, orders, driver);
    return ok();
  };
  return in_pool<Unit>(state_->database.pool(), std::move(ask));
}

Task<Result<std::uint32_t>> MysqlOrderStore::begin_epoch(EventId event, std::uint32_t at_least) {
  auto ask = [event, at_least](Connection& connection) {
    return Result(raise_epoch(connection, event, at_least));
  };
  return in_pool<std::uint32_t>(state_->database.pool(), std::move(ask));
}

}  // namespace onsale::mysql
