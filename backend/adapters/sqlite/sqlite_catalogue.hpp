// SqliteCatalogueStore: events and halls in the office's file; each entry one blob (catalogue_blob.hpp).
#pragma once

#include "ports/catalogue_store.hpp"

namespace onsale::sqlite {

class Database;

class SqliteCatalogueStore final : public CatalogueStore {
 public:
  explicit SqliteCatalogueStore(Database& database) : database_(database) {}
  Result<std::vector<CatalogueEntry>> load() override;
  Status put(const CatalogueEntry& entry) override;

 private:
  Database& database_;
};

}  // namespace onsale::sqlite
