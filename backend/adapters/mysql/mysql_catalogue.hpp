// MysqlCatalogueStore: events and halls in the office's database, each entry one blob
// (ports/catalogue_blob.hpp). The server must accept it as one packet: max_allowed_packet of 16 MiB,
// MariaDB's default, carries a hall of some 150,000 seats.
#pragma once

#include <cstdint>

#include "ports/catalogue_store.hpp"
#include "runtime/task.hpp"

namespace onsale::mysql {

class Database;

class MysqlCatalogueStore final : public CatalogueStore {
 public:
  explicit MysqlCatalogueStore(Database& database) : database_(database) {}
  // Both wait on the caller's thread: at start and by an import, never on a request's way.
  Result<std::vector<CatalogueEntry>> load() override;
  Status put(const CatalogueEntry& entry) override;

  // Grows with each put() of any node: the cheap question whether load() would tell something new.
  Task<Result<std::uint64_t>> revision();

 private:
  Database& database_;
};

}  // namespace onsale::mysql
