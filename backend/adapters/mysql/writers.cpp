// The queue before the writing threads.
#include "adapters/mysql/writers.hpp"

#include <algorithm>

#include "adapters/mysql/writer.hpp"

namespace onsale::mysql {

Failure failure_of(End end) {
  return Failure{Code::unavailable, end == End::unknown
                                        ? "the database went away in the middle of the commit"
                                        : std::string()};
}

Writers::Writers(const Endpoint& endpoint, const DatabaseOptions& options)
    : endpoint_(endpoint), options_(options), starting_(options.writers) {
  for (std::size_t i = 0; i < options_.writers; ++i) {
    writers_.push_back(std::make_unique<Writer>(*this));
  }
}

Writers::~Writers() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  writers_.clear();
  refuse_waiting();
}

bool Writers::submit(Command& command) {
  {
    const Lock lock(mutex_);
    const bool away = connected_.load() == 0 && starting_.load() == 0;
    if (closing_ || away || queue_.size() >= options_.queue_max) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    queue_.push_back(&command);
  }
  wake_.notify_one();
  return true;
}

void Writers::on_commit(std::function<void()> wake) {
  const Lock lock(mutex_);
  on_commit_ = std::move(wake);
}

DatabaseStats Writers::stats() const {
  DatabaseStats stats;
  stats.commits = commits_.load(std::memory_order_relaxed);
  stats.commands = commands_.load(std::memory_order_relaxed);
  stats.failed_commits = failed_commits_.load(std::memory_order_relaxed);
  stats.refused = refused_.load(std::memory_order_relaxed);
  stats.retried = retried_.load(std::memory_order_relaxed);
  stats.conflicts = conflicts_.load(std::memory_order_relaxed);
  stats.asked = asked_.load(std::memory_order_relaxed);
  stats.unresolved = unresolved_.load(std::memory_order_relaxed);
  stats.reconnects = reconnects_.load(std::memory_order_relaxed);
  stats.healthy = connected_.load() > 0;
  const Lock lock(mutex_);
  stats.queued = queue_.size();
  return stats;
}

bool Writers::take_batch(Commands& batch, Milliseconds wait) ONSALE_NO_THREAD_ANALYSIS {
  batch.clear();
  std::unique_lock lock(mutex_.inner());
  const auto until = std::chrono::steady_clock::now() + wait;
  while (queue_.empty() && !closing_ && wake_.wait_until(lock, until) != std::cv_status::timeout) {
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_max));
  batch.assign(queue_.begin(), queue_.begin() + count);
  queue_.erase(queue_.begin(), queue_.begin() + count);
  return !batch.empty() || !closing_;
}

void Writers::give_back(const Commands& postponed) {
  if (postponed.empty()) return;
  {
    const Lock lock(mutex_);
    queue_.insert(queue_.begin(), postponed.begin(), postponed.end());
  }
  wake_.notify_one();
}

// Nothing of them has happened. Only while nobody is connected: else somebody takes them.
void Writers::refuse_waiting() {
  std::deque<Command*> waiting;
  {
    const Lock lock(mutex_);
    if (connected_.load() > 0 || starting_.load() > 0) return;
    waiting.swap(queue_);
  }
  for (Command* command : waiting) command->finish(End::refused);
}

void Writers::wake_relay() {
  std::function<void()> wake;
  {
    const Lock lock(mutex_);
    wake = on_commit_;
  }
  if (wake) wake();
}

}  // namespace onsale::mysql
