// ClaimBook: who claims which seat of one event (a hold, a pin or a sale), findable three ways, each
// in O(1): by claim number (a seat's slot knows it), by buyer (for limits and carts), by the time it
// ends (for expiry). Not thread-safe: the event's lock guards it.
//
// The idea: one 64-byte claim, one cache line, carries its own links. Claims of one buyer hang in a
// hash bucket's chain. Claims that end hang in a timer wheel: a ring of lists, one a tick of 250 ms;
// one revolution of the full wheel lasts 17 minutes, longer than any hold; a claim that ends later
// stays in its list and is looked at once a revolution. Arming, disarming and expiry are O(1).
//
// A sweep may stop anywhere (it works in slices so that holds get in between): the wheel remembers
// the claim to go on with, and disarming that very claim moves the memory on.
#pragma once

#include <cstddef>
#include <cstdint>

#include "adapters/embedded/lazy_array.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale {

using ClaimNumber = std::uint32_t;  // 0: none
inline constexpr ClaimNumber kNoClaim = 0;

struct Claim {
  BuyerId buyer;
  OrderId order;               // of a pin or a sale
  std::int64_t expires_at_ms;  // of the hold
  std::uint32_t life_left_ms;  // extendable_until - expires_at
  std::int32_t deadline_ms;    // of a pin: deadline - expires_at
  std::uint32_t seat_index;
  ClaimNumber wheel_next;
  std::uint32_t wheel_prev;  // a claim, or kWheelHead | its list; 0: not armed
  ClaimNumber buyer_next;    // of a free claim: the next free one
};
static_assert(sizeof(Claim) == 64, "a claim is one cache line");

class ClaimBook {
 public:
  static constexpr std::int64_t kTickMs = 250;
  static constexpr std::size_t kWheelTicksMax = 4096;
  static constexpr std::size_t kWheelTicksMin = 64;

  ClaimBook(std::uint32_t seats, Instant now);

  Claim& operator[](ClaimNumber number) { return claims_[number]; }
  const Claim& operator[](ClaimNumber number) const { return claims_[number]; }

  // A new claim of `buyer` on the seat, unarmed, its other fields the caller's to fill.
  ClaimNumber add(BuyerId buyer, std::uint32_t seat_index);
  // Forgets a claim; it must not be armed.
  void remove(ClaimNumber number);

  // The claim ends at `ends`: the sweep will meet it then.
  void arm(ClaimNumber number, Instant ends);
  void disarm(ClaimNumber number);

  // Calls visit(number, claim) for each claim of the buyer until it answers false.
  template <typename Visit>
  void each_of(BuyerId buyer, Visit visit) const {
    for (ClaimNumber at = buckets_[bucket_of(buyer)]; at != kNoClaim;) {
      const Claim& claim = claims_[at];
      if (claim.buyer == buyer && !visit(at, claim)) return;
      at = claim.buyer_next;
    }
  }

  // Meets the claims of every tick that is over, and counts `visits` down by them; meet(number) frees
  // what has lapsed (it may disarm and remove that claim) and leaves the rest. False if it stopped
  // at no visits left. So a claim is met at most a tick after its end.
  template <typename Meet>
  bool sweep(Instant now, std::size_t& visits, Meet meet);

  // Room for more seats. Numbers stay.
  void grow(std::uint32_t seats);

 private:
  static constexpr std::uint32_t kWheelHead = 0x8000'0000U;

  [[nodiscard]] std::size_t bucket_of(BuyerId buyer) const {
    const std::uint64_t mixed = (buyer.bits.hi ^ buyer.bits.lo) * 0x9E37'79B9'7F4A'7C15ULL;
    return static_cast<std::size_t>(mixed >> 32U) & (buckets_.size() - 1);
  }
  static std::int64_t tick_of(Instant at) { return ms_of(at) / kTickMs; }
  [[nodiscard]] std::size_t list_of(std::int64_t tick) const {
    return static_cast<std::size_t>(tick) & (wheel_.size() - 1);
  }
  void link_buyer(ClaimNumber number);

  LazyArray<Claim> claims_;         // from 1
  LazyArray<ClaimNumber> buckets_;  // heads of buyers' chains
  LazyArray<ClaimNumber> wheel_;    // heads of ticks' lists
  ClaimNumber free_ = kNoClaim;     // chain of forgotten claims: the warmest is used first
  ClaimNumber used_ = 0;            // claims_[1..used_] have been used before
  std::uint32_t armed_ = 0;
  std::int64_t tick_ = 0;          // lists of all ticks before it have been swept
  bool in_tick_ = false;           // a sweep stopped within tick_ …
  ClaimNumber resume_ = kNoClaim;  // … and goes on here
};

template <typename Meet>
bool ClaimBook::sweep(Instant now, std::size_t& visits, Meet meet) {
  const std::int64_t now_tick = tick_of(now);
  if (armed_ == 0 && now_tick > tick_) {
    tick_ = now_tick;
    in_tick_ = false;
    resume_ = kNoClaim;
    return true;
  }
  const auto revolution = static_cast<std::int64_t>(wheel_.size());
  if (!in_tick_ && now_tick - tick_ > revolution) {
    tick_ = now_tick - revolution;  // every list once is enough
  }
  for (; tick_ < now_tick; ++tick_) {
    if (!in_tick_) resume_ = wheel_[list_of(tick_)];
    in_tick_ = true;
    while (resume_ != kNoClaim) {
      if (visits == 0) return false;
      --visits;
      const ClaimNumber at = resume_;
      resume_ = claims_[at].wheel_next;
      meet(at);
    }
    in_tick_ = false;
  }
  return true;
}

}  // namespace onsale
