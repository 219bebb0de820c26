// Rebuilding the ledger from the journal's records, and telling it to a snapshot.
#include "adapters/embedded/replay.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace onsale {

bool EmbeddedLedger::Replay::replay_opened(const journal::Opened& opened) {
  const SeatNumbering& numbering = opened.numbering;
  if (numbering.stride == 0 || numbering.count > ledger_.options_.seats_per_event_max) return false;
  EventLedger* event = ledger_.events_.find(opened.event);
  if (event == nullptr) {
    ledger_.events_.add(ledger_.opening_of(opened.event, numbering, Version{}));
    return true;
  }
  const Lock lock(event->lock);
  const SeatNumbering known = event->numbering();
  if (known.first != numbering.first || known.stride != numbering.stride) return false;
  if (known.count < numbering.count) event->grow(numbering);
  return true;
}

bool EmbeddedLedger::Replay::replay_seat(EventId event_id, std::uint32_t index,
                                         const seat::State& state) {
  EventLedger* event = ledger_.events_.find(event_id);
  if (event == nullptr) return false;
  const Lock lock(event->lock);
  if (index >= event->numbering().count) return false;
  event->put_silently(index, state);
  return true;
}

void EmbeddedLedger::Replay::replay_done(EventId event_id, Version version) {
  EventLedger* event = ledger_.events_.find(event_id);
  if (event == nullptr) return;
  const Lock lock(event->lock);
  event->begin_feed_at(version);
}

void EmbeddedLedger::Replay::dump(const std::function<void(std::string_view payload)>& write) {
  std::vector<EventLedger*> events;
  {
    // An event is journalled as opened, then added: here both have happened or neither has.
    const Lock opening(ledger_.opening_);
    events = ledger_.events_.all();
  }
  std::string payload;
  std::string entries;
  for (EventLedger* event : events) {
    std::uint32_t first = 0;
    for (bool more = true; more;) {
      journal::Opened opened{event->id, {}};
      journal::Seats slice{.event = event->id, .version = {}, .first = first};
      entries.clear();
      {
        const Lock lock(event->lock);
        opened.numbering = event->numbering();
        slice.version = event->version();
        slice.count = std::min(kSliceSeats, opened.numbering.count - first);
        for (std::uint32_t index = first; index < first + slice.count; ++index) {
          if (event->status_of(index) == seat::WireStatus::available) continue;
          journal::encode(index, event->state_of(index), entries);
          ++slice.claims;
        }
      }
      payload.clear();
      journal::encode(opened, payload);
      journal::encode(slice, payload);
      payload += entries;
      write(payload);
      first += slice.count;
      more = first < opened.numbering.count;
    }
  }
}

}  // namespace onsale
