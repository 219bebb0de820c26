// The plain types handlers see.
#include "runtime/http/message.hpp"

#include <gtest/gtest.h>

#include "runtime/http/response_writer.hpp"

namespace onsale::http {
namespace {

TEST(Request, FindsFieldsWithoutCase) {
  const HeaderField fields[] = {{"Accept", "a"}, {"X", "1"}, {"x", "2"}};
  Request request;
  request.headers = fields;
  request.header_count = 3;
  EXPECT_EQ(request.header("ACCEPT"), "a");
  EXPECT_EQ(request.header("x"), "1");
  EXPECT_EQ(request.header("y"), std::nullopt);
}

TEST(Request, QueryValuesAreDecoded) {
  Request request;
  request.query = "a=1&b=%41+c&%63=3&d&e=%4&a=2&=f";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "A c");
  EXPECT_EQ(request.query_value("c"), "3");
  EXPECT_EQ(request.query_value("d"), "");
  EXPECT_EQ(request.query_value("e"), std::nullopt);
  EXPECT_EQ(request.query_value("none"), std::nullopt);
}

TEST(Response, ResetForgetsEverything) {
  Response response;
  response.status(503);
  response.header("A", "b");
  response.content_type("text/plain");
  response.body("body");
  response.close();
  response.reset();
  OutBuffer out;
  ResponseAccess::write(out, response, {.date_line = "Date: x\r\n", .trace_id = {{1, 2}}});
  EXPECT_EQ(std::string_view(out.data(), out.size()),
            "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 0\r\n"
            "Trace-Id: 00000000000000010000000000000002\r\n\r\n");
}

TEST(Response, UnusualStatusIsWritten) {
  Response response;
  response.status(299);
  OutBuffer out;
  ResponseAccess::write(out, response, {});
  EXPECT_EQ(std::string_view(out.data(), 15), "HTTP/1.1 299 \r\n");
}

TEST(ResponseDeathTest, LineEndInAFieldIsABug) {
  Response response;
  EXPECT_DEATH(response.header("A", "b\r\nSet-Cookie: x"), "line end");
}

TEST(DateLine, IsAnHttpDate) {
  DateLine line;
  line.refresh(784111777);
  EXPECT_EQ(line.text(), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}

}  // namespace
}  // namespace onsale::http
