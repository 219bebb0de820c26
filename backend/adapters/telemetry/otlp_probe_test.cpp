// Which traces are followed, and what is lost when nobody takes them.
#include "adapters/telemetry/otlp_probe.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace onsale {
namespace {

OtlpOptions nobody_there(double share = 0) {
  OtlpOptions options;
  options.collector = {"127.0.0.1", 9};  // discard: nothing listens
  options.share = share;
  options.send_every = Milliseconds{1};
  options.call_deadline = Milliseconds{200};
  return options;
}

TraceId trace(std::uint64_t low) { return TraceId{{0xA5, low}}; }

TEST(OtlpProbe, FollowsAShareByTheIdAlone) {
  const OtlpProbe all(nobody_there(1));
  const OtlpProbe none(nobody_there(0));
  const OtlpProbe half(nobody_there(0.5));
  EXPECT_TRUE(all.follows(trace(~0ULL)));
  EXPECT_FALSE(none.follows(trace(0)));
  EXPECT_TRUE(half.follows(trace(1ULL << 60U)));
  EXPECT_FALSE(half.follows(trace(~0ULL)));
}

TEST(OtlpProbe, FollowsWhatItIsToldTo) {
  OtlpProbe probe(nobody_there());
  EXPECT_FALSE(probe.follows(trace(42)));
  probe.follow(trace(42));
  EXPECT_TRUE(probe.follows(trace(42)));
  EXPECT_FALSE(probe.follows(trace(43)));
}

TEST(OtlpProbe, CountsSpansThatTheCollectorDidNotTake) {
  OtlpProbe probe(nobody_there());
  probe.tell(Span{.trace = trace(1)});
  probe.tell(Span{.trace = trace(2)});
  while (probe.stats().dropped_unsent < 2) std::this_thread::yield();
  EXPECT_EQ(probe.stats().sent, 0U);
  EXPECT_EQ(probe.stats().queued, 0U);
}

TEST(OtlpProbe, DropsAndCountsWhatItHasNoRoomFor) {
  OtlpOptions options = nobody_there();
  options.queued_max = 3;
  options.send_every = Milliseconds{60'000};
  OtlpProbe probe(std::move(options));
  // Its first look may have come before or after these; whatever it took is counted as unsent.
  for (int i = 0; i < 100; ++i) probe.tell(Span{.trace = trace(1)});
  EXPECT_GT(probe.stats().dropped_full, 0U);
}

TEST(OtlpProbe, TellsTheCausesOfAFrameOnceAndOnlyItsOwn) {
  OtlpProbe probe(nobody_there());
  for (std::uint64_t version = 1; version <= 3; ++version) {
    probe.changed({EventId{7}, Version{version}, {trace(version), version}});
  }
  probe.changed({EventId{8}, Version{2}, {trace(9), 9}});
  const auto causes = probe.causes(EventId{7}, Version{1}, Version{3});
  ASSERT_EQ(causes.size(), 2U);
  EXPECT_EQ(causes.front().trace, trace(2));
  EXPECT_TRUE(probe.causes(EventId{7}, Version{1}, Version{3}).empty());
  EXPECT_EQ(probe.causes(EventId{8}, Version{0}, Version{5}).size(), 1U);
}

}  // namespace
}  // namespace onsale
