// UUIDv7 by the letter of RFC 9562.
#include "ports/clock.hpp"

#include <gtest/gtest.h>

namespace onsale {
namespace {

TEST(UuidV7, IsTheExampleOfRfc9562) {
  // Appendix A.6: 2022-02-22 14:22:22 -05:00, random CC3 and 18C4DC0C0C07398F.
  const Bits128 id =
      uuid_v7(instant_of_ms(0x017F22E279B0), {0xFFFF'FFFF'FFFF'FCC3, 0xD8C4'DC0C'0C07'398F});
  EXPECT_EQ(OrderId{id}.to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(UuidV7, SortsByTime) {
  const Bits128 earlier = uuid_v7(instant_of_ms(1000), {~0ULL, ~0ULL});
  const Bits128 later = uuid_v7(instant_of_ms(1001), {0, 0});
  EXPECT_LT(earlier, later);
}

constexpr Instant kNoon = instant_of_ms(1'800'000'000'000);

TEST(UuidV7Sequence, GrowsWithinOneMillisecondAndOverABackwardClock) {
  UuidV7Sequence sequence;
  Bits128 last;
  for (int i = 0; i < 10'000; ++i) {
    const Instant now = kNoon - Milliseconds{i % 3};
    const Bits128 id = sequence.next(now, {0xFFFF'FFFF'FFFF'FFFFULL - static_cast<unsigned>(i), 7});
    EXPECT_LT(last, id);
    EXPECT_EQ(id.hi >> 12U & 0xFU, 7U) << "the version";
    last = id;
  }
}

TEST(UuidV7Sequence, FollowsTheClock) {
  UuidV7Sequence sequence;
  EXPECT_EQ(sequence.next(kNoon, {1, 2}).hi >> 16U, static_cast<std::uint64_t>(ms_of(kNoon)));
}

}  // namespace
}  // namespace onsale
