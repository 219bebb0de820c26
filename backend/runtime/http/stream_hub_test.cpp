// Viewers of streams: shared frames, slow ones, late ones, the silence and the end.
#include <algorithm>

#include "tests/support/edge_fixture.hpp"

namespace onsale::http {
namespace {

const std::string kFollow = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";

Client follow(Edge& edge, int receive_buffer = 0) {
  Client client = edge.connect(receive_buffer);
  client.send(kFollow);
  return client;
}

SharedBytes frame(const std::string& text) { return std::make_shared<const std::string>(text); }

void publish(Edge& edge, std::uint64_t to, const std::string& text) {
  const std::uint64_t from = edge.handler.channel->head_.exchange(to);
  edge.server.publish(edge.handler.channel, from, to, frame(text));
}

bool viewers_are(Edge& edge, std::size_t count) {
  return Edge::eventually([&] { return edge.server.stats().streams.viewers == count; });
}

TEST(StreamHub, ViewerGetsHeadFirstEventsAndFrames) {
  Edge edge;
  Client viewer = follow(edge);
  const std::string start = viewer.read_until("first\n\n");
  EXPECT_EQ(start.substr(0, 15), "HTTP/1.1 200 OK");
  EXPECT_NE(start.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(start.find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(start.find("Trace-Id: "), std::string::npos);
  EXPECT_EQ(start.find("Content-Length"), std::string::npos);
  ASSERT_TRUE(viewers_are(edge, 1));
  publish(edge, 1, "one\n\n");
  publish(edge, 2, "two\n\n");
  EXPECT_EQ(viewer.read_until("two\n\n"), "one\n\ntwo\n\n");
  EXPECT_EQ(edge.server.stats().connections, 0U);  // it is a viewer now, nothing else
}

TEST(StreamHub, ThousandViewersGetEveryFrameOnce) {
  Edge edge({}, {}, 2);
  std::vector<Client> viewers;
  for (int i = 0; i < 1000; ++i) viewers.push_back(follow(edge));
  ASSERT_TRUE(viewers_are(edge, 1000));
  std::string all;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const std::string text = "frame " + std::to_string(i) + "\n\n";
    publish(edge, i, text);
    all += text;
  }
  for (Client& viewer : viewers) {
    viewer.read_until("first\n\n");
    ASSERT_EQ(viewer.read_until("frame 20\n\n"), all);
  }
  const StreamHubStats stats = edge.server.stats().streams;
  EXPECT_EQ(stats.frames_sent, 20'000U);
  EXPECT_EQ(stats.caught_up, 0U);
}

TEST(StreamHub, ViewerBehindTheFrameIsCaughtUp) {
  Edge edge;
  Client viewer = follow(edge);
  viewer.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 1));
  edge.handler.channel->head_ = 7;
  edge.server.publish(edge.handler.channel, 5, 7, frame("six and seven\n\n"));  // 1..5 were missed
  EXPECT_EQ(viewer.read_until("\n\n"), "catch-up 0-7\n\n");
  publish(edge, 8, "eight\n\n");
  EXPECT_EQ(viewer.read_until("\n\n"), "eight\n\n");
  edge.server.publish(edge.handler.channel, 6, 7, frame("old\n\n"));  // known already: not sent
  publish(edge, 9, "nine\n\n");
  EXPECT_EQ(viewer.read_until("\n\n"), "nine\n\n");
}

TEST(StreamHub, SlowViewerIsCoalescedAndDelaysNobody) {
  Edge edge({}, {.send_buffer_bytes = 8192});
  Client slow = follow(edge, 4096);
  Client quick = follow(edge);
  slow.read_until("first\n\n");
  quick.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 2));
  std::uint64_t last = 0;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const std::string text = "frame " + std::to_string(i) + std::string(4000, '.') + "\n\n";
    publish(edge, i, text);
    ASSERT_EQ(quick.read_until("\n\n"), text);  // at once, also while the other is stuck
    last = i;
  }
  // The slow one reads at last: whole frames, then one catch-up to the present, no gap.
  std::string text;
  std::uint64_t seen = 0;
  while (seen < last) {
    text = slow.read_until("\n\n");
    ASSERT_FALSE(text.empty());
    if (text.starts_with("frame ")) {
      ASSERT_EQ(std::stoull(text.substr(6)), seen + 1);
      ASSERT_EQ(text.size(), 4000 + text.find('.') + 2);
      ++seen;
    } else {
      ASSERT_EQ(text, "catch-up " + std::to_string(seen) + "-" + std::to_string(last) + "\n\n");
      seen = last;
    }
  }
  EXPECT_GE(edge.server.stats().streams.caught_up, 1U);
  publish(edge, 201, "live again\n\n");
  EXPECT_EQ(slow.read_until("\n\n"), "live again\n\n");
}

TEST(StreamHub, ViewerThatNeverReadsIsCut) {
  Edge edge({}, {.write_stall_max = Milliseconds{100}, .send_buffer_bytes = 8192});
  Client stuck = follow(edge, 4096);
  stuck.read_until("first\n\n");
  Client quick = follow(edge);
  quick.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 2));
  const std::string big = std::string(100'000, '.') + "\n\n";
  publish(edge, 1, big);
  EXPECT_EQ(quick.read_until("\n\n"), big);
  EXPECT_TRUE(viewers_are(edge, 1));
  EXPECT_EQ(edge.server.stats().streams.cut_slow, 1U);
  publish(edge, 2, "two\n\n");
  EXPECT_EQ(quick.read_until("\n\n"), "two\n\n");
}

TEST(StreamHub, FirstEventsLargerThanTheSocketArriveWhole) {
  // The channel's first events are small here; a frame stands in for a large INIT.
  Edge edge({}, {.send_buffer_bytes = 8192});
  Client viewer = follow(edge, 4096);
  viewer.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 1));
  const std::string big = std::string(3'000'000, '.') + "\n\n";
  publish(edge, 1, big);
  EXPECT_EQ(viewer.read_until("\n\n"), big);
}

TEST(StreamHub, SilenceIsBrokenByHeartbeats) {
  Edge edge({}, {.heartbeat_every = Milliseconds{100}});
  std::vector<Client> viewers;
  for (int i = 0; i < 20; ++i) viewers.push_back(follow(edge));
  for (Client& viewer : viewers) {
    viewer.read_until("first\n\n");
    EXPECT_EQ(viewer.read_until(":\n\n"), ":\n\n");
    EXPECT_EQ(viewer.read_until(":\n\n"), ":\n\n");
  }
}

TEST(StreamHub, ViewerThatLeavesIsForgotten) {
  Edge edge;
  {
    Client one = follow(edge);
    Client two = follow(edge);
    ASSERT_TRUE(viewers_are(edge, 2));
  }
  EXPECT_TRUE(viewers_are(edge, 0));
}

TEST(StreamHub, AChannelKnowsWhetherAnybodyWatches) {
  Edge edge;
  EXPECT_FALSE(edge.handler.channel->watched());
  {
    Client first = follow(edge);
    Client second = follow(edge);
    ASSERT_TRUE(viewers_are(edge, 2));
    EXPECT_TRUE(edge.handler.channel->watched());
  }
  ASSERT_TRUE(viewers_are(edge, 0));
  EXPECT_TRUE(Edge::eventually([&] { return !edge.handler.channel->watched(); }));
}

TEST(StreamHub, WhatAViewerSaysIsIgnored) {
  Edge edge;
  Client viewer = follow(edge);
  viewer.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 1));
  viewer.send(std::string(100'000, 'x'));
  publish(edge, 1, "one\n\n");
  EXPECT_EQ(viewer.read_until("\n\n"), "one\n\n");
}

TEST(StreamHub, ViewerTooManyIs503) {
  Edge edge({}, {.viewers_max = 2});
  Client one = follow(edge);
  Client two = follow(edge);
  ASSERT_TRUE(viewers_are(edge, 2));
  Client three = edge.connect();
  const Answer answer = three.ask(kFollow);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_EQ(edge.server.stats().streams.refused_full, 1U);
}

TEST(StreamHub, HeadOfAStreamIsOnlyItsHead) {
  Edge edge;
  Client client = edge.connect();
  client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_answer(true).field("Content-Type"), "text/event-stream");
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(client.buffered(), "");
}

TEST(StreamHub, EndedStreamsGetALastFrame) {
  Edge edge;
  Client viewer = follow(edge);
  viewer.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 1));
  edge.server.end_streams(edge.handler.channel, frame("over\n\n"));
  EXPECT_EQ(viewer.read_until("over\n\n"), "over\n\n");
  EXPECT_TRUE(viewer.at_end());
}

TEST(StreamHub, DrainSaysFarewell) {
  Edge edge;
  Client viewer = follow(edge);
  viewer.read_until("first\n\n");
  ASSERT_TRUE(viewers_are(edge, 1));
  edge.server.stop();
  EXPECT_EQ(viewer.read_until("farewell\n\n"), "farewell\n\n");
  EXPECT_TRUE(viewer.at_end());
  edge.join();
}

}  // namespace
}  // namespace onsale::http
