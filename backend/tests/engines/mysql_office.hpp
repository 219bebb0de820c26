// What the tests over MariaDB share: a server for all cases of a run, nodes on a fresh database,
// plain orders.
#pragma once

#include <memory>
#include <string>

#include "adapters/mysql/database.hpp"
#include "adapters/mysql/mysql_orders.hpp"
#include "ports/clock.hpp"
#include "tests/support/mariadb_server.hpp"

namespace onsale {

// The one server of this test program, started when first asked for.
inline MariadbServer& shared_mariadb() {
  static MariadbServer server;
  return server;
}

inline constexpr const char* kNoMariadb = "mariadb-server is not installed";

inline std::unique_ptr<mysql::Database> open_database(
    const mysql::Endpoint& endpoint, mysql::DatabaseOptions options = {},
    mysql::Schema schema = mysql::Schema::office) {
  auto opened = mysql::Database::open(endpoint, schema, options);
  check(opened.has_value(), opened ? "" : opened.error().detail.c_str());
  return std::move(*opened);
}

// One process of the office, as far as the database sees it.
struct MysqlNode {
  explicit MysqlNode(const mysql::Endpoint& endpoint, mysql::DatabaseOptions options = {},
                     mysql::OrderStoreOptions store_options = {})
      : database(open_database(endpoint, options)), store(*database, store_options) {}
  std::unique_ptr<mysql::Database> database;
  mysql::MysqlOrderStore store;
};

inline constexpr Instant kOfficeStart = instant_of_ms(1'800'000'000'000);

// The n-th order: by a buyer of its own, for seat n unless told otherwise, with one message.
inline PlaceOrder nth_order(std::uint64_t n, SeatIds seats = {}) {
  PlaceOrder command;
  Order& order = command.order;
  order.created_at = order.updated_at = kOfficeStart + Milliseconds{static_cast<std::int64_t>(n)};
  order.id = OrderId{uuid_v7(order.created_at, {n, n})};
  order.buyer = BuyerId{{0xB0, n}};
  order.event = EventId{1};
  order.seats = seats.empty() ? SeatIds{SeatId{n}} : seats;
  order.total = Money{50'000};
  order.currency = "KRW";
  order.pay_by = order.created_at + Milliseconds{30'000};
  command.scope = {order.buyer, "POST /orders", "k"};
  command.answer = {"hash", 201, "/orders", std::string(200, 'b'), order.created_at};
  Message message;
  message.id = MessageId{uuid_v7(order.created_at, {n, n})};
  message.order = order.id;
  message.event = order.event;
  message.seats = order.seats;
  message.buyer = order.buyer;
  message.currency = "KRW";
  message.at = order.created_at;
  command.messages = {message};
  return command;
}

}  // namespace onsale
