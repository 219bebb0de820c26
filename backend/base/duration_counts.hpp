// DurationCounts: how often something took how long, in fixed buckets from 50 µs to 10 s. One bound is
// the promise itself (300 ms), so that a share within it needs no guess between two bounds.
// Lock-free; for what happens at most some thousand times a second (RequestCounters shards by thread).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace onsale {

// Upper bounds in microseconds; one more bucket for the rest.
inline constexpr std::array<std::uint32_t, 19> kDurationBucketsUs = {
    50,      100,     250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,    50'000,
    100'000, 200'000, 300'000, 500'000, 750'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

constexpr std::size_t duration_bucket(std::uint64_t took_us) {
  std::size_t bucket = 0;
  while (bucket < kDurationBucketsUs.size() && took_us > kDurationBucketsUs[bucket]) ++bucket;
  return bucket;
}

struct DurationSum {
  std::array<std::uint64_t, kDurationBucketsUs.size() + 1> by_bucket{};
  std::uint64_t microseconds = 0;
};

class DurationCounts {
 public:
  void count(std::uint64_t took_us) {
    by_bucket_[duration_bucket(took_us)].fetch_add(1, std::memory_order_relaxed);
    microseconds_.fetch_add(took_us, std::memory_order_relaxed);
  }
  [[nodiscard]] DurationSum sum() const {
    DurationSum total;
    for (std::size_t i = 0; i < total.by_bucket.size(); ++i) {
      total.by_bucket[i] = by_bucket_[i].load(std::memory_order_relaxed);
    }
    total.microseconds = microseconds_.load(std::memory_order_relaxed);
    return total;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kDurationBucketsUs.size() + 1> by_bucket_{};
  std::atomic<std::uint64_t> microseconds_{0};
};

}  // namespace onsale
