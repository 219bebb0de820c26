// A seat and what may happen to it: the whole rule book, as data.
//
//   AVAILABLE --hold--> HELD(buyer, expires_at) --pin--> PINNED(order, deadline) --sell--> SOLD(order)
//       ^  \__release/lapse__/                      \__unpin / release / deadline__/          |
//       |___________________________________________________________________refund____________|
//   BLOCKED <--block/unblock--> AVAILABLE                     the wire shows PINNED as HELD
//
// The rule itself is decide() in decide.hpp: (state, command, now) -> decision, pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

#include "base/bounded_vector.hpp"
#include "base/code.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale {

// The most seats one call may name; the limit of a buyer (limits.seats_per_buyer) is at most this.
inline constexpr std::size_t kSeatsPerCallMax = 16;
using SeatIds = BoundedVector<SeatId, kSeatsPerCallMax>;

namespace seat {

// Remembers whose hold lapsed here last, so that this buyer is told "lapsed" and not "never held".
// A courtesy, not part of who owns the seat: it may be forgotten at any time, and states compare
// without it.
struct Available {
  std::uint32_t lapsed_mark = 0;  // mark_of(buyer), 0: nobody's
  friend bool operator==(const Available&, const Available&) { return true; }
};
// A 29-bit fingerprint of a buyer, never 0.
std::uint32_t mark_of(BuyerId buyer);
struct Held {
  BuyerId buyer;
  Instant expires_at;
  Instant extendable_until;  // the latest expires_at an extend may reach: held since + life_max
  friend bool operator==(const Held&, const Held&) = default;
};
struct Pinned {
  BuyerId buyer;
  OrderId order;
  Instant deadline;    // of the payment; past it the seat is free again
  Instant expires_at;  // of the hold it came from, for unpin
  Instant extendable_until;
  friend bool operator==(const Pinned&, const Pinned&) = default;
};
struct Sold {
  BuyerId buyer;
  OrderId order;
  friend bool operator==(const Sold&, const Sold&) = default;
};
struct Blocked {
  friend bool operator==(const Blocked&, const Blocked&) = default;
};
using State = std::variant<Available, Held, Pinned, Sold, Blocked>;

// What viewers see. The values are the 2 bits of the binary seat map.
enum class WireStatus : std::uint8_t { available = 0, held = 1, sold = 2, blocked = 3 };
std::string_view name_of(WireStatus status);  // "AVAILABLE" …
WireStatus wire_status(const State& state);

}  // namespace seat

// One seat of a refused call and what it is now.
struct RefusedSeat {
  SeatId seat;
  seat::WireStatus status{};
  friend bool operator==(const RefusedSeat&, const RefusedSeat&) = default;
};
using RefusedSeats = BoundedVector<RefusedSeat, kSeatsPerCallMax>;

}  // namespace onsale
