// Opening a database: a look at it with a connection of its own, then the threads.
#include "adapters/mysql/database.hpp"

#include <random>
#include <utility>

#include "adapters/mysql/migrations.hpp"
#include "adapters/mysql/pool.hpp"
#include "adapters/mysql/writers.hpp"

namespace onsale::mysql {
namespace {

Bits128 drawn() {
  std::random_device device;
  const auto word = [&device] { return static_cast<std::uint64_t>(device()) << 32U | device(); };
  const std::uint64_t hi = word();
  return {hi, word()};
}

}  // namespace

Database::Database(Endpoint endpoint) : endpoint_(std::move(endpoint)), node_(drawn()) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(const Endpoint& endpoint, Schema schema,
                                                 DatabaseOptions options) {
  auto connection = Connection::open(endpoint, options.timeouts);
  if (!connection) return connection.error();
  const Status usable = check_schema(**connection, endpoint, schema);
  if (!usable) return usable.error();
  std::unique_ptr<Database> database(new Database(endpoint));
  database->pool_ = std::make_unique<Pool>(endpoint, options);
  database->writers_ = std::make_unique<Writers>(endpoint, options);
  return database;
}

DatabaseStats Database::stats() const {
  DatabaseStats stats = writers_->stats();
  const auto reads = pool_->stats();
  stats.refused += reads.refused;
  stats.retried += reads.retried;
  stats.reconnects += reads.reconnects;
  stats.reads_queued = reads.queued;
  return stats;
}

}  // namespace onsale::mysql
