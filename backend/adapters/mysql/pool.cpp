// The loop of a reading thread.
#include "adapters/mysql/pool.hpp"

#include "base/steady.hpp"

namespace onsale::mysql {
namespace {

constexpr std::int64_t kConnectEveryMs = 100;
constexpr int kRunsMax = 6;

}  // namespace

Pool::Pool(const Endpoint& endpoint, const DatabaseOptions& options)
    : endpoint_(endpoint), options_(options) {
  for (std::size_t i = 0; i < options_.readers; ++i) threads_.emplace_back([this] { run(); });
}

Pool::~Pool() {
  {
    const Lock lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Pool::submit(Job& job) {
  {
    const Lock lock(mutex_);
    if (closing_ || queue_.size() >= options_.reads_max || threads_.empty()) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    queue_.push_back(&job);
  }
  wake_.notify_one();
  return true;
}

Pool::Stats Pool::stats() const {
  Stats stats;
  stats.refused = refused_.load(std::memory_order_relaxed);
  stats.retried = retried_.load(std::memory_order_relaxed);
  stats.reconnects = reconnects_.load(std::memory_order_relaxed);
  const Lock lock(mutex_);
  stats.queued = queue_.size();
  return stats;
}

Job* Pool::next() ONSALE_NO_THREAD_ANALYSIS {
  std::unique_lock lock(mutex_.inner());
  while (queue_.empty() && !closing_) wake_.wait(lock);
  if (queue_.empty()) return nullptr;
  Job* const job = queue_.front();
  queue_.pop_front();
  return job;
}

void Pool::run() {
  std::unique_ptr<Connection> connection;
  while (Job* const job = next()) work(*job, connection);
}

void Pool::work(Job& job, std::unique_ptr<Connection>& connection) {
  bool renewed = false;
  for (int runs = 0; runs < kRunsMax; ++runs) {
    if (connection == nullptr) {
      const Status connected = connect(connection);
      if (!connected) return job.finish(connected);
      renewed = true;
    }
    job.run(*connection);
    const Trouble trouble = connection->trouble();
    if (trouble == Trouble::none) return job.finish(ok());
    const std::string error = connection->error();
    if (!connection->rollback()) connection.reset();
    const bool again = (trouble == Trouble::lost && !renewed) || trouble == Trouble::busy;
    if (!again) return job.finish(Failure{Code::unavailable, error});
    retried_.fetch_add(1, std::memory_order_relaxed);
  }
  job.finish(Failure{Code::unavailable, "the database kept refusing to lock the rows"});
}

// One attempt at a time while the server is away; the others are told at once.
Status Pool::connect(std::unique_ptr<Connection>& connection) {
  std::int64_t not_before = not_before_ms_.load();
  const std::int64_t now = steady_ms();
  if (not_before > now) {
    const Lock lock(mutex_);
    return Failure{Code::unavailable, trouble_};
  }
  if (not_before != 0) {
    const std::int64_t attempt = now + options_.timeouts.connect_s * 1000LL;
    if (!not_before_ms_.compare_exchange_strong(not_before, attempt)) {
      const Lock lock(mutex_);
      return Failure{Code::unavailable, trouble_};
    }
  }
  auto opened = Connection::open(endpoint_, options_.timeouts);
  if (opened) {
    not_before_ms_.store(0);
    reconnects_.fetch_add(1, std::memory_order_relaxed);
    connection = std::move(*opened);
    return ok();
  }
  {
    const Lock lock(mutex_);
    trouble_ = opened.error().detail;
  }
  not_before_ms_.store(steady_ms() + kConnectEveryMs);
  return opened.error();
}

}  // namespace onsale::mysql
