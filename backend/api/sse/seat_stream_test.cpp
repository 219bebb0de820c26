// The stream's text, resuming, and what cannot be resumed.
#include "api/sse/seat_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/run_task.hpp"
#include "tests/support/scripted_feed.hpp"

namespace onsale::sse {
namespace {

using catalog::SeatMapView;
using seat::WireStatus;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::uint64_t kBase = std::uint64_t{1} << 32U;  // epoch 1

struct Stream {
  explicit Stream(std::size_t history = 65'536, SeatStreamLimits limits = {})
      : view(EventId{1}, 10, feed, {.history_changes_max = history}),
        channel(EventId{1}, {.first = 1, .stride = 3, .count = 10}, view, limits) {
    refresh();
  }
  void refresh() { EXPECT_TRUE(run_task(view.refresh())); }
  void change(std::uint32_t index, WireStatus status) {
    feed.change(index, status);
    refresh();
  }

  ScriptedFeed feed{10};
  SeatMapView view;
  SeatStreamChannel channel;
};

TEST(EventId, IsPlainDecimalUpTo2To53) {
  EXPECT_EQ(parse_event_id("0")->value, 0U);
  EXPECT_EQ(parse_event_id("9007199254740991")->value, 9'007'199'254'740'991U);
  for (const std::string_view bad : {"", "9007199254740992", "01", "+1", "-1", " 1", "1 ", "1.0",
                                     "0x1", "1e3", "99999999999999999999", "\xD9\xA1"}) {
    EXPECT_FALSE(parse_event_id(bad)) << bad;
  }
}

TEST(SeatStream, OpensWithRetryAndInit) {
  Stream stream;
  stream.change(0, WireStatus::held);
  const auto opening = stream.channel.open(std::nullopt, 0);
  EXPECT_EQ(opening.first,
            "retry: 1000\nid: 4294967297\nevent: INIT\n"
            "data: {\"eventId\":1,\"version\":4294967297}\n\n");
  EXPECT_EQ(opening.cursor, kBase + 1);
  EXPECT_THAT(stream.channel.open("", 2'000).first, StartsWith("retry: 3000\n"));
}

TEST(SeatStream, TellsEachChangeWithItsId) {
  Stream stream;
  stream.change(1, WireStatus::held);
  stream.change(1, WireStatus::available);
  std::string out;
  EXPECT_EQ(stream.channel.catch_up(kBase, out), kBase + 2);
  EXPECT_EQ(out,
            "id: 4294967297\nevent: SEAT_UPDATE\n"
            "data: {\"seatId\":4,\"status\":\"HELD\",\"version\":4294967297}\n\n"
            "id: 4294967298\nevent: SEAT_UPDATE\n"
            "data: {\"seatId\":4,\"status\":\"AVAILABLE\",\"version\":4294967298}\n\n");
  out.clear();
  EXPECT_EQ(stream.channel.catch_up(kBase + 2, out), kBase + 2);
  EXPECT_TRUE(out.empty());
}

TEST(SeatStream, ResumesAfterTheLastIdSeen) {
  Stream stream;
  stream.change(1, WireStatus::held);
  stream.change(2, WireStatus::held);
  const auto opening = stream.channel.open(std::to_string(kBase + 1), 0);
  EXPECT_EQ(opening.cursor, kBase + 2);
  EXPECT_THAT(
      opening.first,
      HasSubstr("id: 4294967297\nevent: INIT\ndata: {\"eventId\":1,\"version\":4294967297}"));
  EXPECT_THAT(opening.first, HasSubstr("id: 4294967298\nevent: SEAT_UPDATE"));
  EXPECT_THAT(opening.first, Not(HasSubstr("RESET")));
}

// Scenario 15: a cut anywhere, and a resume with the last id, repeats and loses nothing.
TEST(SeatStream, ResumingAfterAnyCutLosesAndRepeatsNothing) {
  Stream stream;
  const auto opened = stream.channel.open(std::nullopt, 0);
  for (std::uint32_t i = 0; i < 40; ++i) stream.change(i % 10, static_cast<WireStatus>(i % 3));
  std::uint64_t last = opened.cursor;
  std::uint64_t expected = last;
  std::mt19937 dice(3);
  while (expected < kBase + 40) {
    const std::string text = stream.channel.open(std::to_string(last), dice()).first;
    const std::size_t cut = dice() % (text.size() + 1);
    // What an EventSource has seen of the text when it breaks off there: whole events only.
    std::size_t at = text.find("\n\n") + 2;
    if (at > cut) continue;
    for (;;) {
      const std::size_t end = text.find("\n\n", at);
      if (end == std::string::npos || end + 2 > cut) break;
      last = std::stoull(text.substr(at + 4));
      ASSERT_EQ(last, ++expected);
      at = end + 2;
    }
  }
}

TEST(SeatStream, WhatCannotBeResumedIsReset) {
  Stream stream(8);
  for (std::uint32_t i = 0; i < 20; ++i)
    stream.change(i % 10, i < 10 ? WireStatus::held : WireStatus::sold);
  for (const std::string& id : std::initializer_list<std::string>{
           std::to_string(kBase + 1), std::to_string(kBase + 21), std::string("5"),
           std::to_string(2 * kBase), std::string("garbage"), std::string("-1")}) {
    const auto opening = stream.channel.open(id, 0);
    EXPECT_EQ(opening.cursor, kBase + 20) << id;
    EXPECT_THAT(opening.first,
                EndsWith("id: 4294967316\nevent: RESET\ndata: {\"version\":4294967316}\n\n"))
        << id;
    // A cut between INIT and RESET must not look like being up to date.
    EXPECT_THAT(opening.first, StartsWith("retry: 1000\nevent: INIT\n")) << id;
  }
}

TEST(SeatStream, AFeedThatRestartedResetsItsViewers) {
  Stream stream;
  stream.change(0, WireStatus::held);
  stream.feed.new_epoch();
  stream.refresh();
  std::string out;
  EXPECT_EQ(stream.channel.catch_up(kBase + 1, out), 2 * kBase);
  EXPECT_EQ(out, "id: 8589934592\nevent: RESET\ndata: {\"version\":8589934592}\n\n");
}

TEST(SeatStream, ManyMissedChangesAreMergedBySeat) {
  Stream stream(65'536, {.told_singly_max = 4});
  for (std::uint32_t i = 0; i < 6; ++i)
    stream.change(i % 2, i % 3 == 0 ? WireStatus::held : WireStatus::sold);
  std::string out;
  EXPECT_EQ(stream.channel.catch_up(kBase, out), kBase + 6);
  EXPECT_EQ(out,
            "id: 4294967301\nevent: SEAT_UPDATE\n"
            "data: {\"seatId\":1,\"status\":\"SOLD\",\"version\":4294967301}\n\n"
            "id: 4294967302\nevent: SEAT_UPDATE\n"
            "data: {\"seatId\":4,\"status\":\"SOLD\",\"version\":4294967302}\n\n");
}

TEST(SeatStream, AnAsideHasNoId) {
  Stream stream;
  EXPECT_EQ(stream.channel.aside(SeatId{4}, WireStatus::sold, Version{9}),
            "event: SEAT_UPDATE\ndata: {\"seatId\":4,\"status\":\"SOLD\",\"version\":9}\n\n");
}

}  // namespace
}  // namespace onsale::sse
