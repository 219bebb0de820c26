// Ids that a seed makes, the same ones in every run. Thread-safe.
#pragma once

#include <cstdint>
#include <random>

#include "base/mutex.hpp"
#include "ports/clock.hpp"

namespace onsale {

class SeededIds final : public IdSource {
 public:
  explicit SeededIds(std::uint64_t seed = 1) : random_(seed) {}
  Bits128 random_bits() override {
    const Lock lock(mutex_);
    const std::uint64_t hi = random_();
    return {hi, random_()};
  }

 private:
  Mutex mutex_;
  std::mt19937_64 random_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
