// RequestCounters: how many requests each route answered, by status class, and how long they took.
// Counted on the hot path, so: one shard a thread, relaxed, no lock, no allocation; read by summing.
// Labels are routes and classes, never ids, so their number is fixed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace onsale::api {

class RequestCounters {
 public:
  static constexpr std::size_t kRoutesMax = 48;  // the last one: no route (404, refused framing)
  static constexpr std::size_t kClasses = 5;     // 2xx 3xx 4xx 5xx, and streams opened
  // Upper bounds in microseconds: 50 µs … 10 s; one more for the rest.
  static constexpr std::array<std::uint32_t, 17> kBucketsUs = {
      50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};

  struct Cell {
    std::array<std::uint64_t, kClasses> by_class{};
    std::array<std::uint64_t, kBucketsUs.size() + 1> by_bucket{};
    std::uint64_t microseconds = 0;
  };

  RequestCounters() : shards_(std::make_unique<std::array<Shard, kShards>>()) {}

  void count(std::size_t route, int status, std::uint64_t took_us) {
    AtomicCell& cell = (*shards_)[shard_of_thread()].cells[route];
    const auto index = static_cast<std::size_t>(status / 100 - 2);
    add(cell.by_class[index < kClasses ? index : 3], 1);
    std::size_t bucket = 0;
    while (bucket < kBucketsUs.size() && took_us > kBucketsUs[bucket]) ++bucket;
    add(cell.by_bucket[bucket], 1);
    add(cell.microseconds, took_us);
  }

  [[nodiscard]] Cell sum(std::size_t route) const {
    Cell total;
    for (const Shard& shard : *shards_) {
      const AtomicCell& cell = shard.cells[route];
      for (std::size_t i = 0; i < kClasses; ++i)
        total.by_class[i] += cell.by_class[i].load(kRelaxed);
      for (std::size_t i = 0; i < total.by_bucket.size(); ++i) {
        total.by_bucket[i] += cell.by_bucket[i].load(kRelaxed);
      }
      total.microseconds += cell.microseconds.load(kRelaxed);
    }
    return total;
  }

 private:
  static constexpr std::size_t kShards = 8;
  static constexpr std::memory_order kRelaxed = std::memory_order_relaxed;

  struct AtomicCell {
    std::array<std::atomic<std::uint64_t>, kClasses> by_class{};
    std::array<std::atomic<std::uint64_t>, kBucketsUs.size() + 1> by_bucket{};
    std::atomic<std::uint64_t> microseconds{0};
  };
  struct alignas(64) Shard {
    std::array<AtomicCell, kRoutesMax> cells{};
  };

  // A thread nearly always has its shard to itself; fetch_add keeps the sum right when not.
  static void add(std::atomic<std::uint64_t>& cell, std::uint64_t by) {
    cell.fetch_add(by, kRelaxed);
  }
  static std::size_t shard_of_thread() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next.fetch_add(1, kRelaxed) % kShards;
    return mine;
  }

  std::unique_ptr<std::array<Shard, kShards>> shards_;
};

}  // namespace onsale::api
