// SimScheduler: the loop of a simulated office: one thread, virtual time. Work runs in the order of
// its time, and of posting where the times are equal; the clock jumps from one to the next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "runtime/scheduler.hpp"
#include "tests/support/manual_clock.hpp"

namespace onsale::simulation {

class SimScheduler final : public Scheduler {
 public:
  explicit SimScheduler(ManualClock& clock) : clock_(clock) {}

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

}  // namespace onsale::simulation
