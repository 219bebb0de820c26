// CatalogService: the events on offer, answered from memory, and each one's live seat map.
//
// Offers are immutable; the table that finds them is replaced as a whole when one is added, and
// readers follow one atomic pointer, without a lock. Tables and offers that were replaced are kept
// until the service ends, because a reader may still look at one: a pointer got from find() is good
// for the service's life. Imports into a running office are rare and bounded (imports_max).
//
// Thread-safe. load() and put() go to the store and may block: not on a loop that serves.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "ports/catalogue.hpp"
#include "ports/catalogue_store.hpp"
#include "ports/seat_feed.hpp"
#include "services/catalog/offer.hpp"
#include "services/catalog/seat_map_view.hpp"

namespace onsale::catalog {

struct CatalogLimits {
  std::size_t events_max = 10'000;
  std::size_t imports_max = 10'000;  // put() calls in one process's life
  SeatMapLimits seat_map;
};

class CatalogService final : public Catalogue {
 public:
  // One event as it is shown: what does not change, and what does.
  struct Entry {
    const Offer* offer;
    SeatMapView* seat_map;
  };

  // `store` and `feed` must outlive the service.
  CatalogService(CatalogueStore& store, SeatFeed& feed, CatalogLimits limits = {});
  ~CatalogService() override;

  // Reads every event from the store. Once, before traffic.
  Status load();
  // Stores an event and its hall (new, or a re-import), then offers it. Does not touch the ledger:
  // the caller opens the event there first, so that its feed exists.
  Status put(CatalogueEntry entry);
  // Offers what another node has stored. Refused like put(), but for what the store may refuse.
  Status adopt(CatalogueEntry entry);

  // nullptr: no such event. Both pointers are good for the service's life.
  [[nodiscard]] const Entry* find(EventId event) const;
  // Every event, by id.
  [[nodiscard]] std::vector<Entry> all() const;

  // Catalogue
  [[nodiscard]] Result<SaleState> sale_state(EventId event, Instant now) const override;
  [[nodiscard]] Result<Quote> quote(EventId event, const SeatIds& seats) const override;
  [[nodiscard]] SeatLabel label(EventId event, SeatId seat) const override;

 private:
  struct Table;
  Status offer(std::vector<CatalogueEntry> entries) ONSALE_REQUIRES(mutex_);

  CatalogueStore& store_;
  SeatFeed& feed_;
  const CatalogLimits limits_;
  std::atomic<const Table*> table_;
  Mutex mutex_;  // writers only
  std::vector<std::unique_ptr<const Table>> tables_ ONSALE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<const Offer>> offers_ ONSALE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<SeatMapView>> views_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale::catalog
