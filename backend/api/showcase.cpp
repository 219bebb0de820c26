// Building and swapping of what is shown.
#include "api/showcase.hpp"

namespace onsale::api {

Shown::Shown(const catalog::Offer& the_offer, catalog::SeatMapView& view)
    : offer(the_offer),
      seat_map(view),
      layout(codec::render_layout(the_offer)),
      bodies(the_offer, view, layout.hash),
      channel(std::make_shared<sse::SeatStreamChannel>(the_offer.event().id,
                                                       the_offer.event().numbering, view)) {}

Showcase::Showcase(const catalog::CatalogService& catalog, sse::FanOutPump& pump)
    : catalog_(catalog), pump_(pump) {
  const Lock lock(mutex_);
  tables_.push_back(std::make_unique<const Table>());
  table_.store(tables_.back().get(), std::memory_order_release);
}

Showcase::~Showcase() = default;

void Showcase::show(EventId event) {
  const auto* entry = catalog_.find(event);
  check(entry != nullptr, "an event is shown that the catalogue does not offer");
  auto shown = std::make_unique<Shown>(*entry->offer, *entry->seat_map);
  const Lock lock(mutex_);
  auto table = std::make_unique<Table>(*table_.load(std::memory_order_acquire));
  (*table)[event] = shown.get();
  pump_.attach(shown->channel, shown->seat_map);
  shown_.push_back(std::move(shown));
  table_.store(table.get(), std::memory_order_release);
  tables_.push_back(std::move(table));
}

Shown* Showcase::find(EventId event) const {
  const Table* table = table_.load(std::memory_order_acquire);
  const auto found = table->find(event);
  return found == table->end() ? nullptr : found->second;
}

}  // namespace onsale::api
