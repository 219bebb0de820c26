// The steps from a catalogue, a journal that was read and the order store's claims to the seats.
#include "app/restoring.hpp"

#include <utility>

#include "app/demo_catalogue.hpp"
#include "app/run_now.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::app {

std::vector<HallOnSale> halls_of(const catalog::CatalogService& catalog) {
  std::vector<HallOnSale> halls;
  for (const auto& entry : catalog.all()) {
    halls.push_back({.event = &entry.offer->event(), .hall = &entry.offer->hall()});
  }
  return halls;
}

std::vector<HallOnSale> halls_of(const std::vector<CatalogueEntry>& catalogue) {
  std::vector<HallOnSale> halls;
  for (const CatalogueEntry& entry : catalogue) {
    halls.push_back({.event = &entry.event, .hall = &entry.hall});
  }
  return halls;
}

Status open_in_ledger(SeatLedgerAdmin& ledger, const HallOnSale& on_sale) {
  const SeatNumbering& numbering = on_sale.event->numbering;
  std::vector<SeatId> blocked;
  for (const std::uint32_t index : catalog::retired_indices(numbering, *on_sale.hall)) {
    blocked.push_back(numbering.id_of(index));
  }
  return run_now(ledger.open_event(on_sale.event->id, numbering, std::move(blocked)));
}

Status load_catalogue(catalog::CatalogService& catalog, SeatLedgerAdmin& ledger, bool demo,
                      Instant now) {
  if (Status loaded = catalog.load(); !loaded || !demo || !catalog.all().empty()) return loaded;
  for (CatalogueEntry& entry : demo_catalogue(now)) {
    // The feed first: the catalogue's view follows it.
    const HallOnSale on_sale{.event = &entry.event, .hall = &entry.hall};
    if (Status opened = open_in_ledger(ledger, on_sale); !opened) return opened;
    if (Status put = catalog.put(std::move(entry)); !put) return put;
  }
  return ok();
}

Status restore_seats(SeatLedgerAdmin& ledger, const std::vector<HallOnSale>& halls,
                     Result<std::vector<SeatClaim>> claims, Instant pin_deadline) {
  for (const HallOnSale& on_sale : halls) {
    if (Status opened = open_in_ledger(ledger, on_sale); !opened) return opened;
  }
  if (!claims) return claims.error();
  return run_now(ledger.restore(std::move(*claims), pin_deadline));
}

}  // namespace onsale::app
