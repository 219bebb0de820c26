// UUIDv7: ids that sort by time of creation, so that an index on them grows at one end.
#include "ports/clock.hpp"

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

}  // namespace onsale
