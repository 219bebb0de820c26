// A timer that measures itself.
#include "app/loop_lag.hpp"

#include <algorithm>
#include <chrono>

namespace onsale::app {
namespace {

constexpr Milliseconds kEvery{100};

}  // namespace

void LoopLag::watch(Scheduler& loop) { again(loop, counts_); }

void LoopLag::again(Scheduler& loop, const std::shared_ptr<DurationCounts>& counts) {
  const auto due = std::chrono::steady_clock::now() + kEvery;
  loop.post_after(kEvery, [&loop, counts, due] {
    const auto late = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - due);
    counts->count(static_cast<std::uint64_t>(std::max<std::int64_t>(late.count(), 0)));
    again(loop, counts);
  });
}

}  // namespace onsale::app
