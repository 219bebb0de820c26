// LoopLag: how late an event loop runs what is due. Every 100 ms each loop is asked to run nothing; how
// long that took beyond the 100 ms is what any request of that loop waits for its turn.
#pragma once

#include <memory>

#include "base/duration_counts.hpp"
#include "runtime/scheduler.hpp"

namespace onsale::app {

class LoopLag {
 public:
  // Any thread; until the loop ends.
  void watch(Scheduler& loop);
  [[nodiscard]] DurationSum sum() const { return counts_->sum(); }

 private:
  static void again(Scheduler& loop, const std::shared_ptr<DurationCounts>& counts);
  std::shared_ptr<DurationCounts> counts_ = std::make_shared<DurationCounts>();
};

}  // namespace onsale::app
