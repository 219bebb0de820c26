// The table of offers: read without a lock, replaced as a whole.
#include "services/catalog/catalog_service.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace onsale::catalog {

struct CatalogService::Table {
  std::unordered_map<EventId, Entry> by_id;
};

CatalogService::CatalogService(CatalogueStore& store, SeatFeed& feed, CatalogLimits limits)
    : store_(store), feed_(feed), limits_(limits) {
  Lock lock(mutex_);
  tables_.push_back(std::make_unique<Table>());
  table_.store(tables_.back().get(), std::memory_order_release);
}

CatalogService::~CatalogService() = default;

Status CatalogService::load() {
  Result<std::vector<CatalogueEntry>> entries = store_.load();
  if (!entries) return entries.error();
  Lock lock(mutex_);
  return offer(*std::move(entries));
}

Status CatalogService::put(CatalogueEntry entry) {
  Lock lock(mutex_);
  const Table& table = *table_.load(std::memory_order_relaxed);
  if (tables_.size() > limits_.imports_max) {
    return Failure{Code::unavailable, "too many imports since the office opened; restart it first"};
  }
  if (!table.by_id.contains(entry.event.id) && table.by_id.size() >= limits_.events_max) {
    return Failure{Code::validation_failed,
                   "an office has at most " + std::to_string(limits_.events_max) + " events"};
  }
  Status stored = store_.put(entry);
  if (!stored) return stored;
  std::vector<CatalogueEntry> one;
  one.push_back(std::move(entry));
  return offer(std::move(one));
}

Status CatalogService::adopt(CatalogueEntry entry) {
  Lock lock(mutex_);
  if (tables_.size() > limits_.imports_max) {
    return Failure{Code::unavailable, "too many imports since the office opened; restart it first"};
  }
  std::vector<CatalogueEntry> one;
  one.push_back(std::move(entry));
  return offer(std::move(one));
}

Status CatalogService::offer(std::vector<CatalogueEntry> entries) {
  auto next = std::make_unique<Table>(*table_.load(std::memory_order_relaxed));
  for (CatalogueEntry& entry : entries) {
    const EventId id = entry.event.id;
    const std::uint32_t seats = entry.event.numbering.count;
    offers_.push_back(std::make_unique<const Offer>(std::move(entry.event), std::move(entry.hall)));
    SeatMapView*& view = next->by_id[id].seat_map;
    if (view == nullptr) {
      views_.push_back(std::make_unique<SeatMapView>(id, seats, feed_, limits_.seat_map));
      view = views_.back().get();
    } else {
      view->grow(seats);
    }
    next->by_id[id].offer = offers_.back().get();
  }
  table_.store(next.get(), std::memory_order_release);
  tables_.push_back(std::move(next));
  return ok();
}

const CatalogService::Entry* CatalogService::find(EventId event) const {
  const Table& table = *table_.load(std::memory_order_acquire);
  const auto found = table.by_id.find(event);
  return found == table.by_id.end() ? nullptr : &found->second;
}

std::vector<CatalogService::Entry> CatalogService::all() const {
  const Table& table = *table_.load(std::memory_order_acquire);
  std::vector<Entry> entries;
  entries.reserve(table.by_id.size());
  for (const auto& [id, entry] : table.by_id) entries.push_back(entry);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.offer->event().id < b.offer->event().id;
  });
  return entries;
}

Result<SaleState> CatalogService::sale_state(EventId event, Instant now) const {
  const Entry* entry = find(event);
  if (entry == nullptr) return Code::event_not_found;
  return entry->offer->sale_state(now);
}

Result<Quote> CatalogService::quote(EventId event, const SeatIds& seats) const {
  const Entry* entry = find(event);
  if (entry == nullptr) return Code::event_not_found;
  const Offer& offer = *entry->offer;
  Quote quote{.total = {}, .currency = offer.event().currency};
  for (const SeatId seat : seats) {
    const std::uint32_t index = offer.event().numbering.index_of(seat);
    if (index >= offer.seat_count() || !offer.places()[index].on_plan) return Code::seat_not_found;
    quote.total.amount += offer.places()[index].price;
  }
  return quote;
}

Catalogue::SeatLabel CatalogService::label(EventId event, SeatId seat) const {
  const Entry* entry = find(event);
  if (entry == nullptr) return {};
  const Offer& offer = *entry->offer;
  const std::uint32_t index = offer.event().numbering.index_of(seat);
  if (index >= offer.seat_count() || !offer.places()[index].on_plan) return {};
  const SeatPlace& place = offer.places()[index];
  const Section& section = offer.hall().sections[place.section];
  const HallRow& row = section.rows[place.section_row];
  return {section.name, row.name, row.seats[place.column].number};
}

}  // namespace onsale::catalog
