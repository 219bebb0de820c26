// The rule "who gets the seat". One overload a command; each reads top down in the order of
// refusals that the contract promises: SOLD, BLOCKED, ownership, expiry.
//
// A hold past its expires_at and a pin past its deadline are free for anyone from that instant on,
// whether or not the sweep has met them yet: `now` decides, not the sweep. So each rule first looks
// at the seat as it is *now*.
#include "domain/seat/decide.hpp"

#include <algorithm>

namespace onsale::seat {
namespace {

bool live(const Held& held, Instant now) { return now < held.expires_at; }
bool live(const Pinned& pinned, Instant now) { return now < pinned.deadline; }

// The live hold, pin or sale of a seat; nullptr if there is none.
const Held* held_now(const State& state, Instant now) {
  const auto* held = std::get_if<Held>(&state);
  return held != nullptr && live(*held, now) ? held : nullptr;
}
const Pinned* pinned_now(const State& state, Instant now) {
  const auto* pinned = std::get_if<Pinned>(&state);
  return pinned != nullptr && live(*pinned, now) ? pinned : nullptr;
}
const Sold* sold(const State& state) { return std::get_if<Sold>(&state); }
bool blocked(const State& state) { return std::holds_alternative<Blocked>(state); }

Decision rule(const State& state, const Hold& wish, Instant now) {
  if (sold(state) != nullptr) return Refusal{Code::seat_sold};
  if (blocked(state)) return Refusal{Code::reservation_conflict};
  if (const Held* held = held_now(state, now)) {
    if (held->buyer != wish.buyer) return Refusal{Code::reservation_conflict};
    return NoChange{};
  }
  if (pinned_now(state, now) != nullptr) return Refusal{Code::reservation_conflict};
  return Change{Held{wish.buyer, wish.expires_at, wish.extendable_until}};
}

// The caller's own live hold, or why there is none: what extend, pin and confirm start from.
struct OwnHold {
  const Held* held = nullptr;
  Code refusal{};
};
OwnHold own_hold(const State& state, BuyerId buyer, Instant now) {
  if (sold(state) != nullptr) return {.refusal = Code::seat_sold};
  if (blocked(state)) return {.refusal = Code::reservation_conflict};
  if (const Pinned* pinned = pinned_now(state, now)) {
    return {.refusal = pinned->buyer == buyer ? Code::reservation_conflict : Code::hold_not_owned};
  }
  const Held* held = held_now(state, now);
  if (held == nullptr) return {.refusal = Code::reservation_expired};
  if (held->buyer != buyer) return {.refusal = Code::hold_not_owned};
  return {.held = held};
}

Decision rule(const State& state, const Extend& wish, Instant now) {
  const OwnHold own = own_hold(state, wish.buyer, now);
  if (own.held == nullptr) return Refusal{own.refusal};
  const Instant reached = std::min(wish.wanted, own.held->extendable_until);
  if (reached <= own.held->expires_at) return NoChange{};
  return Change{Held{own.held->buyer, reached, own.held->extendable_until}};
}

Decision rule(const State& state, const Release& wish, Instant now) {
  const OwnHold own = own_hold(state, wish.buyer, now);
  if (own.held != nullptr) return Change{Available{}};
  if (own.refusal == Code::reservation_expired) return NoChange{};  // nobody holds it, as wanted
  return Refusal{own.refusal};
}

// Was it this buyer's hold or pin that ended here by itself?
bool lapsed_from(const State& state, BuyerId buyer) {
  if (const auto* held = std::get_if<Held>(&state)) return held->buyer == buyer;
  if (const auto* pinned = std::get_if<Pinned>(&state)) return pinned->buyer == buyer;
  const auto* available = std::get_if<Available>(&state);
  return available != nullptr && available->lapsed_mark == mark_of(buyer);
}

Decision rule(const State& state, const Pin& wish, Instant now) {
  const Pinned* pinned = pinned_now(state, now);
  if (pinned != nullptr && pinned->order == wish.order && pinned->buyer == wish.buyer) {
    return NoChange{};
  }
  const OwnHold own = own_hold(state, wish.buyer, now);
  if (own.held == nullptr) {
    const bool nobody_holds_it = own.refusal == Code::reservation_expired;
    const bool never_held = nobody_holds_it && !lapsed_from(state, wish.buyer);
    return Refusal{never_held ? Code::reservation_conflict : own.refusal};
  }
  return Change{Pinned{wish.buyer, wish.order, wish.deadline, own.held->expires_at,
                       own.held->extendable_until}};
}

Decision rule(const State& state, const Unpin& wish, Instant now) {
  const Pinned* pinned = pinned_now(state, now);
  if (pinned == nullptr || pinned->order != wish.order) return NoChange{};
  if (now >= pinned->expires_at) return Change{Available{}};
  return Change{Held{pinned->buyer, pinned->expires_at, pinned->extendable_until}};
}

Decision rule(const State& state, const Sell& wish, Instant now) {
  if (const Sold* sale = sold(state); sale != nullptr && sale->order == wish.order) {
    return NoChange{};
  }
  const Pinned* pinned = pinned_now(state, now);
  if (pinned == nullptr || pinned->order != wish.order) return Refusal{Code::reservation_expired};
  return Change{Sold{pinned->buyer, pinned->order}};
}

Decision rule(const State& state, const GiveBack& wish, Instant now) {
  if (const Sold* sale = sold(state)) {
    if (sale->order == wish.order) return Change{Available{}};
    return NoChange{};
  }
  const Pinned* pinned = pinned_now(state, now);
  if (pinned != nullptr && pinned->order == wish.order) return Change{Available{}};
  return NoChange{};
}

Decision rule(const State& state, const Confirm& wish, Instant now) {
  if (const Sold* sale = sold(state);
      sale != nullptr && sale->order == wish.order && sale->buyer == wish.buyer) {
    return NoChange{};
  }
  const OwnHold own = own_hold(state, wish.buyer, now);
  if (own.held == nullptr) return Refusal{own.refusal};
  return Change{Sold{wish.buyer, wish.order}};
}

Decision rule(const State& state, const Lapse&, Instant now) {
  if (const auto* held = std::get_if<Held>(&state)) {
    if (!live(*held, now)) return Change{Available{mark_of(held->buyer)}};
  } else if (const auto* pinned = std::get_if<Pinned>(&state)) {
    if (!live(*pinned, now)) return Change{Available{mark_of(pinned->buyer)}};
  }
  return NoChange{};
}

Decision rule(const State& state, const Block&, Instant now) {
  if (sold(state) != nullptr) return Refusal{Code::seat_sold};
  if (blocked(state)) return NoChange{};
  if (held_now(state, now) != nullptr || pinned_now(state, now) != nullptr) {
    return Refusal{Code::reservation_conflict};
  }
  return Change{Blocked{}};
}

Decision rule(const State& state, const Unblock&, Instant) {
  if (blocked(state)) return Change{Available{}};
  return NoChange{};
}

}  // namespace

Decision decide(const State& state, const Command& command, Instant now) {
  return std::visit([&](const auto& wish) { return rule(state, wish, now); }, command);
}

std::uint32_t mark_of(BuyerId buyer) {
  constexpr unsigned kBits = 29;
  const std::uint64_t mixed = (buyer.bits.hi ^ buyer.bits.lo) * 0x9E37'79B9'7F4A'7C15ULL;
  return static_cast<std::uint32_t>(mixed >> (64U - kBits)) | 1U;
}

std::string_view name_of(WireStatus status) {
  switch (status) {
    case WireStatus::available:
      return "AVAILABLE";
    case WireStatus::held:
      return "HELD";
    case WireStatus::sold:
      return "SOLD";
    case WireStatus::blocked:
      return "BLOCKED";
  }
  return "AVAILABLE";
}

WireStatus wire_status(const State& state) {
  struct Shown {
    WireStatus operator()(const Available&) const { return WireStatus::available; }
    WireStatus operator()(const Held&) const { return WireStatus::held; }
    WireStatus operator()(const Pinned&) const { return WireStatus::held; }
    WireStatus operator()(const Sold&) const { return WireStatus::sold; }
    WireStatus operator()(const Blocked&) const { return WireStatus::blocked; }
  };
  return std::visit(Shown{}, state);
}

}  // namespace onsale::seat
