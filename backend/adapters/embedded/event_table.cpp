// Adding to the table of events.
#include "adapters/embedded/event_table.hpp"

namespace onsale {
namespace {

constexpr std::size_t kFirstSize = 64;

}  // namespace

EventTable::EventTable() {
  const Lock lock(mutex_);
  tables_.push_back(std::make_unique<Slots>(kFirstSize));
  slots_.store(tables_.back().get(), std::memory_order_release);
}

void EventTable::place(const Slots& slots, EventLedger* event) {
  std::size_t at = mix(event->id);
  while (slots.at[at & slots.mask].load(std::memory_order_relaxed) != nullptr) ++at;
  slots.at[at & slots.mask].store(event, std::memory_order_release);
}

EventLedger* EventTable::add(const EventLedger::Opening& opening) {
  const Lock lock(mutex_);
  events_.push_back(std::make_unique<EventLedger>(opening));
  EventLedger* event = events_.back().get();
  const Slots* slots = tables_.back().get();
  if (events_.size() * 2 <= slots->mask + 1) {
    place(*slots, event);
    return event;
  }
  tables_.push_back(std::make_unique<Slots>((slots->mask + 1) * 2));
  for (const auto& known : events_) place(*tables_.back(), known.get());
  slots_.store(tables_.back().get(), std::memory_order_release);
  return event;
}

std::vector<EventLedger*> EventTable::all() const {
  const Lock lock(mutex_);
  std::vector<EventLedger*> events;
  events.reserve(events_.size());
  for (const auto& event : events_) events.push_back(event.get());
  return events;
}

EventLedger* EventTable::nth(std::size_t index) const {
  const Lock lock(mutex_);
  return index < events_.size() ? events_[index].get() : nullptr;
}

}  // namespace onsale
