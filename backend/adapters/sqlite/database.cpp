// Opening a file and bringing its schema forward.
#include "adapters/sqlite/database.hpp"

#include <cstdint>
#include <span>

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/readers.hpp"
#include "adapters/sqlite/schema.hpp"
#include "adapters/sqlite/writer.hpp"

namespace onsale::sqlite {
namespace {

Failure failure_of(const std::string& path, const std::string& what) {
  return Failure{Code::unavailable, path + ": " + what};
}

Status migrate(Connection& connection, const std::string& path,
               std::span<const char* const> migrations) {
  connection.execute(
      "BEGIN IMMEDIATE;"
      "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL) STRICT");
  std::size_t version = 0;
  {
    Statement row = connection.prepared("SELECT max(version) FROM schema_version");
    if (row.next()) version = static_cast<std::size_t>(row.number_at(0));
  }
  if (!connection.failed() && version > migrations.size()) {
    connection.execute("ROLLBACK");
    return failure_of(path, "made by a newer onsale (schema " + std::to_string(version) + ")");
  }
  for (; version < migrations.size() && !connection.failed(); ++version) {
    connection.execute(migrations[version]);
    connection.prepared("INSERT INTO schema_version VALUES (?)")
        .number(static_cast<std::int64_t>(version) + 1)
        .run();
  }
  if (!connection.failed()) connection.execute("COMMIT");
  if (!connection.failed()) return ok();
  const std::string why = connection.error();
  connection.execute("ROLLBACK");
  return failure_of(path, why);
}

}  // namespace

Database::Database() = default;
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Schema schema,
                                                 DatabaseOptions options) {
  auto connection = open_for_writing(path, options, true);
  if (!connection) return connection.error();
  const std::span<const char* const> migrations =
      schema == Schema::office ? std::span(kOfficeMigrations, kOfficeMigrationCount)
                               : std::span(kProviderMigrations, kProviderMigrationCount);
  const Status migrated = migrate(**connection, path, migrations);
  if (!migrated) return migrated.error();
  std::unique_ptr<Database> database(new Database);
  database->readers_ = std::make_unique<Readers>(path, options.readers_max);
  database->writer_ = std::make_unique<Writer>(path, std::move(*connection), options);
  return database;
}

DatabaseStats Database::stats() const { return writer_->stats(); }

}  // namespace onsale::sqlite
