// Clock and IdSource: time and randomness, injected, so that a simulation can replay any run.
#pragma once

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

}  // namespace onsale
