// Reads of orders, and the transactions that are no part of a single sale.
#include "adapters/mysql/order_jobs.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace onsale::mysql {
namespace {

std::int64_t limit_of(std::size_t max) {
  return static_cast<std::int64_t>(
      std::min(max, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())));
}

// The smallest UUIDv7 of an instant.
Bits128 first_id_at(Instant at) {
  return {static_cast<std::uint64_t>(std::max<std::int64_t>(ms_of(at), 0)) << 16U, 0};
}

std::vector<Order> read_orders(Statement& rows) {
  std::vector<Order> orders;
  while (rows.next()) orders.push_back(read_order(rows));
  return orders;
}

// Calls each(span) for runs of orders of the few lengths that statements are prepared for. In the
// order of their ids, so that those who lock several rows lock them in one order.
template <typename Each>
void in_chunks(std::vector<OrderId> orders, Each each) {
  std::sort(orders.begin(), orders.end());
  for (std::size_t at = 0; at < orders.size();) {
    const std::size_t count = chunk_of(orders.size() - at);
    each(std::span<const OrderId>(orders).subspan(at, count));
    at += count;
  }
}

void bind(Statement& statement, std::span<const OrderId> orders) {
  for (const OrderId order : orders) statement.id(order.bits);
}

unsigned size_of(std::span<const OrderId> orders) { return static_cast<unsigned>(orders.size()); }

constexpr Insert kInbox{5, "INSERT IGNORE INTO inbox (message, consumer) VALUES ", "(?,?)", 2,
                        false};

}  // namespace

Result<Order> find_order(Connection& connection, OrderId id) {
  Statement row = connection.prepared(
      "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
      "created_at, pay_by, updated_at, trace_id, tickets FROM orders WHERE id = ?");
  row.id(id.bits);
  if (!row.next()) return Code::order_not_found;
  return read_order(row);
}

std::optional<StoredAnswer> find_stored_answer(Connection& connection,
                                               const IdempotencyScope& scope) {
  Statement row = connection.prepared(
      "SELECT body_hash, http_status, location, body, stored_at FROM answers "
      "WHERE buyer = ? AND route = ? AND idem_key = ?");
  row.id(scope.buyer.bits).text(scope.route).text(scope.key);
  if (!row.next()) return std::nullopt;
  StoredAnswer answer;
  answer.body_hash = row.blob_at(0);
  answer.http_status = static_cast<int>(row.number_at(1));
  answer.location = row.text_at(2);
  answer.body = row.blob_at(3);
  answer.stored_at = row.instant_at(4);
  return answer;
}

OrderPage list_orders(Connection& connection, BuyerId buyer, std::optional<OrderId> after,
                      std::size_t max) {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  OrderPage page;
  {
    Statement rows = connection.prepared(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders "
        "WHERE buyer = ? AND id < ? ORDER BY id DESC LIMIT ?");
    rows.id(buyer.bits).id(after ? after->bits : Bits128{kAll, kAll}).number(limit_of(max) + 1);
    page.orders = read_orders(rows);
  }
  if (page.orders.size() > max) {
    page.orders.pop_back();
    if (!page.orders.empty()) page.next = page.orders.back().id;
  }
  return page;
}

std::vector<Order> list_open_orders(Connection& connection, std::optional<OrderId> after,
                                    std::size_t max) {
  Statement rows = connection.prepared(
      "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
      "created_at, pay_by, updated_at, trace_id, tickets FROM orders "
      "WHERE is_open = 1 AND id > ? ORDER BY id LIMIT ?");
  rows.id(after ? after->bits : Bits128{}).number(limit_of(max));
  return read_orders(rows);
}

std::vector<SeatClaim> list_claims(Connection& connection, std::optional<EventId> event) {
  std::vector<SeatClaim> claims;
  Statement rows = event ? connection.prepared(
                               "SELECT c.event, c.seat, c.order_id, o.buyer, o.status "
                               "FROM claims c JOIN orders o ON o.id = c.order_id "
                               "WHERE c.event = ? ORDER BY c.event, c.seat")
                         : connection.prepared(
                               "SELECT c.event, c.seat, c.order_id, o.buyer, o.status "
                               "FROM claims c JOIN orders o ON o.id = c.order_id "
                               "ORDER BY c.event, c.seat");
  if (event) rows.number(number_of(*event));
  while (rows.next()) {
    SeatClaim claim;
    claim.event = EventId{static_cast<std::uint64_t>(rows.number_at(0))};
    claim.seat = SeatId{static_cast<std::uint64_t>(rows.number_at(1))};
    claim.order = OrderId{rows.id_at(2)};
    claim.buyer = BuyerId{rows.id_at(3)};
    claim.sold = rows.number_at(4) == static_cast<std::int64_t>(order::Status::confirmed);
    claims.push_back(claim);
  }
  return claims;
}

// The oldest `max` are looked at: ids grow with time.
std::size_t purge_old_answers(Connection& connection, Instant before, std::size_t max) {
  Bits128 last;
  bool any = false;
  {
    Statement row = connection.prepared(
        "SELECT MAX(order_id) FROM (SELECT order_id FROM answers ORDER BY order_id LIMIT ?) AS f");
    row.number(limit_of(max));
    any = row.next() && row.blob_at(0).size() == 16;
    if (any) last = row.id_at(0);
  }
  std::size_t gone = 0;
  if (any) {
    gone = connection.prepared("DELETE FROM answers WHERE order_id <= ? AND stored_at < ? LIMIT ?")
               .id(last)
               .instant(before)
               .number(limit_of(max))
               .run();
  }
  // The inbox forgets at the same age: nothing that old is delivered again.
  connection.prepared("DELETE FROM inbox WHERE message < ? ORDER BY message LIMIT ?")
      .id(first_id_at(before))
      .number(limit_of(max) * 4)
      .run();
  return gone;
}

namespace {

// The ids of orders of an event that are not CANCELLED: those with a claim, and those that have
// decided not to sell and are not at their end yet.
std::vector<OrderId> uncancelled_of(Connection& connection, EventId event) {
  std::vector<OrderId> ids;
  for (const char* sql : {"SELECT DISTINCT order_id FROM claims WHERE event = ?",
                          "SELECT id FROM orders WHERE is_open = 1 AND status = 3 AND event = ?"}) {
    Statement rows = connection.prepared(sql);
    rows.number(number_of(event));
    while (rows.next()) ids.push_back(OrderId{rows.id_at(0)});
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// Whoever drives an open order goes on with it; a CONFIRMED one, opened again, is nobody's.
void cancel_chunk(Connection& connection, EventId event, Instant at, std::span<const OrderId> ids,
                  std::vector<Order>& cancelled) {
  const std::size_t first = cancelled.size();
  {
    Statement rows = connection.prepared_rows(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders "
        "WHERE status <> 4 AND id IN (",
        "?", size_of(ids), ") ORDER BY id FOR UPDATE");
    bind(rows, ids);
    while (rows.next()) cancelled.push_back(read_order(rows));
  }
  {
    Statement update = connection.prepared_rows(
        "UPDATE orders SET lease_until = IF(is_open = 1, lease_until, NOW(3)), status = 3, "
        "reason = ?, version = version + 1, updated_at = ?, tickets = '', is_open = 1 WHERE status "
        "IN (0, 1, 2) AND id IN (",
        "?", size_of(ids), ")");
    update.number(static_cast<std::int64_t>(order::Reason::event_reset)).instant(at);
    bind(update, ids);
    update.run();
  }
  {
    Statement claims = connection.prepared_rows(
        "DELETE FROM claims WHERE event = ? AND order_id IN (", "?", size_of(ids), ")");
    claims.number(number_of(event));
    bind(claims, ids);
    claims.run();
  }
  for (std::size_t i = first; i < cancelled.size(); ++i) {
    Order& order = cancelled[i];
    if (order.status == order::Status::cancelling) continue;
    order.status = order::Status::cancelling;
    order.reason = order::Reason::event_reset;
    order.updated_at = at;
    order.tickets.clear();
    ++order.version;
  }
}

}  // namespace

std::vector<Order> cancel_orders_of(Connection& connection, EventId event, Instant at) {
  std::vector<Order> cancelled;
  connection.begin();
  in_chunks(uncancelled_of(connection, event), [&](std::span<const OrderId> ids) {
    cancel_chunk(connection, event, at, ids, cancelled);
  });
  connection.commit();
  return cancelled;
}

std::vector<OrderId> acquire_leases(Connection& connection, const std::vector<OrderId>& orders,
                                    const Driver& driver) {
  std::vector<OrderId> ours;
  connection.begin();
  in_chunks(orders, [&](std::span<const OrderId> ids) {
    Statement update = connection.prepared_rows(
        "UPDATE orders SET lease_holder = ?, lease_until = NOW(3) + INTERVAL ? MICROSECOND "
        "WHERE is_open = 1 AND (lease_until <= NOW(3) OR lease_holder = ?) AND id IN (",
        "?", size_of(ids), ")");
    update.id(driver.node).number(driver.lease.count() * 1000).id(driver.node);
    bind(update, ids);
    update.run();
    Statement rows = connection.prepared_rows(
        "SELECT id FROM orders WHERE is_open = 1 AND lease_holder = ? AND id IN (", "?",
        size_of(ids), ")");
    rows.id(driver.node);
    bind(rows, ids);
    while (rows.next()) ours.push_back(OrderId{rows.id_at(0)});
  });
  connection.commit();
  return ours;
}

void renew_leases(Connection& connection, const std::vector<OrderId>& orders,
                  const Driver& driver) {
  in_chunks(orders, [&](std::span<const OrderId> ids) {
    Statement update = connection.prepared_rows(
        "UPDATE orders SET lease_until = NOW(3) + INTERVAL ? MICROSECOND "
        "WHERE is_open = 1 AND lease_holder = ? AND id IN (",
        "?", size_of(ids), ")");
    update.number(driver.lease.count() * 1000).id(driver.node);
    bind(update, ids);
    update.run();
  });
}

// Looked for without locks; of several who find the same, acquire_leases() lets one have it.
std::vector<Order> take_over_orders(Connection& connection, std::optional<OrderId> after,
                                    std::size_t max, const Driver& driver) {
  std::vector<Order> lapsed;
  {
    Statement rows = connection.prepared(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders "
        "WHERE is_open = 1 AND lease_until <= NOW(3) AND id > ? ORDER BY id LIMIT ?");
    rows.id(after ? after->bits : Bits128{}).number(limit_of(max));
    lapsed = read_orders(rows);
  }
  if (lapsed.empty() || connection.failed()) return lapsed;
  std::vector<OrderId> ids;
  for (const Order& order : lapsed) ids.push_back(order.id);
  std::vector<OrderId> ours = acquire_leases(connection, ids, driver);
  std::sort(ours.begin(), ours.end());
  std::erase_if(lapsed, [&ours](const Order& order) {
    return !std::binary_search(ours.begin(), ours.end(), order.id);
  });
  return lapsed;
}

void release_leases(Connection& connection, const std::vector<OrderId>& orders,
                    const Driver& driver) {
  in_chunks(orders, [&](std::span<const OrderId> ids) {
    Statement update = connection.prepared_rows(
        "UPDATE orders SET lease_until = NOW(3) WHERE is_open = 1 AND lease_holder = ? AND id IN (",
        "?", size_of(ids), ")");
    update.id(driver.node);
    bind(update, ids);
    update.run();
  });
}

// The row's exclusive lock waits for every place() that holds a shared one.
std::uint32_t raise_epoch(Connection& connection, EventId event, std::uint32_t at_least) {
  connection.begin();
  connection
      .prepared(
          "INSERT INTO ledger_epochs (event, epoch) VALUES (?, ?) "
          "ON DUPLICATE KEY UPDATE epoch = GREATEST(epoch, ?) + 1")
      .number(number_of(event))
      .number(std::int64_t{at_least} + 1)
      .number(at_least)
      .run();
  std::uint32_t epoch = 0;
  {
    Statement row = connection.prepared("SELECT epoch FROM ledger_epochs WHERE event = ?");
    row.number(number_of(event));
    if (row.next()) epoch = static_cast<std::uint32_t>(row.number_at(0));
  }
  connection.commit();
  return epoch;
}

void gather_inbox(Batch& batch, const std::string& consumer, const std::vector<MessageId>& ids) {
  for (const MessageId id : ids) batch.row(kInbox).id(id.bits).text(consumer);
}

}  // namespace onsale::mysql
