// ManualScheduler: a loop on a test's own thread and clock. Nothing runs until the test says so;
// the clock jumps from one piece of work to the next, so a wait of minutes takes none. Work runs in
// the order of its time, and of posting where the times are equal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "runtime/scheduler.hpp"
#include "tests/support/manual_clock.hpp"

namespace onsale {

class ManualScheduler final : public Scheduler {
 public:
  explicit ManualScheduler(ManualClock& clock) : clock_(clock) {}

  void post(std::function<void()> work) override { push(clock_.now(), std::move(work)); }
  void post_after(Milliseconds delay, std::function<void()> work) override {
    push(clock_.now() + std::max(delay, Milliseconds{0}), std::move(work));
  }

  [[nodiscard]] bool empty() const { return queue_.empty(); }
  [[nodiscard]] Instant next_at() const { return queue_.front().at; }

  // Runs the next piece of work; the clock stands at its time then.
  void run_next() {
    std::pop_heap(queue_.begin(), queue_.end(), Later{});
    Entry entry = std::move(queue_.back());
    queue_.pop_back();
    if (entry.at > clock_.now()) clock_.set(entry.at);
    Scheduler* const outer = Scheduler::current();
    set_current(this);
    entry.work();
    set_current(outer);
  }
  // Runs all work due within `span`; the clock stands at its end afterwards.
  void run_for(Milliseconds span) {
    const Instant end = clock_.now() + span;
    while (!queue_.empty() && queue_.front().at <= end) run_next();
    clock_.set(end);
  }
  // Runs until `done()` or `most` has passed; tells whether it was done.
  template <typename Done>
  bool run_until(Done done, Milliseconds most) {
    const Instant end = clock_.now() + most;
    while (!done()) {
      if (queue_.empty() || queue_.front().at > end) return false;
      run_next();
    }
    return true;
  }

 private:
  struct Entry {
    Instant at;
    std::uint64_t number;
    std::function<void()> work;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.at != b.at ? a.at > b.at : a.number > b.number;
    }
  };

  void push(Instant at, std::function<void()> work) {
    queue_.push_back({at, next_number_++, std::move(work)});
    std::push_heap(queue_.begin(), queue_.end(), Later{});
  }

  ManualClock& clock_;
  std::vector<Entry> queue_;
  std::uint64_t next_number_ = 0;
};

}  // namespace onsale
