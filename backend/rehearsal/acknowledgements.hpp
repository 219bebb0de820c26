// The rehearsal's own ledger: what the office acknowledged to whom and when, what it refused, and
// what its feed said. Plain records, appended while the crowd buys; verdict.hpp judges them after.
//
// Times are this process's monotonic clock only. A call took effect, if at all, somewhere between
// `sent` and `answered`; a change in the feed happened before it was `seen`.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rehearsal/loop.hpp"
#include "rehearsal/seat_board.hpp"

namespace onsale::rehearsal {

inline constexpr Nanos never = 0;  // "has not happened" in the fields below
inline constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

// A POST /reservations that was granted, or that may have been (no answer came).
struct HoldRecord {
  std::uint32_t buyer = 0;
  std::vector<std::uint32_t> seats;  // indices of the SeatIndex
  Nanos sent = 0;
  Nanos answered = 0;         // or: the failure was noticed
  bool granted = true;        // false: unknown
  std::uint64_t version = 0;  // as the 201 told; k changed seats took the k versions up to it
  Nanos lasts_until_min = 0;  // not before this may it lapse: sent + seconds granted
  Nanos lasts_until_max = 0;  // answered + seconds granted
  Nanos denied = never;       // unknown, and an answer begun later than the failure says: not held
  Nanos release_sent = never;
  Nanos released = never;      // acknowledged
  Nanos order_sent = never;    // the first POST /orders for it
  std::uint32_t order = none;  // in History::orders, when one was acknowledged
};

// A 409 to POST /reservations.
struct RefusalRecord {
  std::uint32_t buyer = 0;
  std::vector<std::uint32_t> seats;  // those the answer named, else all that were asked for
  bool said_sold = false;            // SEAT_SOLD, not RESERVATION_CONFLICT
  Nanos sent = 0;
  Nanos answered = 0;
};

// A 410, 403 or 404 to the extend or order of a granted hold.
struct LossRecord {
  std::uint32_t hold = 0;
  std::string code;
  Nanos sent = 0;
  Nanos answered = 0;
};

enum class OrderState : std::uint8_t { open, confirmed, cancelled };

struct OrderRecord {
  std::uint32_t buyer = 0;
  std::uint32_t hold = none;
  std::string id;
  std::vector<std::uint32_t> seats;
  Nanos sent = 0;
  Nanos acknowledged = 0;  // a 201, first or replayed, was read
  OrderState state = OrderState::open;
  Nanos confirmed = never;  // first seen
  Nanos cancelled = never;
  Nanos missing = never;  // asked by its own buyer, the office said 404
  Nanos turned = never;   // CONFIRMED had been seen, and then something else was
};

struct ChangeRecord {
  std::uint64_t version = 0;
  std::uint32_t seat = 0;
  SeatStatus status{};
  Nanos seen = 0;
};

struct Span {
  Nanos from = 0;
  Nanos to = 0;
};

struct History {
  std::optional<Snapshot> opening;  // the map before the first buyer
  Nanos opening_seen = 0;
  std::optional<Snapshot> closing;  // the map after the last one, at rest
  std::vector<HoldRecord> holds;
  std::vector<RefusalRecord> refusals;
  std::vector<LossRecord> losses;
  std::vector<OrderRecord> orders;
  std::vector<ChangeRecord> changes;  // as the referee's stream told them, in the order of versions
  std::vector<Span> blind;            // the referee was not following
  std::vector<Span> outages;          // the office did not answer: killed, restarted, cut off
  std::uint64_t orders_unknown = 0;   // POST /orders whose outcome could not be learned
  std::uint64_t broken_replays = 0;   // same key, other bytes, or not marked as a replay
  std::uint64_t stale_viewers = 0;    // differ from the map after quiescence
  std::vector<std::string> remarks;   // details of the last two, for the report
  std::uint64_t refusals_dropped = 0;

  static constexpr std::size_t refusals_max = 2'000'000;
  void add_refusal(RefusalRecord refusal) {
    if (refusals.size() < refusals_max) {
      refusals.push_back(std::move(refusal));
    } else {
      ++refusals_dropped;
    }
  }
  // One more sign (at `time`) that the office is away; signs closer than a second are one outage.
  void note_outage(Nanos time) {
    if (!outages.empty() && time - outages.back().to < nanos_per_second) {
      outages.back().to = time;
    } else {
      outages.push_back({time, time});
    }
  }
};

}  // namespace onsale::rehearsal
