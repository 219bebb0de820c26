// EventLedger: the seats of one event in memory. A seat is a 4-byte slot: what it is, and the number
// of its claim if it has one. Everything that changes a seat goes through put(), which keeps slot,
// claim, counts, version and feed together: they cannot disagree.
//
// Not thread-safe by itself: every method wants `lock` held. What one call does to its seats it does
// under one holding of the lock; that is what makes a call one atomic step.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/embedded/claim_book.hpp"
#include "adapters/embedded/event_lock.hpp"
#include "adapters/embedded/feed_ring.hpp"
#include "adapters/embedded/lazy_array.hpp"
#include "base/duration_counts.hpp"
#include "base/ids.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale {

class EventLedger {
 public:
  struct Opening {
    EventId id;
    SeatNumbering numbering;
    Version version;            // the one before the first change
    Instant now;                // where the timer wheel starts
    std::size_t feed_capacity;  // changes the feed remembers
  };
  explicit EventLedger(const Opening& opening);

  EventLock lock;
  const EventId id;

  [[nodiscard]] const SeatNumbering& numbering() const ONSALE_REQUIRES(lock) { return numbering_; }
  [[nodiscard]] Version version() const ONSALE_REQUIRES(lock) { return feed_.version(); }
  [[nodiscard]] const FeedRing& feed() const ONSALE_REQUIRES(lock) { return feed_; }
  [[nodiscard]] SeatCounts counts() const ONSALE_REQUIRES(lock);

  [[nodiscard]] seat::State state_of(std::uint32_t index) const ONSALE_REQUIRES(lock);
  [[nodiscard]] seat::WireStatus status_of(std::uint32_t index) const ONSALE_REQUIRES(lock);
  // As status_of, but what has lapsed by `now` is available.
  [[nodiscard]] seat::WireStatus status_at(std::uint32_t index, Instant now) const
      ONSALE_REQUIRES(lock);

  // How many seats the buyer holds, has pinned or owns at `now`; counting ends at `enough`.
  [[nodiscard]] std::uint32_t seats_of(BuyerId buyer, Instant now, std::uint32_t enough) const
      ONSALE_REQUIRES(lock);
  // The buyer's live holds and pins, by seat.
  [[nodiscard]] std::vector<LiveHold> holds_of(BuyerId buyer, Instant now) const
      ONSALE_REQUIRES(lock);

  // The seat becomes `next`, with the next version and a feed entry.
  Version put(std::uint32_t index, const seat::State& next) ONSALE_REQUIRES(lock);
  // The same without version and feed entry: what a journal tells.
  void put_silently(std::uint32_t index, const seat::State& next) ONSALE_REQUIRES(lock);

  // Frees what has lapsed a tick of the claim book before `now`; counts `visits` down by the claims
  // it looked at and `lapsed` up by those freed, each with how late it was (`late`, if there is one).
  // False if it stopped for want of visits.
  bool sweep(Instant now, std::size_t& visits, std::size_t& lapsed, DurationCounts* late = nullptr)
      ONSALE_REQUIRES(lock);

  // The feed starts anew after `version`, empty: after a restart.
  void begin_feed_at(Version version) ONSALE_REQUIRES(lock) {
    feed_ = FeedRing(feed_.capacity(), version);
  }

  // More seats at the end.
  void grow(const SeatNumbering& numbering) ONSALE_REQUIRES(lock);

  // True if nobody has been told of changes since the last reading: the caller then tells.
  bool wake_wanted() ONSALE_REQUIRES(lock) {
    if (wake_sent_) return false;
    wake_sent_ = true;
    return true;
  }
  void wake_seen() ONSALE_REQUIRES(lock) { wake_sent_ = false; }

 private:
  enum class Kind : std::uint32_t { available = 0, held = 1, pinned = 2, sold = 3, blocked = 4 };
  static constexpr std::size_t kKinds = 5;
  static constexpr unsigned kClaimBits = 29;
  // What a seat is and, in the other bits, its claim; of an available seat, the mark of the buyer
  // whose hold lapsed here last.
  struct Slot {
    std::uint32_t word;
    [[nodiscard]] Kind kind() const { return static_cast<Kind>(word >> kClaimBits); }
    [[nodiscard]] std::uint32_t rest() const { return word & ((1U << kClaimBits) - 1); }
    [[nodiscard]] ClaimNumber claim() const {
      return kind() == Kind::available ? kNoClaim : rest();
    }
    static Slot of(Kind kind, std::uint32_t rest) {
      return {static_cast<std::uint32_t>(kind) << kClaimBits | rest};
    }
  };
  static seat::WireStatus shown(Kind kind);
  static Instant expires_at(const Claim& claim) { return instant_of_ms(claim.expires_at_ms); }
  static Instant extendable_until(const Claim& claim) {
    return instant_of_ms(claim.expires_at_ms + claim.life_left_ms);
  }
  static Instant deadline(const Claim& claim) {
    return instant_of_ms(claim.expires_at_ms + claim.deadline_ms);
  }
  [[nodiscard]] bool lapsed(Slot slot, Instant now) const;
  ClaimNumber claim_for(std::uint32_t index, Slot old, BuyerId buyer);

  FeedRing feed_;
  SeatNumbering numbering_;
  bool wake_sent_ = false;
  std::array<std::uint32_t, kKinds> count_{};
  LazyArray<Slot> slots_;
  ClaimBook claims_;
};

// Seats an event may have: a claim number has 29 bits, a feed entry 30 for the seat.
inline constexpr std::uint32_t kSeatsPerEventMax = (1U << 29U) - 2;

}  // namespace onsale
