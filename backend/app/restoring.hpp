// Restoring the seats of a data folder: the same steps for the office's start, for an import into a
// stopped office and for the audit, so that all three see the seats that the next buyer will see.
#pragma once

#include <vector>

#include "ports/seat_ledger_admin.hpp"
#include "services/catalog/catalog_service.hpp"

namespace onsale::app {

// An event and its hall, kept by someone else.
struct HallOnSale {
  const catalog::Event* event;
  const catalog::Hall* hall;
};
std::vector<HallOnSale> halls_of(const catalog::CatalogService& catalog);
std::vector<HallOnSale> halls_of(const std::vector<CatalogueEntry>& catalogue);

// Makes the event known to the ledger, its retired seats BLOCKED.
Status open_in_ledger(SeatLedgerAdmin& ledger, const HallOnSale& on_sale);

// Reads the catalogue. One that is empty gets the demo if `demo`, so that ids are the usual ones.
Status load_catalogue(catalog::CatalogService& catalog, SeatLedgerAdmin& ledger, bool demo,
                      Instant now);

// Over a ledger that has read its journal: every event opened, then the claims of the order store
// laid over it.
Status restore_seats(SeatLedgerAdmin& ledger, const std::vector<HallOnSale>& halls,
                     Result<std::vector<SeatClaim>> claims, Instant pin_deadline);

}  // namespace onsale::app
