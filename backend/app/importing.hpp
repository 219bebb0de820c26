// Importing a hall: from a file on disk to an event on sale, into a running office or into the data
// folder of a stopped one. Bad input changes nothing.
#pragma once

#include <functional>
#include <string>

#include "api/codec/import_wish.hpp"
#include "ports/clock.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "services/catalog/catalog_service.hpp"

namespace onsale::app {

struct ImportTools {
  catalog::CatalogService& catalog;
  SeatLedgerAdmin& ledger;
  const Clock& clock;
  // Statuses of an event's seats by index, for a re-import.
  std::function<Result<std::vector<seat::WireStatus>>(EventId)> statuses;
};

// Reads the plan (JSON or CSV by its content), prices it, merges it into an event that exists,
// opens it in the ledger, stores and offers it. Blocks: reads files, writes the store.
Result<api::ImportReport> import_hall(const ImportTools& tools, const api::ImportWish& wish);

// RFC 3339 with offset or Z, or a plain date and time taken as UTC.
std::optional<Instant> parse_time(const std::string& text);

}  // namespace onsale::app
