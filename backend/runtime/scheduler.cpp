// The current scheduler of a thread, detached coroutines and the groups that own them.
#include "runtime/scheduler.hpp"

#include <atomic>

namespace onsale {
namespace {

thread_local Scheduler* current_scheduler = nullptr;

// A coroutine that starts at once and frees its own frame at its end.
struct Detached {
  struct promise_type {
    static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept {
      detail::free_frame(frame, bytes);
    }
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }
  };
};

Detached run_detached(Task<void> task) { co_await std::move(task); }

}  // namespace

Scheduler* Scheduler::current() noexcept { return current_scheduler; }
void Scheduler::set_current(Scheduler* scheduler) noexcept { current_scheduler = scheduler; }

void detach(Task<void> task) { run_detached(std::move(task)); }

struct TaskGroup::State {
  std::atomic<bool> closed{false};
  std::atomic<std::size_t> running{0};
};

namespace {

Detached run_counted(Task<void> task, std::atomic<std::size_t>* running) {
  co_await std::move(task);
  running->fetch_sub(1, std::memory_order_acq_rel);
}

}  // namespace

TaskGroup::TaskGroup() : state_(new State) {}
TaskGroup::~TaskGroup() {
  check(running() == 0, "a TaskGroup ends while its tasks still run");
  delete state_;
}

bool TaskGroup::spawn(Task<void> task) {
  state_->running.fetch_add(1, std::memory_order_acq_rel);
  if (state_->closed.load(std::memory_order_acquire)) {
    state_->running.fetch_sub(1, std::memory_order_acq_rel);
    return false;
  }
  run_counted(std::move(task), &state_->running);
  return true;
}

void TaskGroup::close() noexcept { state_->closed.store(true, std::memory_order_release); }
bool TaskGroup::closed() const noexcept { return state_->closed.load(std::memory_order_acquire); }
std::size_t TaskGroup::running() const noexcept {
  return state_->running.load(std::memory_order_acquire);
}

}  // namespace onsale
