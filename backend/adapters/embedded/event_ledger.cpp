// Slots to states and back.
#include "adapters/embedded/event_ledger.hpp"

#include <algorithm>
#include <limits>
#include <variant>

namespace onsale {
namespace {

// Differences of times are kept in 4 bytes; one that does not fit (24 days and more) is cut short.
std::int32_t short_ms(Milliseconds span) {
  using Limits = std::numeric_limits<std::int32_t>;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(span.count(), Limits::min(), Limits::max()));
}
std::uint32_t positive_ms(Milliseconds span) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(span.count(), 0, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

EventLedger::EventLedger(const Opening& opening)
    : id(opening.id),
      feed_(opening.feed_capacity, opening.version),
      numbering_(opening.numbering),
      slots_(opening.numbering.count),
      claims_(opening.numbering.count, opening.now) {
  count_[static_cast<std::size_t>(Kind::available)] = numbering_.count;
}

seat::WireStatus EventLedger::shown(Kind kind) {
  switch (kind) {
    case Kind::available:
      return seat::WireStatus::available;
    case Kind::held:
    case Kind::pinned:
      return seat::WireStatus::held;
    case Kind::sold:
      return seat::WireStatus::sold;
    case Kind::blocked:
      return seat::WireStatus::blocked;
  }
  return seat::WireStatus::available;
}

SeatCounts EventLedger::counts() const {
  const auto of = [this](Kind kind) { return count_[static_cast<std::size_t>(kind)]; };
  return {of(Kind::available), of(Kind::held),    of(Kind::pinned),
          of(Kind::sold),      of(Kind::blocked), feed_.version()};
}

seat::State EventLedger::state_of(std::uint32_t index) const {
  const Slot slot = slots_[index];
  const Claim& claim = claims_[slot.claim()];
  switch (slot.kind()) {
    case Kind::available:
      return seat::Available{slot.rest()};
    case Kind::held:
      return seat::Held{claim.buyer, expires_at(claim), extendable_until(claim)};
    case Kind::pinned:
      return seat::Pinned{claim.buyer, claim.order, deadline(claim), expires_at(claim),
                          extendable_until(claim)};
    case Kind::sold:
      return seat::Sold{claim.buyer, claim.order};
    case Kind::blocked:
      return seat::Blocked{};
  }
  return seat::Available{};
}

seat::WireStatus EventLedger::status_of(std::uint32_t index) const {
  return shown(slots_[index].kind());
}

bool EventLedger::lapsed(Slot slot, Instant now) const {
  if (slot.kind() == Kind::held) return expires_at(claims_[slot.claim()]) <= now;
  return slot.kind() == Kind::pinned && deadline(claims_[slot.claim()]) <= now;
}

seat::WireStatus EventLedger::status_at(std::uint32_t index, Instant now) const {
  const Slot slot = slots_[index];
  return lapsed(slot, now) ? seat::WireStatus::available : shown(slot.kind());
}

std::uint32_t EventLedger::seats_of(BuyerId buyer, Instant now, std::uint32_t enough) const {
  std::uint32_t seats = 0;
  claims_.each_of(buyer, [&](ClaimNumber, const Claim& claim) {
    if (!lapsed(slots_[claim.seat_index], now)) ++seats;
    return seats < enough;
  });
  return seats;
}

std::vector<LiveHold> EventLedger::holds_of(BuyerId buyer, Instant now) const {
  std::vector<LiveHold> holds;
  claims_.each_of(buyer, [&](ClaimNumber, const Claim& claim) {
    const Slot slot = slots_[claim.seat_index];
    if (slot.kind() != Kind::sold && !lapsed(slot, now)) {
      holds.push_back({numbering_.id_of(claim.seat_index), expires_at(claim),
                       extendable_until(claim), slot.kind() == Kind::pinned});
    }
    return true;
  });
  std::sort(holds.begin(), holds.end(),
            [](const LiveHold& a, const LiveHold& b) { return a.seat < b.seat; });
  return holds;
}

// The seat's claim, disarmed, now the buyer's.
ClaimNumber EventLedger::claim_for(std::uint32_t index, Slot old, BuyerId buyer) {
  if (old.claim() == kNoClaim) return claims_.add(buyer, index);
  claims_.disarm(old.claim());
  if (claims_[old.claim()].buyer == buyer) return old.claim();
  claims_.remove(old.claim());
  return claims_.add(buyer, index);
}

void EventLedger::put_silently(std::uint32_t index, const seat::State& next) {
  const Slot old = slots_[index];
  Kind kind = Kind::available;
  std::uint32_t number = kNoClaim;  // or a mark
  if (const auto* held = std::get_if<seat::Held>(&next)) {
    kind = Kind::held;
    number = claim_for(index, old, held->buyer);
    Claim& claim = claims_[number];
    claim.expires_at_ms = ms_of(held->expires_at);
    claim.life_left_ms = positive_ms(held->extendable_until - held->expires_at);
    claims_.arm(number, held->expires_at);
  } else if (const auto* pinned = std::get_if<seat::Pinned>(&next)) {
    kind = Kind::pinned;
    number = claim_for(index, old, pinned->buyer);
    Claim& claim = claims_[number];
    claim.order = pinned->order;
    claim.expires_at_ms = ms_of(pinned->expires_at);
    claim.life_left_ms = positive_ms(pinned->extendable_until - pinned->expires_at);
    claim.deadline_ms = short_ms(pinned->deadline - pinned->expires_at);
    claims_.arm(number, deadline(claim));
  } else if (const auto* sold = std::get_if<seat::Sold>(&next)) {
    kind = Kind::sold;
    number = claim_for(index, old, sold->buyer);
    claims_[number].order = sold->order;
  } else {
    if (const auto* available = std::get_if<seat::Available>(&next)) {
      number = available->lapsed_mark;
    } else {
      kind = Kind::blocked;
    }
    if (old.claim() != kNoClaim) {
      claims_.disarm(old.claim());
      claims_.remove(old.claim());
    }
  }
  slots_[index] = Slot::of(kind, number);
  --count_[static_cast<std::size_t>(old.kind())];
  ++count_[static_cast<std::size_t>(kind)];
}

Version EventLedger::put(std::uint32_t index, const seat::State& next) {
  put_silently(index, next);
  return feed_.append(index, status_of(index));
}

bool EventLedger::sweep(Instant now, std::size_t& visits, std::size_t& swept,
                        DurationCounts* late) {
  // The analysis does not follow the lock into the lambda.
  const auto meet = [this, now, &swept, late](ClaimNumber number) ONSALE_NO_THREAD_ANALYSIS {
    const std::uint32_t index = claims_[number].seat_index;
    if (!lapsed(slots_[index], now)) return;
    if (late != nullptr) {
      const Claim& claim = claims_[number];
      const bool pinned = slots_[index].kind() == Kind::pinned;
      const std::int64_t end = claim.expires_at_ms + (pinned ? claim.deadline_ms : 0);
      late->count(static_cast<std::uint64_t>(std::max<std::int64_t>(ms_of(now) - end, 0)) * 1000);
    }
    put(index, seat::Available{seat::mark_of(claims_[number].buyer)});
    ++swept;
  };
  return claims_.sweep(now, visits, meet);
}

void EventLedger::grow(const SeatNumbering& numbering) {
  slots_.grow(numbering.count, numbering_.count);
  claims_.grow(numbering.count);
  count_[static_cast<std::size_t>(Kind::available)] += numbering.count - numbering_.count;
  numbering_ = numbering;
}

}  // namespace onsale
