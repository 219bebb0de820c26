// The stream, whole and in pieces.
#include "rehearsal/sse_reader.hpp"

#include <gtest/gtest.h>

namespace onsale::rehearsal {
namespace {

constexpr std::string_view stream =
    "retry: 2300\n\n"
    "event: INIT\nid: 7\ndata: {\"version\":7}\n\n"
    ": heartbeat\n\n"
    "event: SEAT_UPDATE\nid: 8\ndata: {\"seatId\":123,\"status\":\"HELD\",\"version\":8}\n\n"
    "event: SEAT_UPDATE\r\nid: 9\r\ndata: {\"seatId\": 123, \"status\": \"SOLD\", \"version\": "
    "9}\r\n\r\n"
    "event: RESET\nid: 4294967297\ndata: {\"version\":4294967297}\n\n";

void expect_stream(const std::vector<FeedEvent>& events) {
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0].kind, FeedEvent::Kind::init);
  EXPECT_EQ(events[0].version, 7U);
  EXPECT_EQ(events[1].kind, FeedEvent::Kind::update);
  EXPECT_EQ(events[1].seat_id, 123U);
  EXPECT_EQ(events[1].status, SeatStatus::held);
  EXPECT_EQ(events[2].status, SeatStatus::sold);
  EXPECT_EQ(events[2].id, 9U);
  EXPECT_EQ(events[3].kind, FeedEvent::Kind::reset);
  EXPECT_EQ(events[3].version, 4294967297U);
}

TEST(SseReader, ReadsAWholeStream) {
  SseReader reader;
  std::vector<FeedEvent> events;
  EXPECT_TRUE(reader.feed(stream, events));
  expect_stream(events);
  EXPECT_EQ(reader.retry_ms(), 2300U);
  EXPECT_TRUE(reader.at_boundary());
}

TEST(SseReader, CutAnywhereItReadsTheSame) {
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    SseReader reader;
    std::vector<FeedEvent> events;
    reader.feed(stream.substr(0, cut), events);
    reader.feed(stream.substr(cut), events);
    expect_stream(events);
  }
}

TEST(SseReader, UnreadableUpdateIsTold) {
  SseReader reader;
  std::vector<FeedEvent> events;
  EXPECT_FALSE(
      reader.feed("event: SEAT_UPDATE\ndata: {\"seatId\":1,\"status\":\"GONE\"}\n\n", events));
}

}  // namespace
}  // namespace onsale::rehearsal
