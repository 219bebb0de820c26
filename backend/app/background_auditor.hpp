// BackgroundAuditor: holds the books of an open office against each other, now and then and gently: on
// a thread of the lowest priority, every `audit.every_seconds`.
//
// The books of an open office are never read at one instant, so what looks wrong is read again: only
// what stands in every one of a few readings is a breach. It is counted, logged and never repaired.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/audit.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace onsale::app {

struct AuditorStats {
  std::uint64_t audits = 0;         // that were finished
  std::uint64_t unfinished = 0;     // some book could not be read
  std::uint64_t breaches = 0;       // of the last one
  std::uint64_t oversold = 0;       // seats that two orders have
  std::uint64_t money_astray = 0;   // money without its seats, or seats without their money
  std::int64_t finished_at_ms = 0;  // since the epoch; the start, before the first
  std::int64_t took_ms = 0;
};

class BackgroundAuditor {
 public:
  using Read = std::function<Result<AuditReport>()>;
  // every 0: never. `read` is called on the auditor's thread.
  BackgroundAuditor(Read read, Seconds every, Milliseconds between_readings = Milliseconds{1500});
  ~BackgroundAuditor();
  BackgroundAuditor(const BackgroundAuditor&) = delete;
  BackgroundAuditor& operator=(const BackgroundAuditor&) = delete;

  [[nodiscard]] bool on() const { return every_.count() != 0; }
  void start();
  void stop_soon();  // any thread; a reading under way ends first
  // No reading is under way and none will be: what `read` uses may end.
  [[nodiscard]] bool idle() const { return !running_.load(std::memory_order_acquire); }
  [[nodiscard]] AuditorStats stats() const;

 private:
  void run();
  void audit();
  bool wait(Milliseconds time);  // false: stop

  const Read read_;
  const Seconds every_;
  const Milliseconds between_readings_;
  std::atomic<bool> running_{false};
  mutable std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  AuditorStats stats_;
  std::vector<std::string> told_;  // breaches that were logged already
  std::thread thread_;
};

// The breaches that both reports name.
std::vector<std::string> in_both(const std::vector<std::string>& one,
                                 const std::vector<std::string>& other);

}  // namespace onsale::app
