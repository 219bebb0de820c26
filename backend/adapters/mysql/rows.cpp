// Packing and unpacking of rows.
#include "adapters/mysql/rows.hpp"

namespace onsale::mysql {
namespace {

constexpr Insert kClaims{1, "INSERT INTO claims (event, seat, order_id) VALUES ", "(?,?,?)", 3,
                         true};
constexpr Insert kAnswers{2,
                          "INSERT INTO answers (order_id, buyer, route, idem_key, body_hash, "
                          "http_status, location, body, stored_at) VALUES ",
                          "(?,?,?,?,?,?,?,?,?)", 9, false};
constexpr Insert kOrders{3,
                         "INSERT INTO orders (id, buyer, event, seats, amount, currency, status, "
                         "reason, version, attempt, created_at, pay_by, updated_at, trace_id, "
                         "tickets, is_open, lease_holder, lease_until) VALUES ",
                         "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,'',1,?,NOW(3) + INTERVAL ? MICROSECOND)", 16,
                         false};
constexpr Insert kOutbox{4,
                         "INSERT INTO outbox (id, type, order_id, event, seats, buyer, amount, "
                         "currency, reason, at, trace_id, relay) VALUES ",
                         "(?,?,?,?,?,?,?,?,?,?,?,?)", 12, false};

}  // namespace

std::string pack_seats(const SeatIds& seats) { return std::string(PackedSeats(seats).view()); }

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

void gather_order(Batch& batch, const PlaceOrder& command, std::string_view packed,
                  const Driver& driver) {
  const Order& order = command.order;
  for (const SeatId seat : order.seats) {
    batch.row(kClaims).number(number_of(order.event)).number(number_of(seat)).id(order.id.bits);
  }
  batch.row(kAnswers)
      .id(order.id.bits)
      .id(command.scope.buyer.bits)
      .text(command.scope.route)
      .text(command.scope.key)
      .blob(command.answer.body_hash)
      .number(command.answer.http_status)
      .text(command.answer.location)
      .blob(command.answer.body)
      .instant(command.answer.stored_at);
  batch.row(kOrders)
      .id(order.id.bits)
      .id(order.buyer.bits)
      .number(number_of(order.event))
      .blob(packed)
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
      .id(driver.node)
      .number(driver.lease.count() * 1000);
}

void gather_messages(Batch& batch, const std::vector<Message>& messages,
                     const std::vector<std::string>& packed, Bits128 node) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    batch.row(kOutbox)
        .id(message.id.bits)
        .number(static_cast<std::int64_t>(message.type))
        .id(message.order.bits)
        .number(number_of(message.event))
        .blob(packed[i])
        .id(message.buyer.bits)
        .number(message.total.amount)
        .text(message.currency)
        .number(static_cast<std::int64_t>(message.reason))
        .instant(message.at)
        .id(message.trace_id.bits)
        .id(node);
  }
}

std::vector<std::string> pack_seats(const std::vector<Message>& messages) {
  std::vector<std::string> packed;
  packed.reserve(messages.size());
  for (const Message& message : messages) packed.push_back(pack_seats(message.seats));
  return packed;
}

}  // namespace onsale::mysql
