// CatalogueStore: the events and halls on offer, durable. Small, read at start and on import.
//
// Contract: put() replaces an event and its hall together or not at all. Thread-safe.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "domain/catalog/hall.hpp"

namespace onsale {

struct CatalogueEntry {
  catalog::Event event;
  catalog::Hall hall;
};

class CatalogueStore {
 public:
  virtual ~CatalogueStore() = default;
  virtual Result<std::vector<CatalogueEntry>> load() = 0;
  virtual Status put(const CatalogueEntry& entry) = 0;
};

}  // namespace onsale
