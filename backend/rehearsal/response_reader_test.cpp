// Each kind of body, cut at every byte.
#include "rehearsal/response_reader.hpp"

#include <gtest/gtest.h>

namespace onsale::rehearsal {
namespace {

using Progress = ResponseReader::Progress;

// Feeds the text one byte at a time and returns what the last byte led to.
Progress feed_bytewise(ResponseReader& reader, std::string_view text) {
  Progress progress = Progress::more;
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(progress, Progress::more);
    progress = reader.feed(text.substr(i, 1));
  }
  return progress;
}

TEST(ResponseReader, BodyByLength) {
  ResponseReader reader;
  EXPECT_EQ(feed_bytewise(reader,
                          "HTTP/1.1 201 Created\r\nBuyer-Token: v1.a.b\r\n"
                          "content-length: 5\r\n\r\nhello"),
            Progress::done);
  EXPECT_EQ(reader.response().status, 201);
  EXPECT_EQ(reader.response().body, "hello");
  EXPECT_EQ(reader.response().header("buyer-token"), "v1.a.b");
  EXPECT_TRUE(reader.keeps_alive());
}

TEST(ResponseReader, ChunkedBodyWithTrailer) {
  ResponseReader reader;
  EXPECT_EQ(feed_bytewise(reader,
                          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                          "3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nT: 1\r\n\r\n"),
            Progress::done);
  EXPECT_EQ(reader.response().body, "abc0123456789");
}

TEST(ResponseReader, StreamCanBeTakenAsItComes) {
  ResponseReader reader;
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst"), Progress::more);
  EXPECT_TRUE(reader.has_head());
  EXPECT_EQ(reader.response().body, "first");
  reader.response().body.clear();
  EXPECT_EQ(reader.feed("second"), Progress::more);
  EXPECT_EQ(reader.response().body, "second");
  EXPECT_EQ(reader.end_of_input(), Progress::done);
}

TEST(ResponseReader, NoBodyFor204And304) {
  ResponseReader reader;
  EXPECT_EQ(reader.feed("HTTP/1.1 204 No Content\r\n\r\n"), Progress::done);
  reader.reset();
  EXPECT_EQ(reader.feed("HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n"), Progress::done);
  EXPECT_EQ(reader.response().header("ETag"), "\"7\"");
}

TEST(ResponseReader, CutShortIsBroken) {
  ResponseReader reader;
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"), Progress::more);
  EXPECT_EQ(reader.end_of_input(), Progress::broken);
}

TEST(ResponseReader, GarbageIsBroken) {
  ResponseReader reader;
  EXPECT_EQ(reader.feed("SSH-2.0-OpenSSH\r\n\r\n"), Progress::broken);
  reader.reset();
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"), Progress::broken);
  reader.reset();
  EXPECT_EQ(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n"), Progress::broken);
}

TEST(ResponseReader, InterimResponseIsSkipped) {
  ResponseReader reader;
  EXPECT_EQ(feed_bytewise(reader,
                          "HTTP/1.1 100 Continue\r\n\r\n"
                          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
            Progress::done);
  EXPECT_EQ(reader.response().status, 200);
  EXPECT_EQ(reader.response().body, "ok");
}

}  // namespace
}  // namespace onsale::rehearsal
