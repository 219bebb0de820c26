// RequestCounters: how many requests each route answered, by status class, how long they took, and
// which refusals it gave. Counted on the hot path, so: one shard a thread, which alone writes to it, no
// lock, no allocation; read by summing. Labels are routes, classes and codes, never ids, so their number
// is fixed.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/code.hpp"
#include "base/duration_counts.hpp"

namespace onsale::api {

class RequestCounters {
 public:
  static constexpr std::size_t kRoutesMax = 48;  // the last one: no route (404, refused framing)
  static constexpr std::size_t kClasses = 5;     // 2xx 3xx 4xx 5xx, and streams opened
  static constexpr std::size_t kCodesMax = 40;   // base/code.hpp has fewer

  struct Cell {
    std::array<std::uint64_t, kClasses> by_class{};
    std::array<std::uint64_t, kCodesMax> by_code{};
    DurationSum took;
  };

  RequestCounters() : shards_(std::make_unique<std::array<Shard, kShards>>()) {}

  // `refusal`: why, where it was one.
  void count(std::size_t route, int status, std::uint64_t took_us,
             std::optional<Code> refusal = std::nullopt) {
    const std::size_t shard = shard_of_thread();
    AtomicCell& cell = (*shards_)[shard].cells[route];
    const bool alone = shard != kShared;
    const auto index = static_cast<std::size_t>(status / 100 - 2);
    add(cell.by_class[index < kClasses ? index : 3], 1, alone);
    add(cell.by_bucket[duration_bucket(took_us)], 1, alone);
    add(cell.microseconds, took_us, alone);
    if (refusal) add(cell.by_code[static_cast<std::size_t>(*refusal) % kCodesMax], 1, alone);
  }

  [[nodiscard]] Cell sum(std::size_t route) const {
    Cell total;
    for (const Shard& shard : *shards_) {
      const AtomicCell& cell = shard.cells[route];
      for (std::size_t i = 0; i < kClasses; ++i)
        total.by_class[i] += cell.by_class[i].load(kRelaxed);
      for (std::size_t i = 0; i < kCodesMax; ++i)
        total.by_code[i] += cell.by_code[i].load(kRelaxed);
      for (std::size_t i = 0; i < total.took.by_bucket.size(); ++i) {
        total.took.by_bucket[i] += cell.by_bucket[i].load(kRelaxed);
      }
      total.took.microseconds += cell.microseconds.load(kRelaxed);
    }
    return total;
  }

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kShared = kShards - 1;  // of all threads that came later
  static constexpr std::memory_order kRelaxed = std::memory_order_relaxed;

  struct AtomicCell {
    std::array<std::atomic<std::uint64_t>, kClasses> by_class{};
    std::array<std::atomic<std::uint64_t>, kDurationBucketsUs.size() + 1> by_bucket{};
    std::atomic<std::uint64_t> microseconds{0};
    std::array<std::atomic<std::uint64_t>, kCodesMax> by_code{};
  };
  struct alignas(64) Shard {
    std::array<AtomicCell, kRoutesMax> cells{};
  };

  // The only writer need not lock the line: a third of the price.
  static void add(std::atomic<std::uint64_t>& cell, std::uint64_t by, bool alone) {
    if (alone) {
      cell.store(cell.load(kRelaxed) + by, kRelaxed);
    } else {
      cell.fetch_add(by, kRelaxed);
    }
  }
  // No number is given twice while the program runs, so below kShared no two threads ever have the same.
  static std::size_t shard_of_thread() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = std::min(next.fetch_add(1, kRelaxed), kShared);
    return mine;
  }

  std::unique_ptr<std::array<Shard, kShards>> shards_;
};

}  // namespace onsale::api
