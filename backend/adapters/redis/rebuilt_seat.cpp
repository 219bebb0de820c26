// The rule of SeatLedgerAdmin::restore() for one seat.
#include "adapters/redis/rebuilt_seat.hpp"

#include "domain/seat/decide.hpp"

namespace onsale::redis {

seat::State rebuilt(const seat::State& state, const SeatClaim* claim, Instant now,
                    Instant pin_deadline) {
  const auto* pinned = std::get_if<seat::Pinned>(&state);
  if (claim == nullptr) {
    if (std::holds_alternative<seat::Sold>(state)) return seat::Available{};
    if (pinned == nullptr) return state;
    if (now >= pinned->deadline || now >= pinned->expires_at) return seat::Available{};
    return seat::Held{pinned->buyer, pinned->expires_at, pinned->extendable_until};
  }
  if (claim->sold) return seat::Sold{claim->buyer, claim->order};
  seat::Pinned next{claim->buyer, claim->order, pin_deadline, pin_deadline, pin_deadline};
  if (pinned != nullptr && pinned->order == claim->order) {
    next.expires_at = pinned->expires_at;
    next.extendable_until = pinned->extendable_until;
  }
  return next;
}

}  // namespace onsale::redis
