// What the order service counts, for metrics: monotonic counters and two gauges. Any thread may
// read; each number is right by itself, not in step with the others.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/duration_counts.hpp"
#include "domain/order/order.hpp"

namespace onsale {

inline constexpr std::size_t kOrderReasons = 6;  // order::Reason has this many values

struct OrderStats {
  std::atomic<std::uint64_t> placed{0};
  std::atomic<std::uint64_t> replayed{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> confirmed{0};
  std::array<std::atomic<std::uint64_t>, kOrderReasons> cancelled{};  // by order::Reason
  std::atomic<std::uint64_t> recovered{0};  // picked up by recovery or the sweep
  std::atomic<std::uint64_t> step_retries{0};
  std::atomic<std::uint64_t> left_to_others{0};  // another node drives them by now
  std::atomic<std::uint64_t> leases_renewed{0};
  std::atomic<std::uint64_t> answers_purged{0};
  std::atomic<std::uint64_t> asked_again{0};  // events repeated for want of an answer
  std::array<DurationCounts, 3>
      steps;  // by the order::Status they leave: created, authorised, cancelling
  DurationCounts confirmed_after;  // from the order's placing
  DurationCounts cancelled_after;
  std::atomic<std::size_t> sagas_in_flight{0};
  std::atomic<std::size_t> sagas_queued{0};
};

}  // namespace onsale
