// Scheduler: an event loop as coroutines see it. The real one is an Asio loop, one a core
// (runtime/loop.hpp); the simulation has its own, single-threaded, on virtual time.
//
// Everything a coroutine does between two suspensions runs on one scheduler. Code that completes
// work elsewhere (a writer thread) gives the coroutine back with post() to the scheduler it came
// from, which Scheduler::current() told when it suspended.
#pragma once

#include <coroutine>
#include <functional>

#include "base/time.hpp"
#include "runtime/task.hpp"

namespace onsale {

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // Runs `work` on this loop soon, in order of posting. Any thread may call. After stop() the work
  // is dropped unrun.
  virtual void post(std::function<void()> work) = 0;

  // Runs `work` on this loop not before `delay` from now (monotonic). Any thread may call.
  virtual void post_after(Milliseconds delay, std::function<void()> work) = 0;

  // The loop that runs the calling code; nullptr outside any loop.
  static Scheduler* current() noexcept;

  // co_await sleep_for(50ms): resumes on the same loop.
  struct Sleep {
    Scheduler& scheduler;
    Milliseconds delay;
    bool await_ready() const noexcept { return delay.count() <= 0; }
    void await_suspend(std::coroutine_handle<> waiting) const {
      scheduler.post_after(delay, [waiting] { waiting.resume(); });
    }
    void await_resume() const noexcept {}
  };
  Sleep sleep_for(Milliseconds delay) { return Sleep{*this, delay}; }

 protected:
  // An implementation brackets the running of work with these, on its own thread.
  static void set_current(Scheduler* scheduler) noexcept;
};

// Owns background coroutines: spawn() starts one at once on the calling thread and counts it;
// closed() tells that no more may start; idle() that all have ended. Thread-safe.
class TaskGroup {
 public:
  TaskGroup();
  ~TaskGroup();  // a bug unless idle
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // False, and the task is dropped unstarted, once close() was called.
  bool spawn(Task<void> task);
  void close() noexcept;
  [[nodiscard]] bool closed() const noexcept;
  [[nodiscard]] std::size_t running() const noexcept;

 private:
  struct State;
  State* state_;
};

// Starts a task that nobody waits for; its frame frees itself.
void detach(Task<void> task);

}  // namespace onsale
