// The links of a claim: buyers' chains, the free chain, the timer wheel.
#include "adapters/embedded/claim_book.hpp"

#include <algorithm>
#include <bit>

#include "base/assert.hpp"

namespace onsale {
namespace {

std::size_t buckets_for(std::uint32_t seats) {
  return std::max<std::size_t>(16, std::bit_floor(static_cast<std::size_t>(seats)));
}
std::size_t ticks_for(std::uint32_t seats) {
  return std::clamp(std::bit_floor(static_cast<std::size_t>(seats / 4)), ClaimBook::kWheelTicksMin,
                    ClaimBook::kWheelTicksMax);
}

}  // namespace

ClaimBook::ClaimBook(std::uint32_t seats, Instant now)
    : claims_(std::size_t{seats} + 1),
      buckets_(buckets_for(seats)),
      wheel_(ticks_for(seats)),
      tick_(tick_of(now)) {}

void ClaimBook::link_buyer(ClaimNumber number) {
  ClaimNumber& head = buckets_[bucket_of(claims_[number].buyer)];
  claims_[number].buyer_next = head;
  head = number;
}

ClaimNumber ClaimBook::add(BuyerId buyer, std::uint32_t seat_index) {
  ClaimNumber number = free_;
  if (number != kNoClaim) {
    free_ = claims_[number].buyer_next;
  } else {
    number = ++used_;
    check(number < claims_.size(), "more claims than seats");
  }
  Claim& claim = claims_[number];
  claim.buyer = buyer;
  claim.seat_index = seat_index;
  claim.wheel_prev = 0;
  link_buyer(number);
  return number;
}

void ClaimBook::remove(ClaimNumber number) {
  Claim& claim = claims_[number];
  check(claim.wheel_prev == 0, "an armed claim is removed");
  ClaimNumber* link = &buckets_[bucket_of(claim.buyer)];
  while (*link != number) {
    check(*link != kNoClaim, "a claim is not in its buyer's chain");
    link = &claims_[*link].buyer_next;
  }
  *link = claim.buyer_next;
  claim.buyer_next = free_;
  free_ = number;
}

void ClaimBook::arm(ClaimNumber number, Instant ends) {
  // A list that is being swept, or has been, would be met too late.
  const std::int64_t earliest = in_tick_ ? tick_ + 1 : tick_;
  const std::size_t list = list_of(std::max(tick_of(ends), earliest));
  Claim& claim = claims_[number];
  claim.wheel_prev = kWheelHead | static_cast<std::uint32_t>(list);
  claim.wheel_next = wheel_[list];
  if (claim.wheel_next != kNoClaim) claims_[claim.wheel_next].wheel_prev = number;
  wheel_[list] = number;
  ++armed_;
}

void ClaimBook::disarm(ClaimNumber number) {
  Claim& claim = claims_[number];
  if (claim.wheel_prev == 0) return;
  if (resume_ == number) resume_ = claim.wheel_next;
  if (claim.wheel_next != kNoClaim) claims_[claim.wheel_next].wheel_prev = claim.wheel_prev;
  if ((claim.wheel_prev & kWheelHead) != 0) {
    wheel_[claim.wheel_prev & ~kWheelHead] = claim.wheel_next;
  } else {
    claims_[claim.wheel_prev].wheel_next = claim.wheel_next;
  }
  claim.wheel_prev = 0;
  --armed_;
}

void ClaimBook::grow(std::uint32_t seats) {
  claims_.grow(std::size_t{seats} + 1, std::size_t{used_} + 1);
  // Chains are made anew for more buckets; the wheel stays as it is, only its revolution is short.
  LazyArray<ClaimNumber> old = std::move(buckets_);
  buckets_ = LazyArray<ClaimNumber>(buckets_for(seats));
  for (std::size_t i = 0; i < old.size(); ++i) {
    for (ClaimNumber at = old[i]; at != kNoClaim;) {
      const ClaimNumber next = claims_[at].buyer_next;
      link_buyer(at);
      at = next;
    }
  }
}

}  // namespace onsale
