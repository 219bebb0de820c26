// run_task(task): the value of a Task that ends without waiting for a loop, as those of synchronous
// adapters do. A task that is still running when control comes back is a bug in the test.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "base/assert.hpp"
#include "runtime/task.hpp"

namespace onsale {

namespace detail {

// Starts at once, frees itself at its end.
struct Driver {
  struct promise_type {
    Driver get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <typename T>
Driver drive(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}
inline Driver drive(Task<void> task, bool* done) {
  co_await std::move(task);
  *done = true;
}

}  // namespace detail

template <typename T>
T run_task(Task<T> task) {
  if (task.is_ready()) return task.await_resume();
  std::optional<T> result;
  detail::drive(std::move(task), &result);
  check(result.has_value(), "the task waits for something");
  return std::move(*result);
}

inline void run_task(Task<void> task) {
  bool done = false;
  detail::drive(std::move(task), &done);
  check(done, "the task waits for something");
}

}  // namespace onsale
