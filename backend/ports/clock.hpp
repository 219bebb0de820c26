// Clock and IdSource: time and randomness, injected, so that a simulation can replay any run.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale {

// Wall-clock time that never runs backwards within one process: the real one is anchored at start
// and advances by the monotonic clock, so stepping the machine's clock lapses nothing early.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

// Unpredictable bits (from the kernel in the real one). Thread-safe.
class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual Bits128 random_bits() = 0;
};

// UUIDv7 (RFC 9562 section 5.7): ordered by `now`, the rest random.
Bits128 uuid_v7(Instant now, Bits128 random);

// UUIDv7s that grow strictly, also within one millisecond: the 12 bits after the time count on
// (RFC 9562 section 6.2, method 1). After 4,096 in one millisecond they run ahead of the clock.
// Thread-safe.
class UuidV7Sequence {
 public:
  Bits128 next(Instant now, Bits128 random);

 private:
  std::atomic<std::uint64_t> last_{0};  // milliseconds << 12 | count
};

}  // namespace onsale
