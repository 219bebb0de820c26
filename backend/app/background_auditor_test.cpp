// The auditor of an open office: what it counts, and what it forgets.
#include "app/background_auditor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace onsale::app {
namespace {

AuditReport with(std::vector<std::string> breaches) {
  AuditReport report;
  report.breach_count = breaches.size();
  report.breaches = std::move(breaches);
  return report;
}

// Runs until one audit is over; `readings` are what the books say, the last one for ever.
AuditorStats after_one_audit(std::vector<AuditReport> readings) {
  std::size_t next = 0;
  BackgroundAuditor auditor(
      [&]() -> Result<AuditReport> {
        const AuditReport report = readings[std::min(next, readings.size() - 1)];
        ++next;
        return report;
      },
      Seconds{1}, Milliseconds{1});
  auditor.start();
  while (auditor.stats().audits == 0) std::this_thread::yield();
  auditor.stop_soon();
  while (!auditor.idle()) std::this_thread::yield();
  return auditor.stats();
}

TEST(BackgroundAuditor, CountsWhatStandsInEveryReading) {
  const auto stats = after_one_audit({with({"I1 seat 4 of event 1 is in order a and in order b",
                                            "I2 CONFIRMED order a without captured money"})});
  EXPECT_EQ(stats.breaches, 2U);
  EXPECT_EQ(stats.oversold, 1U);
  EXPECT_EQ(stats.money_astray, 1U);
}

TEST(BackgroundAuditor, ForgetsWhatWasOnlyBetweenTwoMoments) {
  const auto stats = after_one_audit(
      {with({"I4 seat 1 of event 1 is SOLD to x"}), with({"I4 seat 2 of event 1 is SOLD to y"})});
  EXPECT_EQ(stats.breaches, 0U);
}

TEST(BackgroundAuditor, NeverAuditsWhenItsIntervalIsZero) {
  BackgroundAuditor auditor([]() -> Result<AuditReport> { return AuditReport{}; }, Seconds{0});
  auditor.start();
  EXPECT_TRUE(auditor.idle());
}

}  // namespace
}  // namespace onsale::app
