// The catalogue on MySQL.
#include "adapters/mysql/mysql_catalogue.hpp"

#include <string>
#include <utility>

#include "adapters/mysql/database.hpp"
#include "adapters/mysql/pool.hpp"
#include "ports/catalogue_blob.hpp"

namespace onsale::mysql {

Result<std::vector<CatalogueEntry>> MysqlCatalogueStore::load() {
  using Entries = std::vector<CatalogueEntry>;
  auto ask = [](Connection& connection) -> Result<Entries> {
    Entries entries;
    Statement rows = connection.prepared("SELECT entry FROM catalogue ORDER BY event");
    while (rows.next()) {
      CatalogueEntry entry;
      if (!parse_catalogue_entry(rows.blob_at(0), entry)) {
        return Failure{Code::unavailable, "the catalogue in the database cannot be read"};
      }
      entries.push_back(std::move(entry));
    }
    return entries;
  };
  return in_pool_blocking<Entries>(database_.pool(), std::move(ask));
}

Status MysqlCatalogueStore::put(const CatalogueEntry& entry) {
  auto ask = [event = entry.event.id,
              bytes = render_catalogue_entry(entry)](Connection& connection) -> Status {
    connection
        .prepared(
            "INSERT INTO catalogue (event, entry, revision) VALUES (?, ?, 1) "
            "ON DUPLICATE KEY UPDATE entry = ?, revision = revision + 1")
        .number(static_cast<std::int64_t>(event.value))
        .blob(bytes)
        .blob(bytes)
        .run();
    return ok();
  };
  return in_pool_blocking<Unit>(database_.pool(), std::move(ask));
}

Task<Result<std::uint64_t>> MysqlCatalogueStore::revision() {
  auto ask = [](Connection& connection) -> Result<std::uint64_t> {
    Statement row = connection.prepared("SELECT COALESCE(SUM(revision), 0) FROM catalogue");
    return row.next() ? static_cast<std::uint64_t>(row.number_at(0)) : 0;
  };
  return in_pool<std::uint64_t>(database_.pool(), std::move(ask));
}

}  // namespace onsale::mysql
