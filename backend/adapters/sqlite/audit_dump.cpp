// Reading a data folder for an audit: one read transaction a file, nothing folded back on closing.
#include "adapters/sqlite/audit_dump.hpp"

#include <memory>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/rows.hpp"

namespace onsale::sqlite {
namespace {

Result<std::unique_ptr<Connection>> open_snapshot(const std::string& path) {
  // Opened for writing if the folder allows it, because the log of a killed office has to be
  // indexed before it can be read; the pragma keeps every hand off the tables.
  auto opened = Connection::open(path, Connection::Mode::write);
  if (!opened) opened = Connection::open(path, Connection::Mode::read);
  if (!opened) return opened.error();
  (*opened)->keep_log_on_close();
  if (!(*opened)->execute("PRAGMA query_only = ON; BEGIN; SELECT count(*) FROM schema_version")) {
    return Failure{Code::unavailable, path + ": " + (*opened)->error()};
  }
  return opened;
}

std::size_t count_of(Connection& connection, const char* sql) {
  Statement row = connection.prepared(sql);
  return row.next() ? static_cast<std::size_t>(row.number_at(0)) : 0;
}

std::vector<ClaimRow> read_claims(Connection& connection) {
  std::vector<ClaimRow> claims;
  Statement rows =
      connection.prepared("SELECT event, seat, order_id FROM claims ORDER BY event, seat");
  while (rows.next()) {
    claims.push_back({EventId{static_cast<std::uint64_t>(rows.number_at(0))},
                      SeatId{static_cast<std::uint64_t>(rows.number_at(1))},
                      OrderId{rows.id_at(2)}});
  }
  return claims;
}

std::vector<AnswerRow> read_answers(Connection& connection) {
  std::vector<AnswerRow> answers;
  Statement rows = connection.prepared(
      "SELECT o.buyer, a.route, a.key, a.location, a.http_status FROM answers a "
      "LEFT JOIN orders o ON o.id = a.order_id ORDER BY a.order_id");
  while (rows.next()) {
    AnswerRow answer;
    answer.buyer = BuyerId{rows.id_at(0)};
    answer.route = rows.text_at(1);
    answer.key = rows.text_at(2);
    answer.location = rows.text_at(3);
    answer.http_status = static_cast<int>(rows.number_at(4));
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace

Result<OfficeDump> dump_office(const std::string& path) {
  auto opened = open_snapshot(path);
  if (!opened) return opened.error();
  Connection& connection = **opened;
  OfficeDump dump;
  dump.orders = read_orders(connection);
  dump.claims = read_claims(connection);
  dump.answers = read_answers(connection);
  dump.outbox_unsent = count_of(connection, "SELECT count(*) FROM outbox");
  dump.inbox_rows = count_of(connection, "SELECT count(*) FROM inbox");
  dump.catalogue = read_catalogue(connection);
  if (connection.failed()) return Failure{Code::unavailable, path + ": " + connection.error()};
  return dump;
}

Result<std::vector<ProviderEntry>> dump_provider(const std::string& path) {
  auto opened = open_snapshot(path);
  if (!opened) return opened.error();
  std::vector<ProviderEntry> entries = read_entries(**opened);
  if ((*opened)->failed()) return Failure{Code::unavailable, path + ": " + (*opened)->error()};
  return entries;
}

}  // namespace onsale::sqlite
