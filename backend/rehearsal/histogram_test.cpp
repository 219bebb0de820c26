// Holds the histogram against an exact, sorted list.
#include "rehearsal/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace onsale::rehearsal {
namespace {

TEST(Histogram, EmptyTellsZero) {
  const Histogram histogram;
  EXPECT_EQ(histogram.percentile(0.99), 0);
  EXPECT_EQ(histogram.mean(), 0);
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram histogram;
  for (int i = 1; i <= 50; ++i) histogram.record(i);
  EXPECT_EQ(histogram.percentile(0.5), 25);
  EXPECT_EQ(histogram.percentile(1.0), 50);
  EXPECT_EQ(histogram.percentile(0.0), 1);
}

TEST(Histogram, PercentilesAreNeverTooLowAndAtMostTwoPercentTooHigh) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(13, 2);
  Histogram histogram;
  std::vector<std::int64_t> exact;
  for (int i = 0; i < 20'000; ++i) {
    exact.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.record(exact.back());
  }
  std::sort(exact.begin(), exact.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * 20'000)) - 1;
    const auto truth = static_cast<double>(exact[rank]);
    const auto told = static_cast<double>(histogram.percentile(share));
    EXPECT_GE(told, truth) << share;
    EXPECT_LE(told, truth * 1.016 + 1) << share;
  }
  EXPECT_EQ(histogram.max(), exact.back());
}

TEST(Histogram, OutOfRangeIsClampedNotLost) {
  Histogram histogram;
  histogram.record(-5);
  histogram.record(INT64_MAX);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.percentile(0.5), 0);
  EXPECT_GT(histogram.percentile(1.0), 1'000'000'000'000);
}

TEST(Histogram, AddedHistogramsCountTogether) {
  Histogram one;
  Histogram two;
  one.record(10, 3);
  two.record(40, 1);
  one.add(two);
  EXPECT_EQ(one.count(), 4U);
  EXPECT_EQ(one.percentile(0.75), 10);
  EXPECT_EQ(one.percentile(0.76), 40);
}

}  // namespace
}  // namespace onsale::rehearsal
