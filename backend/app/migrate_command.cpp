// Forward only, one at a time (the adapter's own lock), told in one line a database.
#include "app/migrate_command.hpp"

#include <cstdio>

#include "adapters/embedded/system_clock.hpp"
#include "adapters/mysql/database.hpp"
#include "adapters/mysql/migrations.hpp"
#include "adapters/mysql/mysql_catalogue.hpp"
#include "app/demo_catalogue.hpp"
#include "app/engines.hpp"
#include "services/catalog/catalog_service.hpp"

namespace onsale::app {
namespace {

int refuse(const Failure& failure) {
  std::fprintf(stderr, "onsale: %s\n", failure.detail.c_str());
  return 1;
}

Status bring_forward(const Result<mysql::Endpoint>& endpoint, mysql::Schema schema,
                     const char* what) {
  if (!endpoint) return endpoint.error();
  const auto migrated = mysql::migrate(*endpoint, schema);
  if (!migrated) return migrated.error();
  if (migrated->from == migrated->to) {
    std::printf("%s (%s): version %u, nothing to do\n", what, endpoint->to_string().c_str(),
                migrated->to);
  } else {
    std::printf("%s (%s): from version %u to %u\n", what, endpoint->to_string().c_str(),
                migrated->from, migrated->to);
  }
  return ok();
}

Result<std::size_t> put_demo(const mysql::Endpoint& endpoint) {
  auto database = mysql::Database::open(endpoint, mysql::Schema::office);
  if (!database) return database.error();
  mysql::MysqlCatalogueStore store(**database);
  const auto there = store.load();
  if (!there) return there.error();
  if (!there->empty()) return std::size_t{0};
  const SystemClock clock;
  std::size_t put = 0;
  for (const CatalogueEntry& entry : demo_catalogue(clock.now())) {
    if (Status stored = store.put(entry); !stored) return stored.error();
    ++put;
  }
  return put;
}

}  // namespace

int migrate(const Config& config, bool demo) {
  if (config.db.url.empty()) {
    return refuse({Code::validation_failed,
                   "migrate needs db.url, e.g. --db.url mysql://onsale@db.internal:3306/onsale"});
  }
  const auto office = office_database(config);
  if (Status done = bring_forward(office, mysql::Schema::office, "orders"); !done) {
    return refuse(done.error());
  }
  const auto provider = provider_database(config);
  if (Status done = bring_forward(provider, mysql::Schema::provider, "provider"); !done) {
    return refuse(done.error());
  }
  if (!demo) return 0;
  const auto put = put_demo(*office);
  if (!put) return refuse(put.error());
  std::printf("demo events: %zu stored\n", *put);
  return 0;
}

}  // namespace onsale::app
