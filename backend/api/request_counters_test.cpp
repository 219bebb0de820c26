// Counts of many threads, some with a shard of their own, add up.
#include "api/request_counters.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace onsale::api {
namespace {

TEST(RequestCounters, SumWhatEachThreadCounted) {
  constexpr int kThreads = 24;  // more than have a shard to themselves
  constexpr int kCalls = 5'000;
  RequestCounters counters;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int call = 0; call < kCalls; ++call) {
          counters.count(3, 201, 60);
          counters.count(3, 409, 70, Code::seat_sold);
        }
      });
    }
  }
  const RequestCounters::Cell cell = counters.sum(3);
  constexpr std::uint64_t kEach = std::uint64_t{kThreads} * kCalls;
  EXPECT_EQ(cell.by_class[0], kEach);
  EXPECT_EQ(cell.by_class[2], kEach);
  EXPECT_EQ(cell.by_code[static_cast<std::size_t>(Code::seat_sold)], kEach);
  EXPECT_EQ(cell.took.by_bucket[duration_bucket(70)], 2 * kEach);
  EXPECT_EQ(cell.took.microseconds, kEach * 130);
}

TEST(RequestCounters, CountStatusesThatHaveNoClassAsFaults) {
  RequestCounters counters;
  counters.count(0, 100, 1);
  counters.count(0, 999, 1);
  EXPECT_EQ(counters.sum(0).by_class[3], 2U);
}

}  // namespace
}  // namespace onsale::api
