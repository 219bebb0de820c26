// How fast one buyer may ask.
#include "api/rate_limit.hpp"

#include <gtest/gtest.h>

namespace onsale::api {
namespace {

const BuyerId kAnn{{1, 2}};
const BuyerId kBob{{3, 4}};
constexpr Instant kNoon = instant_of_ms(1'800'000'000'000);

TEST(RateLimit, IsOffAtZero) {
  const RateLimit limit{0};
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.admit(kAnn, kNoon));
}

TEST(RateLimit, AdmitsABurstThenTheRate) {
  const RateLimit limit{20};
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += limit.admit(kAnn, kNoon) ? 1 : 0;
  EXPECT_EQ(admitted, 20);
  EXPECT_FALSE(limit.admit(kAnn, kNoon));
  EXPECT_TRUE(limit.admit(kAnn, kNoon + Milliseconds{50}));
  EXPECT_FALSE(limit.admit(kAnn, kNoon + Milliseconds{50}));
}

TEST(RateLimit, CountsEachBuyerApart) {
  const RateLimit limit{10};
  for (int i = 0; i < 50; ++i) static_cast<void>(limit.admit(kAnn, kNoon + Milliseconds{1000}));
  EXPECT_TRUE(limit.admit(kBob, kNoon + Milliseconds{1000}));
}

}  // namespace
}  // namespace onsale::api
