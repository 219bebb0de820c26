// Dice: all the luck of a simulation, from one seed, the same on every machine (the distributions of
// <random> are not; so they are made here from raw bits).
#pragma once

#include <cstdint>
#include <random>

#include "base/time.hpp"

namespace onsale::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}

  std::uint64_t bits() { return bits_(); }
  // 0 … n-1.
  std::uint64_t below(std::uint64_t n) { return bits_() % n; }
  // low … high, both possible.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  Milliseconds ms(std::int64_t low, std::int64_t high) { return Milliseconds{between(low, high)}; }
  bool chance(double share) { return static_cast<double>(bits_() >> 11U) * 0x1.0p-53 < share; }

 private:
  std::mt19937_64 bits_;
};

// What happened, folded into one number: two runs of one seed must fold to the same.
class Trace {
 public:
  void add(std::uint64_t what) {
    hash_ ^= what + 0x9E3779B97F4A7C15ULL + (hash_ << 6U) + (hash_ >> 2U);
    hash_ *= 0x100000001B3ULL;
  }
  [[nodiscard]] std::uint64_t hash() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

}  // namespace onsale::simulation
