// UUIDv7: ids that sort by time of creation, so that an index on them grows at one end.
#include "ports/clock.hpp"

#include <algorithm>

namespace onsale {

Bits128 uuid_v7(Instant now, Bits128 random) {
  constexpr std::uint64_t kVersion7 = 0x7000;
  constexpr std::uint64_t kVariant = 0x8000'0000'0000'0000;
  const auto ms = static_cast<std::uint64_t>(ms_of(now));
  return {
      .hi = ms << 16U | kVersion7 | (random.hi & 0x0FFFU),
      .lo = kVariant | (random.lo & 0x3FFF'FFFF'FFFF'FFFFU),
  };
}

Bits128 UuidV7Sequence::next(Instant now, Bits128 random) {
  const std::uint64_t earliest = static_cast<std::uint64_t>(ms_of(now)) << 12U;
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = std::max(last + 1, earliest);
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  const auto at = instant_of_ms(static_cast<std::int64_t>(next >> 12U));
  Bits128 id = uuid_v7(at, random);
  id.hi = (id.hi & ~std::uint64_t{0xFFF}) | (next & 0xFFFU);
  return id;
}

}  // namespace onsale
