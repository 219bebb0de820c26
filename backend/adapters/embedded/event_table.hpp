// EventTable: from an event's id to its ledger, read without any lock. Events are only ever added;
// a slot goes from empty to its event once. When the table is half full a larger one takes its place
// and the old one is kept, since a reader may still be in it: all the old ones together are smaller
// than the present one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "adapters/embedded/event_ledger.hpp"
#include "base/ids.hpp"
#include "base/mutex.hpp"

namespace onsale {

class EventTable {
 public:
  EventTable();

  // Any thread. nullptr for an unknown event; else valid for the table's life.
  [[nodiscard]] EventLedger* find(EventId id) const noexcept {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    for (std::size_t at = mix(id);; ++at) {
      EventLedger* event = slots->at[at & slots->mask].load(std::memory_order_acquire);
      if (event == nullptr || event->id == id) return event;
    }
  }

  // The id must be new. One adder at a time.
  EventLedger* add(const EventLedger::Opening& opening);

  // All events in order of adding, at this moment.
  [[nodiscard]] std::vector<EventLedger*> all() const;
  // The event added as number `index`; nullptr past the last. For walking without a copy.
  [[nodiscard]] EventLedger* nth(std::size_t index) const;

 private:
  struct Slots {
    explicit Slots(std::size_t size) : mask(size - 1), at(new std::atomic<EventLedger*>[size]()) {}
    std::size_t mask;
    std::unique_ptr<std::atomic<EventLedger*>[]> at;
  };
  static std::size_t mix(EventId id) noexcept {
    return static_cast<std::size_t>(id.value * 0x9E37'79B9'7F4A'7C15ULL >> 32U);
  }
  static void place(const Slots& slots, EventLedger* event);

  std::atomic<const Slots*> slots_;
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<Slots>> tables_ ONSALE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<EventLedger>> events_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
