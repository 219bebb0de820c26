// The machine's own time and randomness: the real Clock and IdSource.
#pragma once

#include "ports/clock.hpp"

namespace onsale {

// Wall time read once, at construction, then advanced by the monotonic clock: stepping the
// machine's clock while the office runs lapses nothing early. Thread-safe.
class SystemClock final : public Clock {
 public:
  // `ahead`: by how much the clock that the office goes by is ahead of this machine's.
  explicit SystemClock(Milliseconds ahead = {});
  [[nodiscard]] Instant now() const override;

 private:
  std::int64_t offset_ms_ = 0;  // wall minus monotonic, in milliseconds
};

// getrandom(2), taken in bulk by each thread. Thread-safe.
class KernelIdSource final : public IdSource {
 public:
  Bits128 random_bits() override;
};

}  // namespace onsale
