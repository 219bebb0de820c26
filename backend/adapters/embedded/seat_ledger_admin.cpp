// Opening, restoring, resetting and auditing events: everything around the sale.
#include <algorithm>
#include <utility>

#include "adapters/embedded/replay.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/turn.hpp"

namespace onsale {
namespace {

constexpr std::size_t kFeedCapacityMin = 1024;
constexpr std::size_t kFeedCapacityMax = 65'536;

bool grows(const SeatNumbering& from, const SeatNumbering& to) {
  return from.first == to.first && from.stride == to.stride && from.count <= to.count;
}

bool by_event_and_seat(const SeatClaim& a, const SeatClaim& b) {
  return std::pair(a.event, a.seat) < std::pair(b.event, b.seat);
}

// What the claim makes of its seat. Of the hold that the order was made of, what the journal knows
// stays.
seat::State claimed_state(const SeatClaim& claim, const seat::State& state, Instant pin_deadline) {
  if (claim.sold) return seat::Sold{claim.buyer, claim.order};
  seat::Pinned pinned{claim.buyer, claim.order, pin_deadline, pin_deadline, pin_deadline};
  const auto* known = std::get_if<seat::Pinned>(&state);
  if (known != nullptr && known->order == claim.order) {
    pinned.expires_at = known->expires_at;
    pinned.extendable_until = known->extendable_until;
  }
  return pinned;
}

// What is left of a seat that no order proves to be its own: a pin ends as if its order had been
// taken back, so the hold it was made of lives on until its end; a sale that is no sale is none.
seat::State unclaimed_state(const seat::State& state, Instant now) {
  if (std::holds_alternative<seat::Sold>(state)) return seat::Available{};
  const auto* pinned = std::get_if<seat::Pinned>(&state);
  if (pinned == nullptr) return state;
  if (now >= pinned->expires_at) return seat::Available{};
  return seat::Held{pinned->buyer, pinned->expires_at, pinned->extendable_until};
}

}  // namespace

Result<RecoveryReport> EmbeddedLedger::start() {
  if (options_.journal == nullptr) {
    RecoveryReport nothing;
    nothing.epoch = epoch_;
    return nothing;
  }
  replay_ = std::make_unique<Replay>(*this);
  Result<RecoveryReport> report = options_.journal->open(*replay_);
  if (report) {
    epoch_ = report->epoch;
    for (EventLedger* event : events_.all()) {
      const Lock lock(event->lock);
      if (event->version() < Version::of(epoch_, 0)) event->begin_feed_at(Version::of(epoch_, 0));
    }
  }
  return report;
}

Status EmbeddedLedger::stop() {
  return options_.journal == nullptr ? ok() : options_.journal->close();
}

EventLedger::Opening EmbeddedLedger::opening_of(EventId event, const SeatNumbering& numbering,
                                                Version version) const {
  std::size_t feed = options_.feed_capacity;
  if (feed == 0) {
    feed = std::clamp(std::size_t{numbering.count}, kFeedCapacityMin, kFeedCapacityMax);
  }
  return {event, numbering, version, clock_.now(), feed};
}

Task<Status> EmbeddedLedger::open_event(EventId id, SeatNumbering numbering,
                                        std::vector<SeatId> blocked) {
  const Lock opening(opening_);
  if (numbering.stride == 0 || numbering.count > options_.seats_per_event_max) {
    return Status{Failure{Code::validation_failed, "an event has too many seats"}};
  }
  std::vector<std::uint32_t> indexes;
  indexes.reserve(blocked.size());
  for (const SeatId seat : blocked) {
    indexes.push_back(numbering.index_of(seat));
    if (indexes.back() >= numbering.count) return Status{Code::seat_not_found};
  }
  if (!accepting()) return Status{Code::unavailable};

  std::string record;
  journal::encode(journal::Opened{id, numbering}, record);
  EventLedger* event = events_.find(id);
  if (event == nullptr) {
    if (options_.journal != nullptr) options_.journal->append(id, record);
    event = events_.add(opening_of(id, numbering, Version::of(epoch_, 0)));
  }
  Turn turn(*this, *event);
  if (!grows(event->numbering(), numbering)) {
    return Status{Failure{Code::validation_failed, "an event's numbering only grows"}};
  }
  if (event->numbering().count < numbering.count) {
    if (options_.journal != nullptr) options_.journal->append(id, record);
    event->grow(numbering);
  }
  std::sort(indexes.begin(), indexes.end());
  for (const std::uint32_t index : indexes) {
    if (event->status_of(index) == seat::WireStatus::available) turn.put(index, seat::Blocked{});
  }
  return ok();
}

Task<Status> EmbeddedLedger::restore(std::vector<SeatClaim> claims, Instant pin_deadline) {
  if (!std::is_sorted(claims.begin(), claims.end(), by_event_and_seat)) {
    std::sort(claims.begin(), claims.end(), by_event_and_seat);
  }
  const Instant now = clock_.now();
  bool all_known = true;
  for (EventLedger* event : events_.all()) {
    auto claim = std::partition_point(claims.begin(), claims.end(),
                                      [&](const SeatClaim& c) { return c.event < event->id; });
    Turn turn(*this, *event);
    const SeatNumbering numbering = event->numbering();
    for (std::uint32_t index = 0; index < numbering.count; ++index) {
      const SeatId seat = numbering.id_of(index);
      while (claim != claims.end() && claim->event == event->id && claim->seat < seat) {
        all_known = false;  // between two seats of ours: not a seat of this event
        ++claim;
      }
      const bool claimed =
          claim != claims.end() && claim->event == event->id && claim->seat == seat;
      if (!claimed && event->status_of(index) == seat::WireStatus::available) continue;
      const seat::State state = event->state_of(index);
      const seat::State next =
          claimed ? claimed_state(*claim, state, pin_deadline) : unclaimed_state(state, now);
      if (next != state) turn.put(index, next);
      if (claimed) ++claim;
    }
    if (claim != claims.end() && claim->event == event->id) all_known = false;
  }
  if (!all_known) return Status{Failure{Code::seat_not_found, "a claim names an unknown seat"}};
  return ok();
}

Task<Status> EmbeddedLedger::reset(EventId event_id) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Status{Code::event_not_found};
  if (!accepting()) return Status{Code::unavailable};
  Turn turn(*this, *event);
  for (std::uint32_t index = 0; index < event->numbering().count; ++index) {
    const seat::WireStatus status = event->status_of(index);
    if (status == seat::WireStatus::held || status == seat::WireStatus::sold) {
      turn.put(index, seat::Available{});
    }
  }
  return ok();
}

Task<LedgerAnswer<Version>> EmbeddedLedger::set_blocked(EventId event, SeatIds seats,
                                                        bool blocked) {
  const seat::Command command =
      blocked ? seat::Command{seat::Block{}} : seat::Command{seat::Unblock{}};
  return change_seats(event, seats, command, false);
}

Task<Result<SeatCounts>> EmbeddedLedger::counts(EventId event_id) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Result<SeatCounts>{Code::event_not_found};
  const Lock lock(event->lock);
  return Result<SeatCounts>{event->counts()};
}

Task<Result<std::vector<SeatRecord>>> EmbeddedLedger::records(EventId event_id) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Result<std::vector<SeatRecord>>{Code::event_not_found};
  std::vector<SeatRecord> all;
  const Lock lock(event->lock);
  const SeatNumbering& numbering = event->numbering();
  all.reserve(numbering.count);
  for (std::uint32_t index = 0; index < numbering.count; ++index) {
    all.push_back({numbering.id_of(index), event->state_of(index)});
  }
  return Result<std::vector<SeatRecord>>{std::move(all)};
}

}  // namespace onsale
