// Keeping read connections.
#include "adapters/sqlite/readers.hpp"

namespace onsale::sqlite {

Readers::Lease Readers::take() { return {*this, idle_or_new()}; }

std::unique_ptr<Connection> Readers::idle_or_new() {
  {
    const Lock lock(mutex_);
    if (out_ >= most_) return nullptr;
    ++out_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      connection->clear_failure();
      return connection;
    }
  }
  // Opened for writing and then bound to reading: a reader of a WAL file may have to make its index.
  auto opened = Connection::open(path_, Connection::Mode::write);
  if (opened && (*opened)->execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192")) {
    return std::move(*opened);
  }
  const Lock lock(mutex_);
  --out_;
  return nullptr;
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
  if (connection == nullptr) return;
  const bool broken = connection->failed();
  const Lock lock(mutex_);
  --out_;
  if (!broken) idle_.push_back(std::move(connection));
}

}  // namespace onsale::sqlite
