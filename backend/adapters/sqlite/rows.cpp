// Packing and unpacking of rows.
#include "adapters/sqlite/rows.hpp"

#include "ports/catalogue_blob.hpp"
#include "ports/order_blob.hpp"

namespace onsale::sqlite {
Order read_order(const Statement& row) {
  Order order;
  order.id = OrderId{row.id_at(0)};
  order.buyer = BuyerId{row.id_at(1)};
  order.event = EventId{static_cast<std::uint64_t>(row.number_at(2))};
  order.seats = unpack_seats(row.blob_at(3));
  order.total = Money{row.number_at(4)};
  order.currency = row.text_at(5);
  order.status = static_cast<order::Status>(row.number_at(6));
  order.reason = static_cast<order::Reason>(row.number_at(7));
  order.version = static_cast<std::uint32_t>(row.number_at(8));
  order.attempt = AttemptId{row.id_at(9)};
  order.created_at = row.instant_at(10);
  order.pay_by = row.instant_at(11);
  order.updated_at = row.instant_at(12);
  order.trace_id = TraceId{row.id_at(13)};
  order.tickets = unpack_tickets(row.blob_at(14));
  return order;
}

Message read_message(const Statement& row) {
  Message message;
  message.id = MessageId{row.id_at(1)};
  message.type = static_cast<MessageType>(row.number_at(2));
  message.order = OrderId{row.id_at(3)};
  message.event = EventId{static_cast<std::uint64_t>(row.number_at(4))};
  message.seats = unpack_seats(row.blob_at(5));
  message.buyer = BuyerId{row.id_at(6)};
  message.total = Money{row.number_at(7)};
  message.currency = row.text_at(8);
  message.reason = static_cast<order::Reason>(row.number_at(9));
  message.at = row.instant_at(10);
  message.trace_id = TraceId{row.id_at(11)};
  return message;
}

std::vector<Order> read_orders(Connection& connection) {
  std::vector<Order> orders;
  Statement rows = connection.prepared(
      "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
      "created_at, pay_by, updated_at, trace_id, tickets FROM orders ORDER BY id");
  while (rows.next()) orders.push_back(read_order(rows));
  return orders;
}

std::vector<ProviderEntry> read_entries(Connection& connection) {
  std::vector<ProviderEntry> entries;
  Statement rows = connection.prepared(
      "SELECT attempt, order_id, operation, amount, currency, at FROM movements ORDER BY seq");
  while (rows.next()) {
    ProviderEntry entry;
    entry.attempt = AttemptId{rows.id_at(0)};
    entry.order = OrderId{rows.id_at(1)};
    entry.operation = static_cast<payment::Operation>(rows.number_at(2));
    entry.amount = Money{rows.number_at(3)};
    entry.currency = rows.text_at(4);
    entry.at = rows.instant_at(5);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<CatalogueEntry> read_catalogue(Connection& connection) {
  std::vector<CatalogueEntry> entries;
  Statement rows = connection.prepared("SELECT entry FROM catalogue ORDER BY event");
  while (rows.next()) {
    CatalogueEntry entry;
    if (!parse_catalogue_entry(rows.blob_at(0), entry)) {
      connection.note_failure();
      break;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

void insert_order(Connection& connection, const Order& order, std::int64_t key_hash) {
  const PackedSeats seats(order.seats);
  const std::string tickets = pack_tickets(order.tickets);
  connection
      .prepared(
          "INSERT INTO orders (id, buyer, event, seats, amount, currency, status, reason, version, "
          "attempt, created_at, pay_by, updated_at, trace_id, key_hash, tickets) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .id(order.id.bits)
      .id(order.buyer.bits)
      .number(static_cast<std::int64_t>(order.event.value))
      .blob(seats.view())
      .number(order.total.amount)
      .text(order.currency)
      .number(static_cast<std::int64_t>(order.status))
      .number(static_cast<std::int64_t>(order.reason))
      .number(order.version)
      .id(order.attempt.bits)
      .instant(order.created_at)
      .instant(order.pay_by)
      .instant(order.updated_at)
      .id(order.trace_id.bits)
      .number(key_hash)
      .blob(tickets)
      .run();
}

void insert_messages(Connection& connection, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    const PackedSeats seats(message.seats);
    connection
        .prepared(
            "INSERT INTO outbox (id, type, order_id, event, seats, buyer, amount, currency, "
            "reason, at, trace_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .id(message.id.bits)
        .number(static_cast<std::int64_t>(message.type))
        .id(message.order.bits)
        .number(static_cast<std::int64_t>(message.event.value))
        .blob(seats.view())
        .id(message.buyer.bits)
        .number(message.total.amount)
        .text(message.currency)
        .number(static_cast<std::int64_t>(message.reason))
        .instant(message.at)
        .id(message.trace_id.bits)
        .run();
  }
}

}  // namespace onsale::sqlite
