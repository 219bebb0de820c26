// Pool: the threads that read, and that run lone transactions which may be repeated (a blocking
// connection each). A job runs on one of them and its asker resumes on its own loop.
//
// A job that finds its connection lost is run again once on a new one; a deadlocked one a few times.
// While the server cannot be reached jobs are answered unavailable at once, but for one that tries.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/database.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "runtime/completion.hpp"
#include "runtime/task.hpp"

namespace onsale::mysql {

class Job {
 public:
  virtual ~Job() = default;
  // On a thread of the pool; may run several times.
  virtual void run(Connection& connection) = 0;
  // Once, at the end: the last run went through; or why not. The job may be gone when it returns.
  virtual void finish(Status end) = 0;
};

class Pool {
 public:
  Pool(const Endpoint& endpoint, const DatabaseOptions& options);
  ~Pool();  // runs what is queued, then joins
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // False: too many are waiting (or it is closing); the job was not taken. It must live until finish().
  bool submit(Job& job);

  struct Stats {
    std::uint64_t refused = 0, retried = 0, reconnects = 0;
    std::size_t queued = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  void run();
  Job* next();
  void work(Job& job, std::unique_ptr<Connection>& connection);
  Status connect(std::unique_ptr<Connection>& connection);

  const Endpoint endpoint_;
  const DatabaseOptions options_;

  mutable Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job*> queue_ ONSALE_GUARDED_BY(mutex_);
  bool closing_ ONSALE_GUARDED_BY(mutex_) = false;
  std::string trouble_ ONSALE_GUARDED_BY(mutex_);  // why the last attempt to connect failed

  std::atomic<std::int64_t> not_before_ms_{0};  // of the next attempt to connect
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> retried_{0};
  std::atomic<std::uint64_t> reconnects_{0};
  std::vector<std::thread> threads_;
};

template <typename Answer, typename Ask>
class AnsweringJob final : public Job {
 public:
  explicit AnsweringJob(Ask ask) : ask_(std::move(ask)) {}
  void run(Connection& connection) override { answer_ = ask_(connection); }
  void finish(Status end) override { done.complete(std::move(end)); }
  Result<Answer> take() { return std::move(answer_); }
  Completion<Status> done;

 private:
  Ask ask_;
  Result<Answer> answer_{Code::unavailable};
};

// Runs `ask(Connection&) -> Result<Answer>` on a thread of the pool and tells its answer, or
// unavailable.
template <typename Answer, typename Ask>
Task<Result<Answer>> in_pool(Pool& pool, Ask ask) {
  AnsweringJob<Answer, Ask> job(std::move(ask));
  if (!pool.submit(job)) co_return Code::unavailable;
  const Status end = co_await job.done;
  if (!end) co_return end.error();
  co_return job.take();
}

// The same, on a thread that may wait.
template <typename Answer, typename Ask>
Result<Answer> in_pool_blocking(Pool& pool, Ask ask) {
  class Blocking final : public Job {
   public:
    explicit Blocking(Ask asked) : ask_(std::move(asked)) {}
    void run(Connection& connection) override { answer_ = ask_(connection); }
    // Notifies under the lock: the waiter destroys this object as soon as it can take it.
    void finish(Status end) override {
      const std::lock_guard lock(mutex_);
      if (!end) answer_ = end.error();
      finished_ = true;
      changed_.notify_one();
    }
    Result<Answer> wait() {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return finished_; });
      return std::move(answer_);
    }

   private:
    Ask ask_;
    Result<Answer> answer_{Code::unavailable};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool finished_ = false;
  };
  Blocking job(std::move(ask));
  if (!pool.submit(job)) return Code::unavailable;
  return job.wait();
}

}  // namespace onsale::mysql
