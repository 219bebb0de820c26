// The provider's book on MySQL: the rule is payment::move(), the database keeps its lines. Two nodes
// at one attempt meet in provider_attempts: its key, or the state that an UPDATE expects.
#include "adapters/mysql/mysql_provider_ledger.hpp"

#include <utility>

#include "adapters/mysql/database.hpp"
#include "adapters/mysql/pool.hpp"
#include "adapters/mysql/writers.hpp"

namespace onsale::mysql {
namespace {

constexpr Insert kMovements{
    1,
    "INSERT INTO provider_movements (attempt, order_id, operation, amount, currency, at) VALUES ",
    "(?,?,?,?,?,?)", 6, false};

AttemptState read_state(Connection& connection, AttemptId attempt) {
  Statement row = connection.prepared("SELECT state FROM provider_attempts WHERE attempt = ?");
  row.id(attempt.bits);
  return row.next() ? static_cast<AttemptState>(row.number_at(0)) : AttemptState::none;
}

// A rival that was quicker fails the connection as a taken key does: the command is written again and
// reads what the rival has made of the attempt.
void write_state(Connection& connection, AttemptId attempt, AttemptState from, AttemptState to) {
  if (from == AttemptState::none) {
    connection.prepared("INSERT INTO provider_attempts (attempt, state) VALUES (?, ?)")
        .id(attempt.bits)
        .number(static_cast<std::int64_t>(to))
        .run();
    return;
  }
  const std::uint64_t changed =
      connection.prepared("UPDATE provider_attempts SET state = ? WHERE attempt = ? AND state = ?")
          .number(static_cast<std::int64_t>(to))
          .id(attempt.bits)
          .number(static_cast<std::int64_t>(from))
          .run();
  if (changed != 1) connection.fail(Trouble::duplicate, "the attempt has moved on");
}

void write_entry(Connection& connection, Batch& batch, const ProviderEntry& entry,
                 payment::Movement& movement) {
  const AttemptState now = read_state(connection, entry.attempt);
  movement = payment::move(now, entry.operation);
  if (!movement.written) return;
  write_state(connection, entry.attempt, now, movement.next);
  batch.row(kMovements)
      .id(entry.attempt.bits)
      .id(entry.order.bits)
      .number(static_cast<std::int64_t>(entry.operation))
      .number(entry.amount.amount)
      .text(entry.currency)
      .instant(entry.at);
}

}  // namespace

Task<Result<payment::Movement>> MysqlProviderLedger::apply(ProviderEntry entry) {
  const Turn turn{0, entry.attempt.bits};
  auto write = [entry = std::move(entry)](Connection& connection, Batch& batch,
                                          payment::Movement& movement) {
    write_entry(connection, batch, entry, movement);
  };
  return in_next_commit<payment::Movement>(database_.writers(), turn, std::move(write));
}

Task<Result<AttemptState>> MysqlProviderLedger::state_of(AttemptId attempt) {
  auto ask = [attempt](Connection& connection) { return Result(read_state(connection, attempt)); };
  return in_pool<AttemptState>(database_.pool(), std::move(ask));
}

Task<Result<std::vector<ProviderEntry>>> MysqlProviderLedger::entries() {
  using Entries = std::vector<ProviderEntry>;
  auto ask = [](Connection& connection) {
    const Connection::Unhurried reading(connection);
    Entries entries;
    Statement rows = connection.prepared(
        "SELECT attempt, order_id, operation, amount, currency, at FROM provider_movements "
        "ORDER BY seq");
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
    return Result(std::move(entries));
  };
  return in_pool<Entries>(database_.pool(), std::move(ask));
}

}  // namespace onsale::mysql
