// A clock that stands still until a test moves it. Thread-safe.
#pragma once

#include <atomic>

#include "ports/clock.hpp"

namespace onsale {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = instant_of_ms(1'800'000'000'000)) : ms_(ms_of(start)) {}
  [[nodiscard]] Instant now() const override {
    return instant_of_ms(ms_.load(std::memory_order_relaxed));
  }
  void advance(Milliseconds by) { ms_.fetch_add(by.count(), std::memory_order_relaxed); }
  void set(Instant at) { ms_.store(ms_of(at), std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> ms_;
};

}  // namespace onsale
