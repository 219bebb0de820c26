// Runs a Task to its end on the calling thread, outside any loop: for start-up and tools, where the
// embedded adapters never need to wait. A Task that does wait is a bug here.
#pragma once

#include <optional>
#include <utility>

#include "runtime/scheduler.hpp"
#include "runtime/task.hpp"

namespace onsale::app {

template <typename T>
T run_now(Task<T> task) {
  std::optional<T> result;
  auto keep = [](Task<T> inner, std::optional<T>* out) -> Task<void> {
    out->emplace(co_await std::move(inner));
  };
  detach(keep(std::move(task), &result));
  check(result.has_value(), "a task of the start-up had to wait");
  return std::move(*result);
}

}  // namespace onsale::app
