// One thread that mostly sleeps.
#include "app/background_auditor.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/log.hpp"

namespace onsale::app {
namespace {

constexpr int kReadings = 3;
constexpr int kLowest = 19;

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::uint64_t beginning_with(const std::vector<std::string>& breaches, std::string_view what) {
  return static_cast<std::uint64_t>(
      std::count_if(breaches.begin(), breaches.end(),
                    [what](const std::string& each) { return each.starts_with(what); }));
}

}  // namespace

std::vector<std::string> in_both(const std::vector<std::string>& one,
                                 const std::vector<std::string>& other) {
  std::vector<std::string> both;
  for (const std::string& each : one) {
    if (std::find(other.begin(), other.end(), each) != other.end()) both.push_back(each);
  }
  return both;
}

BackgroundAuditor::BackgroundAuditor(Read read, Seconds every, Milliseconds between_readings)
    : read_(std::move(read)), every_(every), between_readings_(between_readings) {
  stats_.finished_at_ms = now_ms();
}

BackgroundAuditor::~BackgroundAuditor() {
  stop_soon();
  if (thread_.joinable()) thread_.join();
}

void BackgroundAuditor::start() {
  if (every_.count() == 0) return;
  running_.store(true, std::memory_order_release);
  thread_ = std::thread([this] { run(); });
}

void BackgroundAuditor::stop_soon() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_all();
}

void BackgroundAuditor::run() {
  // On Linux a thread has its own niceness. Not being allowed to is no reason not to audit.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowest));
  while (wait(std::chrono::duration_cast<Milliseconds>(every_))) audit();
  running_.store(false, std::memory_order_release);
}

void BackgroundAuditor::audit() {
  const std::int64_t began = now_ms();
  std::vector<std::string> standing;
  for (int reading = 0; reading < kReadings; ++reading) {
    if (reading > 0 && !wait(between_readings_)) return;
    auto report = read_();
    if (!report) {
      log(LogLevel::warn, "audit unfinished", {{"fault", report.error().detail}});
      const std::lock_guard lock(mutex_);
      ++stats_.unfinished;
      return;
    }
    standing = reading == 0 ? std::move(report->breaches) : in_both(standing, report->breaches);
    if (standing.empty()) break;
  }
  for (const std::string& each : standing) {
    if (std::find(told_.begin(), told_.end(), each) == told_.end()) {
      log(LogLevel::error, "audit breach", {{"breach", each}});
    }
  }
  const std::lock_guard lock(mutex_);
  ++stats_.audits;
  stats_.breaches = standing.size();
  stats_.oversold = beginning_with(standing, "I1 ") + beginning_with(standing, "I4 two claims");
  stats_.money_astray = beginning_with(standing, "I2 ");
  stats_.finished_at_ms = now_ms();
  stats_.took_ms = stats_.finished_at_ms - began;
  told_ = std::move(standing);
}

bool BackgroundAuditor::wait(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stopping_.wait_for(lock, time, [this] { return stopped_; });
}

AuditorStats BackgroundAuditor::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace onsale::app
