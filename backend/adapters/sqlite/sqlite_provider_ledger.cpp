// The provider's book on SQLite: the rule is payment::move(), the file keeps its lines.
#include "adapters/sqlite/sqlite_provider_ledger.hpp"

#include <utility>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/rows.hpp"
#include "adapters/sqlite/writer.hpp"

namespace onsale::sqlite {
namespace {

AttemptState read_state(Connection& connection, AttemptId attempt) {
  Statement row = connection.prepared("SELECT state FROM attempts WHERE attempt = ?");
  row.id(attempt.bits);
  return row.next() ? static_cast<AttemptState>(row.number_at(0)) : AttemptState::none;
}

Verdict write_entry(Connection& connection, const ProviderEntry& entry,
                    payment::Movement& movement) {
  movement = payment::move(read_state(connection, entry.attempt), entry.operation);
  if (!movement.written) return Verdict::keep;
  connection
      .prepared(
          "INSERT INTO attempts (attempt, state) VALUES (?, ?) "
          "ON CONFLICT (attempt) DO UPDATE SET state = excluded.state")
      .id(entry.attempt.bits)
      .number(static_cast<std::int64_t>(movement.next))
      .run();
  connection
      .prepared(
          "INSERT INTO movements (attempt, order_id, operation, amount, currency, at) "
          "VALUES (?, ?, ?, ?, ?, ?)")
      .id(entry.attempt.bits)
      .id(entry.order.bits)
      .number(static_cast<std::int64_t>(entry.operation))
      .number(entry.amount.amount)
      .text(entry.currency)
      .instant(entry.at)
      .run();
  return Verdict::keep;
}

}  // namespace

Task<Result<payment::Movement>> SqliteProviderLedger::apply(ProviderEntry entry) {
  auto write = [entry = std::move(entry)](Connection& connection, payment::Movement& movement) {
    return write_entry(connection, entry, movement);
  };
  return in_next_commit<payment::Movement>(database_.writer(), std::move(write));
}

Task<Result<AttemptState>> SqliteProviderLedger::state_of(AttemptId attempt) {
  Readers::Lease reader = database_.readers().take();
  if (!reader) return Result<AttemptState>(Code::unavailable);
  const AttemptState state = read_state(*reader, attempt);
  if (reader->failed()) return Result<AttemptState>(Code::unavailable);
  return Result<AttemptState>(state);
}

Task<Result<std::vector<ProviderEntry>>> SqliteProviderLedger::entries() {
  using Answer = Result<std::vector<ProviderEntry>>;
  Readers::Lease reader = database_.readers().take();
  if (!reader) return Answer(Code::unavailable);
  std::vector<ProviderEntry> entries = read_entries(*reader);
  if (reader->failed()) return Answer(Code::unavailable);
  return Answer(std::move(entries));
}

}  // namespace onsale::sqlite
