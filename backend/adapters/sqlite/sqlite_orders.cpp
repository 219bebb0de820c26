// Orders on SQLite: each verb is one command of the writer, or one read on the caller's thread.
#include "adapters/sqlite/sqlite_orders.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/writer.hpp"
#include "base/mutex.hpp"
#include "ports/order_blob.hpp"

namespace onsale::sqlite {
namespace {

std::int64_t limit_of(std::size_t max) {
  return static_cast<std::int64_t>(
      std::min(max, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())));
}

std::int64_t number_of(EventId event) { return static_cast<std::int64_t>(event.value); }

// The smallest UUIDv7 of an instant.
Bits128 first_id_at(Instant at) {
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(ms_of(at), 0)) << 16U, 0};
}

// FNV-1a; a collision costs one more comparison.
std::int64_t key_hash_of(const IdempotencyScope& scope) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const std::string* part : {&scope.route, &scope.key}) {
    for (const char c : *part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    hash *= 0x100000001B3ULL;
  }
  return static_cast<std::int64_t>(hash);
}

std::optional<StoredAnswer> find_stored(Connection& connection, const IdempotencyScope& scope) {
  Statement rows = connection.prepared(
      "SELECT a.route, a.key, a.body_hash, a.http_status, a.location, a.body, a.stored_at "
      "FROM orders AS o INDEXED BY orders_of_buyer CROSS JOIN answers AS a "
      "ON a.order_id = o.id WHERE o.buyer = ? AND o.key_hash = ?");
  rows.id(scope.buyer.bits).number(key_hash_of(scope));
  while (rows.next()) {
    if (rows.text_at(0) != scope.route || rows.text_at(1) != scope.key) continue;
    StoredAnswer answer;
    answer.body_hash = rows.blob_at(2);
    answer.http_status = static_cast<int>(rows.number_at(3));
    answer.location = rows.text_at(4);
    answer.body = rows.blob_at(5);
    answer.stored_at = rows.instant_at(6);
    return answer;
  }
  return std::nullopt;
}

void store_answer(Connection& connection, const PlaceOrder& command) {
  connection
      .prepared(
          "INSERT INTO answers (order_id, route, key, body_hash, http_status, location, body, "
          "stored_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .id(command.order.id.bits)
      .text(command.scope.route)
      .text(command.scope.key)
      .blob(command.answer.body_hash)
      .number(command.answer.http_status)
      .text(command.answer.location)
      .blob(command.answer.body)
      .instant(command.answer.stored_at)
      .run();
}

bool claim(Connection& connection, const Order& order) {
  for (const SeatId seat : order.seats) {
    const int claimed = connection
                            .prepared(
                                "INSERT INTO claims (event, seat, order_id) VALUES (?, ?, ?) ON "
                                "CONFLICT DO NOTHING")
                            .number(number_of(order.event))
                            .number(static_cast<std::int64_t>(seat.value))
                            .id(order.id.bits)
                            .run();
    if (claimed != 1) return false;
  }
  return true;
}

void drop_claims(Connection& connection, const Order& order) {
  for (const SeatId seat : order.seats) {
    connection.prepared("DELETE FROM claims WHERE event = ? AND seat = ? AND order_id = ?")
        .number(number_of(order.event))
        .number(static_cast<std::int64_t>(seat.value))
        .id(order.id.bits)
        .run();
  }
}

Verdict write_place(Connection& connection, const PlaceOrder& command, PlaceOutcome& outcome) {
  if (find_stored(connection, command.scope)) {
    outcome = PlaceOutcome::key_taken;
    return Verdict::keep;  // nothing was written
  }
  if (!claim(connection, command.order)) {
    outcome = PlaceOutcome::seat_claimed;
    return Verdict::undo;
  }
  insert_order(connection, command.order, key_hash_of(command.scope));
  store_answer(connection, command);
  insert_messages(connection, command.messages);
  outcome = PlaceOutcome::placed;
  return Verdict::keep;
}

constexpr const char* kFindOrder =
    "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
    "created_at, pay_by, updated_at, trace_id, tickets FROM orders WHERE id = ?";

std::optional<Order> find_order(Connection& connection, OrderId id) {
  Statement row = connection.prepared(kFindOrder);
  row.id(id.bits);
  if (!row.next()) return std::nullopt;
  return read_order(row);
}

Verdict write_advance(Connection& connection, const AdvanceOrder& command,
                      AdvanceOutcome& outcome) {
  outcome = AdvanceOutcome::conflict;
  const std::optional<Order> order = find_order(connection, command.id);
  if (!order || order->version != command.expected_version ||
      !order::may_become(order->status, command.to)) {
    return Verdict::keep;
  }
  const order::Reason reason =
      command.reason == order::Reason::none ? order->reason : command.reason;
  const std::string tickets = pack_tickets(command.tickets);
  connection
      .prepared(
          "UPDATE orders SET status = ?, reason = ?, version = version + 1, updated_at = ?, "
          "tickets = ? WHERE id = ?")
      .number(static_cast<std::int64_t>(command.to))
      .number(static_cast<std::int64_t>(reason))
      .instant(command.at)
      .blob(tickets)
      .id(command.id.bits)
      .run();
  if (command.to == order::Status::cancelling) drop_claims(connection, *order);
  insert_messages(connection, command.messages);
  outcome = AdvanceOutcome::advanced;
  return Verdict::keep;
}

Verdict write_cancel_all(Connection& connection, EventId event, Instant at,
                         std::vector<Order>& cancelled) {
  cancelled.clear();
  {
    Statement rows = connection.prepared(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders "
        "WHERE event = ? AND status <> 4");
    rows.number(number_of(event));
    while (rows.next()) cancelled.push_back(read_order(rows));
  }
  for (Order& order : cancelled) {
    if (order.status == order::Status::cancelling) continue;
    order.status = order::Status::cancelling;
    order.reason = order::Reason::event_reset;
    order.updated_at = at;
    order.tickets.clear();
    ++order.version;
  }
  connection
      .prepared(
          "UPDATE orders SET status = 3, reason = ?, version = version + 1, updated_at = ?, "
          "tickets = x'' WHERE event = ? AND status IN (0, 1, 2)")
      .number(static_cast<std::int64_t>(order::Reason::event_reset))
      .instant(at)
      .number(number_of(event))
      .run();
  connection.prepared("DELETE FROM claims WHERE event = ?").number(number_of(event)).run();
  return Verdict::keep;
}

}  // namespace

struct SqliteOrderStore::State {
  explicit State(Database& opened) : database(opened) {}
  Database& database;
  // Where the messages that pending() told lie, so that mark_sent() needs no index by id.
  Mutex mutex;
  std::unordered_map<MessageId, std::int64_t> seq_of ONSALE_GUARDED_BY(mutex);
};

SqliteOrderStore::SqliteOrderStore(Database& database)
    : state_(std::make_unique<State>(database)) {}
SqliteOrderStore::~SqliteOrderStore() { state_->database.writer().on_commit({}); }

Task<Result<PlaceOutcome>> SqliteOrderStore::place(PlaceOrder command) {
  auto write = [command = std::move(command)](Connection& connection, PlaceOutcome& outcome) {
    return write_place(connection, command, outcome);
  };
  return in_next_commit<PlaceOutcome>(state_->database.writer(), std::move(write));
}

Task<Result<AdvanceOutcome>> SqliteOrderStore::advance(AdvanceOrder command) {
  auto write = [command = std::move(command)](Connection& connection, AdvanceOutcome& outcome) {
    return write_advance(connection, command, outcome);
  };
  return in_next_commit<AdvanceOutcome>(state_->database.writer(), std::move(write));
}

Task<Result<Order>> SqliteOrderStore::find(OrderId id) {
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Result<Order>(Code::unavailable);
  std::optional<Order> order = find_order(*reader, id);
  if (reader->failed()) return Result<Order>(Code::unavailable);
  if (!order) return Result<Order>(Code::order_not_found);
  return Result<Order>(std::move(*order));
}

Task<Result<std::optional<StoredAnswer>>> SqliteOrderStore::find_answer(IdempotencyScope scope) {
  using Answer = Result<std::optional<StoredAnswer>>;
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Answer(Code::unavailable);
  std::optional<StoredAnswer> answer = find_stored(*reader, scope);
  if (reader->failed()) return Answer(Code::unavailable);
  return Answer(std::move(answer));
}

Task<Result<OrderPage>> SqliteOrderStore::list(BuyerId buyer, std::optional<OrderId> after,
                                               std::size_t max) {
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Result<OrderPage>(Code::unavailable);
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  OrderPage page;
  {
    Statement rows = reader->prepared(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders WHERE id IN "
        "(SELECT id FROM orders WHERE buyer = ? AND id < ? ORDER BY id DESC LIMIT ?) "
        "ORDER BY id DESC");
    rows.id(buyer.bits).id(after ? after->bits : Bits128{kAll, kAll}).number(limit_of(max) + 1);
    while (rows.next()) page.orders.push_back(read_order(rows));
  }
  if (reader->failed()) return Result<OrderPage>(Code::unavailable);
  if (page.orders.size() > max) {
    page.orders.pop_back();
    if (!page.orders.empty()) page.next = page.orders.back().id;
  }
  return Result<OrderPage>(std::move(page));
}

Task<Result<std::vector<Order>>> SqliteOrderStore::open_orders(std::optional<OrderId> after,
                                                               std::size_t max) {
  using Answer = Result<std::vector<Order>>;
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Answer(Code::unavailable);
  std::vector<Order> orders;
  {
    Statement rows = reader->prepared(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders "
        "WHERE status IN (0, 1, 3) AND id > ? ORDER BY id LIMIT ?");
    rows.id(after ? after->bits : Bits128{}).number(limit_of(max));
    while (rows.next()) orders.push_back(read_order(rows));
  }
  if (reader->failed()) return Answer(Code::unavailable);
  return Answer(std::move(orders));
}

Task<Result<std::vector<SeatClaim>>> SqliteOrderStore::claims() {
  using Answer = Result<std::vector<SeatClaim>>;
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Answer(Code::unavailable);
  std::vector<SeatClaim> claims;
  {
    // Seats that lie side by side mostly belong to one order: it is looked up once for all of them.
    // While the claims are read, the orders are of the same moment.
    Statement rows =
        reader->prepared("SELECT event, seat, order_id FROM claims ORDER BY event, seat");
    SeatClaim claim;
    bool known = false;
    while (rows.next()) {
      const OrderId order{rows.id_at(2)};
      if (claims.empty() || order != claim.order) {
        Statement found = reader->prepared("SELECT buyer, status FROM orders WHERE id = ?");
        found.id(order.bits);
        known = found.next();
        claim.order = order;
        if (known) {
          claim.buyer = BuyerId{found.id_at(0)};
          claim.sold = found.number_at(1) == static_cast<std::int64_t>(order::Status::confirmed);
        }
      }
      claim.event = EventId{static_cast<std::uint64_t>(rows.number_at(0))};
      claim.seat = SeatId{static_cast<std::uint64_t>(rows.number_at(1))};
      if (known) claims.push_back(claim);
    }
  }
  if (reader->failed()) return Answer(Code::unavailable);
  return Answer(std::move(claims));
}

Task<Result<std::size_t>> SqliteOrderStore::purge_answers(Instant before, std::size_t max) {
  auto write = [before, max](Connection& connection, std::size_t& gone) {
    const int answers = connection
                            .prepared(
                                "DELETE FROM answers WHERE order_id IN (SELECT order_id FROM "
                                "(SELECT order_id, stored_at FROM answers ORDER BY order_id "
                                "LIMIT ?) WHERE stored_at < ?)")
                            .number(limit_of(max))
                            .instant(before)
                            .run();
    gone = static_cast<std::size_t>(answers);
    // The inbox forgets at the same age: nothing that old is delivered again.
    connection
        .prepared(
            "DELETE FROM inbox WHERE (message, consumer) IN "
            "(SELECT message, consumer FROM inbox WHERE message < ? ORDER BY message LIMIT ?)")
        .id(first_id_at(before))
        .number(limit_of(max) * 4)
        .run();
    return Verdict::keep;
  };
  return in_next_commit<std::size_t>(state_->database.writer(), std::move(write));
}

Task<Result<std::vector<Order>>> SqliteOrderStore::cancel_all(EventId event, Instant at) {
  auto write = [event, at](Connection& connection, std::vector<Order>& cancelled) {
    return write_cancel_all(connection, event, at, cancelled);
  };
  return in_next_commit<std::vector<Order>>(state_->database.writer(), std::move(write));
}

Task<Result<std::vector<Message>>> SqliteOrderStore::pending(std::size_t max) {
  using Answer = Result<std::vector<Message>>;
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Answer(Code::unavailable);
  std::vector<Message> messages;
  {
    const Lock lock(state_->mutex);
    Statement rows = reader->prepared(
        "SELECT seq, id, type, order_id, event, seats, buyer, amount, currency, reason, at, "
        "trace_id FROM outbox ORDER BY seq LIMIT ?");
    rows.number(limit_of(max));
    while (rows.next()) {
      messages.push_back(read_message(rows));
      state_->seq_of[messages.back().id] = rows.number_at(0);
    }
  }
  if (reader->failed()) return Answer(Code::unavailable);
  return Answer(std::move(messages));
}

Task<Status> SqliteOrderStore::mark_sent(std::vector<MessageId> ids) {
  std::vector<std::int64_t> rows;
  std::vector<MessageId> elsewhere;
  {
    const Lock lock(state_->mutex);
    for (const MessageId id : ids) {
      const auto found = state_->seq_of.find(id);
      if (found == state_->seq_of.end()) {
        elsewhere.push_back(id);
      } else {
        rows.push_back(found->second);
      }
    }
  }
  auto write = [&rows, &elsewhere](Connection& connection, Unit&) {
    for (const std::int64_t seq : rows) {
      connection.prepared("DELETE FROM outbox WHERE seq = ?").number(seq).run();
    }
    for (const MessageId id : elsewhere) {
      connection.prepared("DELETE FROM outbox WHERE id = ?").id(id.bits).run();
    }
    return Verdict::keep;
  };
  auto writing = in_next_commit<Unit>(state_->database.writer(), std::move(write));
  Status marked = co_await std::move(writing);
  if (marked) {
    const Lock lock(state_->mutex);
    for (const MessageId id : ids) state_->seq_of.erase(id);
  }
  co_return marked;
}

Task<Result<OutboxBacklog>> SqliteOrderStore::backlog() {
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Result<OutboxBacklog>(Code::unavailable);
  OutboxBacklog backlog;
  {
    Statement count = reader->prepared("SELECT count(*) FROM outbox");
    if (count.next()) backlog.unsent = static_cast<std::size_t>(count.number_at(0));
    Statement oldest = reader->prepared("SELECT at FROM outbox ORDER BY seq LIMIT 1");
    if (oldest.next()) backlog.oldest = oldest.instant_at(0);
  }
  if (reader->failed()) return Result<OutboxBacklog>(Code::unavailable);
  return Result<OutboxBacklog>(backlog);
}

void SqliteOrderStore::on_commit(std::function<void()> wake) {
  state_->database.writer().on_commit(std::move(wake));
}

Task<Result<bool>> SqliteOrderStore::seen(std::string consumer, MessageId id) {
  Readers::Lease reader = state_->database.readers().take();
  if (!reader) return Result<bool>(Code::unavailable);
  bool found = false;
  {
    Statement row = reader->prepared("SELECT 1 FROM inbox WHERE message = ? AND consumer = ?");
    row.id(id.bits).text(consumer);
    found = row.next();
  }
  if (reader->failed()) return Result<bool>(Code::unavailable);
  return Result<bool>(found);
}

Task<Status> SqliteOrderStore::record(std::string consumer, std::vector<MessageId> ids) {
  auto write = [consumer = std::move(consumer), ids = std::move(ids)](Connection& connection,
                                                                      Unit&) {
    for (const MessageId id : ids) {
      connection
          .prepared("INSERT INTO inbox (message, consumer) VALUES (?, ?) ON CONFLICT DO NOTHING")
          .id(id.bits)
          .text(consumer)
          .run();
    }
    return Verdict::keep;
  };
  return in_next_commit<Unit>(state_->database.writer(), std::move(write));
}

}  // namespace onsale::sqlite
