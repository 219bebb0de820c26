// One migration after the other under a lock of the server's. DDL commits by itself, so each
// statement of a migration can be repeated and the version is written after the last one.
#include "adapters/mysql/migrations.hpp"

#include <string>
#include <string_view>

namespace onsale::mysql {
namespace {

constexpr std::int64_t kLockWaitSeconds = 60;
constexpr unsigned kMigrationAnswerSeconds = 600;  // an ALTER of a large table takes its time

std::string_view name_of(Schema schema) { return schema == Schema::office ? "office" : "provider"; }

Failure failure_of(const Endpoint& endpoint, const std::string& what) {
  return Failure{Code::unavailable, "the database " + endpoint.to_string() + ": " + what};
}

struct Standing {
  unsigned version = 0;
  unsigned usable_from = 0;
};

Standing standing_of(Connection& connection, Schema schema) {
  Statement table = connection.prepared(
      "SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
      "'schema_versions'");
  if (!table.next()) return {};
  Statement row =
      connection.prepared("SELECT version, usable_from FROM schema_versions WHERE component = ?");
  row.text(name_of(schema));
  if (!row.next()) return {};
  return {static_cast<unsigned>(row.number_at(0)), static_cast<unsigned>(row.number_at(1))};
}

bool run_statements(Connection& connection, std::string_view sql) {
  constexpr std::string_view kEnd = ";\n";
  while (!connection.failed()) {
    const std::size_t end = sql.find(kEnd);
    if (end == std::string_view::npos) break;
    connection.execute(sql.substr(0, end));
    sql.remove_prefix(end + kEnd.size());
  }
  return !connection.failed();
}

bool take_lock(Connection& connection) {
  Statement row =
      connection.prepared("SELECT GET_LOCK(CONCAT('onsale.migrate.', LEFT(DATABASE(), 40)), ?)");
  row.number(kLockWaitSeconds);
  return row.next() && row.number_at(0) == 1;
}

void run_migrations(Connection& connection, Schema schema, unsigned from) {
  const auto migrations = migrations_of(schema);
  for (unsigned version = from; version < migrations.size(); ++version) {
    if (!run_statements(connection, migrations[version].sql)) return;
    connection
        .prepared(
            "INSERT INTO schema_versions (component, version, usable_from) VALUES (?, ?, ?) "
            "ON DUPLICATE KEY UPDATE version = ?, usable_from = ?")
        .text(name_of(schema))
        .number(version + 1)
        .number(migrations[version].usable_from)
        .number(version + 1)
        .number(migrations[version].usable_from)
        .run();
  }
}

}  // namespace

Result<Migrated> migrate(const Endpoint& endpoint, Schema schema) {
  Timeouts timeouts;
  timeouts.answer_s = kMigrationAnswerSeconds;
  timeouts.whole_s = 0;
  auto opened = Connection::open(endpoint, timeouts);
  if (!opened) return opened.error();
  Connection& connection = **opened;
  if (!take_lock(connection)) {
    return failure_of(
        endpoint, connection.failed() ? connection.error() : "another migration is still running");
  }
  connection.execute(
      "CREATE TABLE IF NOT EXISTS schema_versions (component VARCHAR(16) NOT NULL PRIMARY KEY, "
      "version INT NOT NULL, usable_from INT NOT NULL) ENGINE=InnoDB");
  const Standing before = standing_of(connection, schema);
  if (!connection.failed()) run_migrations(connection, schema, before.version);
  const Standing after = standing_of(connection, schema);
  if (connection.failed()) return failure_of(endpoint, connection.error());
  return Migrated{before.version, after.version};
}

Status check_schema(Connection& connection, const Endpoint& endpoint, Schema schema) {
  const Standing standing = standing_of(connection, schema);
  if (connection.failed()) return failure_of(endpoint, connection.error());
  const auto known = static_cast<unsigned>(migrations_of(schema).size());
  const std::string has = "its " + std::string(name_of(schema)) + " schema is of version " +
                          std::to_string(standing.version);
  if (standing.version < known) {
    return failure_of(
        endpoint, has + ", this onsale needs " + std::to_string(known) + ": run `onsale migrate`");
  }
  if (standing.usable_from > known) {
    return failure_of(endpoint, has + ", made by a newer onsale that this one cannot work with");
  }
  return ok();
}

}  // namespace onsale::mysql
