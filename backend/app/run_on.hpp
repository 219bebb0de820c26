// Runs a Task on a loop to its end while the calling thread, which turns no loop, waits: for an
// import, a refresh of the catalogue and the command line, where an engine across the network answers
// later.
#pragma once

#include <future>
#include <utility>

#include "base/assert.hpp"
#include "runtime/scheduler.hpp"
#include "runtime/task.hpp"

namespace onsale::app {

// `make()` makes the Task, on the loop. The loop must turn until the Task has ended.
template <typename Make>
auto run_on(Scheduler& loop, Make make) {
  using T = decltype(make().await_resume());
  check(Scheduler::current() == nullptr, "a loop must not wait for a loop");
  std::promise<T> done;
  auto finish = [](Make& making, std::promise<T>& promise) -> Task<void> {
    auto task = making();
    T value = co_await std::move(task);
    promise.set_value(std::move(value));
  };
  loop.post([&] { detach(finish(make, done)); });
  return done.get_future().get();
}

}  // namespace onsale::app
