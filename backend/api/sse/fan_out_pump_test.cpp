// The pump on virtual time: nothing is lost, frames are few, an idle event costs nothing.
#include "api/sse/fan_out_pump.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "base/mutex.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_feed.hpp"

namespace onsale::sse {
namespace {

using seat::WireStatus;

// A loop whose time the test moves.
class TestLoop final : public Scheduler {
 public:
  explicit TestLoop(ManualClock& clock) : clock_(clock) {}
  void post(std::function<void()> work) override { post_after(Milliseconds{0}, std::move(work)); }
  void post_after(Milliseconds delay, std::function<void()> work) override {
    Lock lock(mutex_);
    due_.emplace(clock_.now() + delay, std::move(work));
  }
  // Runs what is due until `span` from now.
  void run_for(Milliseconds span) {
    const Instant end = clock_.now() + span;
    for (;;) {
      std::function<void()> work;
      {
        Lock lock(mutex_);
        if (due_.empty() || due_.begin()->first > end) break;
        clock_.set(std::max(clock_.now(), due_.begin()->first));
        work = std::move(due_.begin()->second);
        due_.erase(due_.begin());
      }
      work();
    }
    clock_.set(end);
  }
  [[nodiscard]] std::size_t waiting() {
    Lock lock(mutex_);
    return due_.size();
  }

 private:
  ManualClock& clock_;
  Mutex mutex_;
  std::multimap<Instant, std::function<void()>> due_ ONSALE_GUARDED_BY(mutex_);
};

struct Frame {
  http::StreamChannel* channel;
  std::uint64_t from, to;
  std::string bytes;
  Instant at;
};

class FanOutPumpTest : public testing::Test {
 protected:
  FanOutPumpTest() {
    EXPECT_TRUE(run_task(view.refresh()));
    channel->begin_watch();
    pump.attach(channel, view);
    feed.on_change([this](EventId event) { pump.wake(event); });
    loop.run_for(Milliseconds{0});
    frames.clear();
  }
  // Frames follow each other without a gap and end at the feed's present.
  void expect_complete(std::uint64_t begin) {
    for (const Frame& frame : frames) {
      EXPECT_EQ(frame.from, begin);
      EXPECT_GT(frame.to, frame.from);
      begin = frame.to;
    }
    EXPECT_EQ(begin, feed.version_now().value);
  }

  ManualClock clock;
  TestLoop loop{clock};
  ScriptedFeed feed{100};
  catalog::SeatMapView view{EventId{1}, 100, feed};
  std::shared_ptr<SeatStreamChannel> channel = std::make_shared<SeatStreamChannel>(
      EventId{1}, SeatNumbering{.first = 1, .stride = 1, .count = 100}, view);
  std::vector<Frame> frames;
  FanOutPump pump{loop, clock,
                  [this](const std::shared_ptr<http::StreamChannel>& to, std::uint64_t from,
                         std::uint64_t until, http::SharedBytes bytes) {
                    frames.push_back({to.get(), from, until, *bytes, clock.now()});
                  }};
};

TEST_F(FanOutPumpTest, AChangeAfterAQuietWhileGoesOutAtOnce) {
  loop.run_for(Milliseconds{1'000});
  const std::uint64_t before = feed.version_now().value;
  feed.change(3, WireStatus::held);
  loop.run_for(Milliseconds{0});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].channel, channel.get());
  EXPECT_THAT(frames[0].bytes, testing::HasSubstr("{\"seatId\":4,\"status\":\"HELD\""));
  expect_complete(before);
}

TEST_F(FanOutPumpTest, NothingChangesNothingRuns) {
  loop.run_for(Milliseconds{10'000});
  const int reads = feed.reads();
  EXPECT_EQ(loop.waiting(), 0U);
  loop.run_for(Milliseconds{10'000});
  EXPECT_EQ(feed.reads(), reads);
  EXPECT_TRUE(frames.empty());
}

TEST_F(FanOutPumpTest, ChangesOfOneMomentTravelTogether) {
  loop.run_for(Milliseconds{1'000});
  for (std::uint32_t i = 0; i < 8; ++i) feed.change(i, WireStatus::held);
  loop.run_for(Milliseconds{1});
  EXPECT_EQ(frames.size(), 1U);
  EXPECT_EQ(pump.stats().changes, 8U);
}

TEST_F(FanOutPumpTest, ARushGoesOutInTicksWithoutLosingAChange) {
  loop.run_for(Milliseconds{2'000});
  const std::uint64_t before = feed.version_now().value;
  for (std::uint32_t i = 0; i < 10'000; ++i) {  // 1,000 a second, for ten seconds
    feed.change(i % 100, static_cast<WireStatus>(i % 3));
    loop.run_for(Milliseconds{1});
  }
  loop.run_for(Milliseconds{1'000});
  expect_complete(before);
  EXPECT_LE(frames.size(), 10U + 101U);  // burst and ten a second
  for (std::size_t i = 1; i < frames.size(); ++i) {
    EXPECT_GE(frames[i].at - frames[i - 1].at, Milliseconds{5});
  }
  EXPECT_EQ(loop.waiting(), 0U);
}

TEST_F(FanOutPumpTest, AFeedThatIsAwayIsAskedAgain) {
  loop.run_for(Milliseconds{1'000});
  const std::uint64_t before = feed.version_now().value;
  feed.fail(true);
  feed.change(1, WireStatus::sold);
  loop.run_for(Milliseconds{600});
  EXPECT_TRUE(frames.empty());
  feed.fail(false);
  loop.run_for(Milliseconds{300});
  EXPECT_EQ(frames.size(), 1U);
  expect_complete(before);
}

TEST_F(FanOutPumpTest, AClockSetBackHoldsNothingUp) {
  loop.run_for(Milliseconds{1'000});
  feed.change(1, WireStatus::held);
  loop.run_for(Milliseconds{1'000});
  clock.set(clock.now() - std::chrono::minutes{2});
  feed.change(2, WireStatus::held);
  loop.run_for(Milliseconds{1'000});
  EXPECT_EQ(frames.size(), 2U);
}

TEST_F(FanOutPumpTest, NobodyWatchesNothingIsWritten) {
  loop.run_for(Milliseconds{1'000});
  channel->end_watch();
  feed.change(1, WireStatus::held);
  feed.change(2, WireStatus::held);
  loop.run_for(Milliseconds{1'000});
  EXPECT_TRUE(frames.empty());
  EXPECT_EQ(pump.stats().frames, 0U);
  EXPECT_EQ(view.version(), feed.version_now());  // the history goes on: streams may be resumed
}

TEST_F(FanOutPumpTest, TheFirstViewerIsToldWhatChangesFromThenOn) {
  loop.run_for(Milliseconds{1'000});
  channel->end_watch();
  feed.change(1, WireStatus::held);
  loop.run_for(Milliseconds{1'000});
  const std::uint64_t before = feed.version_now().value;
  channel->begin_watch();
  feed.change(2, WireStatus::sold);
  loop.run_for(Milliseconds{1'000});
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_THAT(frames[0].bytes, testing::HasSubstr("{\"seatId\":3,\"status\":\"SOLD\""));
  expect_complete(before);
}

TEST_F(FanOutPumpTest, AReimportsChannelIsToldTooAndTheOldOneStill) {
  const auto second = std::make_shared<SeatStreamChannel>(
      EventId{1}, SeatNumbering{.first = 1, .stride = 1, .count = 100}, view);
  pump.attach(second, view);
  loop.run_for(Milliseconds{1'000});
  feed.change(1, WireStatus::sold);
  loop.run_for(Milliseconds{10});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].channel, channel.get());
  EXPECT_EQ(frames[1].channel, second.get());
}

TEST_F(FanOutPumpTest, AnUnknownEventAndAStoppedPumpDoNothing) {
  pump.wake(EventId{77});
  EXPECT_EQ(loop.waiting(), 0U);
  pump.stop();
  feed.change(1, WireStatus::sold);
  loop.run_for(Milliseconds{1'000});
  EXPECT_TRUE(frames.empty());
}

TEST_F(FanOutPumpTest, WakesFromManyThreadsScheduleOneRun) {
  loop.run_for(Milliseconds{1'000});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 1'000; ++i) pump.wake(EventId{1});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loop.waiting(), 1U);
}

}  // namespace
}  // namespace onsale::sse
