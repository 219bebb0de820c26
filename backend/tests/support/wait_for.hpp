// wait_for(task): the value of a Task that another thread completes (a store's writer). Blocks the
// test until then; for tasks that need no loop.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/scheduler.hpp"
#include "runtime/task.hpp"

namespace onsale {

namespace detail {

template <typename T>
struct Waiting {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<T> value;
};

template <typename T>
Task<void> hand_over(Task<T> task, Waiting<T>& waiting) {
  T value = co_await std::move(task);
  // Notified under the lock: the waiter takes the object away as soon as it can.
  const std::lock_guard lock(waiting.mutex);
  waiting.value.emplace(std::move(value));
  waiting.changed.notify_one();
}

}  // namespace detail

template <typename T>
T wait_for(Task<T> task) {
  detail::Waiting<T> waiting;
  detach(detail::hand_over(std::move(task), waiting));
  std::unique_lock lock(waiting.mutex);
  waiting.changed.wait(lock, [&waiting] { return waiting.value.has_value(); });
  return std::move(*waiting.value);
}

}  // namespace onsale
