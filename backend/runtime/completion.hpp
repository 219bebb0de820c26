// Completion<T>: a one-shot hand-over of a value from any thread to one waiting coroutine.
// Why not a future: the waiter must resume on its own loop, and nothing may block.
//
// complete() exactly once, co_await exactly once, in either order. The waiter resumes on the
// scheduler it awaited on (inline where there was none). The object must live until both are done:
// it usually sits in the waiting coroutine's frame.
#pragma once

#include <atomic>
#include <coroutine>
#include <optional>
#include <utility>

#include "runtime/scheduler.hpp"

namespace onsale {

template <typename T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  void complete(T value) {
    value_.emplace(std::move(value));
    if (state_.exchange(kDone, std::memory_order_acq_rel) == kWaiting) {
      const std::coroutine_handle<> waiter = waiter_;
      if (scheduler_ != nullptr) {
        scheduler_->post([waiter] { waiter.resume(); });
      } else {
        waiter.resume();
      }
    }
  }

  bool await_ready() const noexcept { return state_.load(std::memory_order_acquire) == kDone; }
  bool await_suspend(std::coroutine_handle<> waiting) noexcept {
    waiter_ = waiting;
    scheduler_ = Scheduler::current();
    int expected = kEmpty;
    return state_.compare_exchange_strong(expected, kWaiting, std::memory_order_acq_rel);
  }
  T await_resume() { return std::move(*value_); }

 private:
  static constexpr int kEmpty = 0;
  static constexpr int kWaiting = 1;
  static constexpr int kDone = 2;

  std::atomic<int> state_{kEmpty};
  std::coroutine_handle<> waiter_;
  Scheduler* scheduler_ = nullptr;
  std::optional<T> value_;
};

}  // namespace onsale
