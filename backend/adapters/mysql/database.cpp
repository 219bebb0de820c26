// Opening a database: a look at it with a connection of its own, then the threads.
#include "adapters/mysql/database.hpp"

#include <chrono>
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

Result<Milliseconds> ahead_of_us(Connection& connection) {
  const auto now = [] {
    return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
  };
  const Instant asked = now();
  Instant there;
  {
    Statement row = connection.prepared("SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)");
    if (row.next()) there = row.instant_at(0);
  }
  if (connection.failed()) return Failure{Code::unavailable, connection.error()};
  return there - (asked + (now() - asked) / 2);
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
  const auto ahead = ahead_of_us(**connection);
  if (!ahead) return ahead.error();
  std::unique_ptr<Database> database(new Database(endpoint));
  database->ahead_ = *ahead;
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
