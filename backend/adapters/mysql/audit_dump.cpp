// One read transaction over all tables.
#include "adapters/mysql/audit_dump.hpp"

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/database.hpp"
#include "adapters/mysql/pool.hpp"
#include "adapters/mysql/rows.hpp"
#include "ports/catalogue_blob.hpp"

namespace onsale::mysql {
namespace {

Result<OfficeDump> read_all(Connection& connection) {
  OfficeDump dump;
  {
    Statement rows = connection.prepared(
        "SELECT id, buyer, event, seats, amount, currency, status, reason, version, attempt, "
        "created_at, pay_by, updated_at, trace_id, tickets FROM orders ORDER BY id");
    while (rows.next()) dump.orders.push_back(read_order(rows));
  }
  {
    Statement rows = connection.prepared(
        "SELECT c.event, c.seat, c.order_id, o.buyer, o.status FROM claims c "
        "LEFT JOIN orders o ON o.id = c.order_id ORDER BY c.event, c.seat");
    while (rows.next()) {
      SeatClaim claim;
      claim.event = {static_cast<std::uint64_t>(rows.number_at(0))};
      claim.seat = {static_cast<std::uint64_t>(rows.number_at(1))};
      claim.order = {rows.id_at(2)};
      const bool has_order = !rows.blob_at(3).empty();
      if (has_order) claim.buyer = {rows.id_at(3)};
      claim.sold =
          has_order && rows.number_at(4) == static_cast<std::int64_t>(order::Status::confirmed);
      dump.claims.push_back(claim);
    }
  }
  {
    Statement rows = connection.prepared(
        "SELECT buyer, route, idem_key, location, http_status FROM answers ORDER BY order_id");
    while (rows.next()) {
      dump.answers.push_back({.buyer = {rows.id_at(0)},
                              .route = std::string{rows.text_at(1)},
                              .key = std::string{rows.text_at(2)},
                              .location = std::string{rows.text_at(3)},
                              .http_status = static_cast<int>(rows.number_at(4))});
    }
  }
  {
    Statement row = connection.prepared("SELECT COUNT(*) FROM outbox");
    if (row.next()) dump.outbox_unsent = static_cast<std::size_t>(row.number_at(0));
  }
  Statement rows = connection.prepared("SELECT entry FROM catalogue ORDER BY event");
  while (rows.next()) {
    CatalogueEntry entry;
    if (!parse_catalogue_entry(rows.blob_at(0), entry)) {
      return Failure{Code::unavailable, "the catalogue in the database cannot be read"};
    }
    dump.catalogue.push_back(std::move(entry));
  }
  return dump;
}

}  // namespace

Result<OfficeDump> dump_office(Database& database) {
  auto ask = [](Connection& connection) -> Result<OfficeDump> {
    const Connection::Unhurried reading(connection);
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    connection.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    auto dump = read_all(connection);
    connection.execute("COMMIT");
    return dump;
  };
  return in_pool_blocking<OfficeDump>(database.pool(), std::move(ask));
}

}  // namespace onsale::mysql
