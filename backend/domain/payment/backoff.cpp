// The arithmetic of waiting.
#include "domain/payment/backoff.hpp"

#include <algorithm>

namespace onsale::payment {

Milliseconds wait_before_retry(const Backoff& backoff, std::uint32_t tries_so_far,
                               std::uint64_t random) {
  const std::uint32_t doublings = std::min(tries_so_far, 20U);
  const std::int64_t whole = std::min(backoff.first.count() << doublings, backoff.most.count());
  const std::int64_t half = whole / 2;
  if (half <= 0) return Milliseconds{whole};
  return Milliseconds{
      half + static_cast<std::int64_t>(random % (static_cast<std::uint64_t>(whole - half) + 1))};
}

}  // namespace onsale::payment
