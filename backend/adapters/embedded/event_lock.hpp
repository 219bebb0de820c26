// EventLock: guards one event's seats. Its critical sections last some 200 ns, so a waiter first
// spins for a few of them and only then asks the kernel to sleep. One int; uncontended, two atomic
// instructions.
#pragma once

#include <atomic>
#include <thread>

#include "base/mutex.hpp"

namespace onsale {

class ONSALE_CAPABILITY("mutex") EventLock {
 public:
  void lock() noexcept ONSALE_ACQUIRE() {
    int expected = kFree;
    if (!state_.compare_exchange_strong(expected, kTaken, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
      lock_contended();
    }
  }
  void unlock() noexcept ONSALE_RELEASE() {
    if (state_.exchange(kFree, std::memory_order_release) == kTakenWithSleepers) {
      state_.notify_one();
    }
  }

  // Whether somebody sleeps for the lock; asked by its holder.
  [[nodiscard]] bool has_sleepers() const noexcept {
    return state_.load(std::memory_order_relaxed) == kTakenWithSleepers;
  }
  // For one who would take the lock again at once, time and again: lets the others in between. The
  // spinning need a moment, the sleeping long enough to wake up.
  static void give_way(bool to_sleepers) noexcept {
    if (to_sleepers) std::this_thread::yield();
    for (int spin = 0; spin < (to_sleepers ? kSpins * 4 : kSpins / 10); ++spin) pause();
  }

 private:
  static constexpr int kFree = 0;
  static constexpr int kTaken = 1;
  static constexpr int kTakenWithSleepers = 2;
  static constexpr int kSpins = 200;  // about 5 µs

  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  void lock_contended() noexcept {
    for (int spin = 0; spin < kSpins; ++spin) {
      int expected = kFree;
      if (state_.load(std::memory_order_relaxed) == kFree &&
          state_.compare_exchange_weak(expected, kTaken, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        return;
      }
      pause();
    }
    // From here on the lock is always left as "with sleepers": a wake too many, never one too few.
    while (state_.exchange(kTakenWithSleepers, std::memory_order_acquire) != kFree) {
      state_.wait(kTakenWithSleepers, std::memory_order_relaxed);
    }
  }

  std::atomic<int> state_{kFree};
};

}  // namespace onsale
