// Bodies of holds and orders: what is understood, and that the fast reader and the full one agree.
#include "api/codec/request_body.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "api/codec/plain_body.hpp"

namespace onsale::api {
namespace {

// The same body with a member that nobody knows: it is ignored, and only the full reader reads it.
std::string in_full(const std::string& body) {
  const std::size_t end = body.rfind('}');
  return body.substr(0, end) + ",\"unknown\":null}" + body.substr(end + 1);
}

void expect_same(const Body<HoldBody>& a, const Body<HoldBody>& b) {
  ASSERT_EQ(a.index(), b.index());
  if (const auto* hold = std::get_if<HoldBody>(&a)) {
    const auto& other = std::get<HoldBody>(b);
    EXPECT_EQ(hold->event, other.event);
    EXPECT_TRUE(
        std::equal(hold->seats.begin(), hold->seats.end(), other.seats.begin(), other.seats.end()));
    EXPECT_EQ(hold->hold_seconds, other.hold_seconds);
  } else {
    EXPECT_EQ(std::get<BodyFault>(a).code, std::get<BodyFault>(b).code);
    EXPECT_EQ(std::get<BodyFault>(a).fields.size(), std::get<BodyFault>(b).fields.size());
  }
}

TEST(PlainBody, ReadsTheUsualForms) {
  const auto one = read_plain_body(R"({"eventId":1,"seatId":4})");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->event.value, 1U);
  EXPECT_EQ(one->seats.front().value, 4U);
  EXPECT_FALSE(one->several);
  const auto two =
      read_plain_body(" {\"seatIds\" : [ 4 ,7 ],\n\"holdSeconds\":0, \"eventId\":12} ");
  ASSERT_TRUE(two);
  EXPECT_EQ(two->seats.size(), 2U);
  EXPECT_TRUE(two->several);
  EXPECT_EQ(two->hold_seconds, 0);
}

TEST(PlainBody, LeavesTheUnusualToTheFullReader) {
  for (const char* body : {
           "",
           "{}",
           "[]",
           R"({"eventId":1})",
           R"({"eventId":0,"seatId":4})",
           R"({"eventId":01,"seatId":4})",
           R"({"eventId":1.0,"seatId":4})",
           R"({"eventId":1e0,"seatId":4})",
           R"({"eventId":-1,"seatId":4})",
           R"({"eventId":"1","seatId":4})",
           R"({"eventId":1,"eventId":1,"seatId":4})",
           R"({"eventId":1,"seatId":4,"seatIds":[4]})",
           R"({"eventId":1,"seatIds":[4],"seatIds":[4]})",
           R"({"eventId":1,"seatIds":[]})",
           R"({"eventId":1,"seatIds":[4,4]})",
           R"({"eventId":1,"seatIds":[4,]})",
           R"({"eventId":1,"seatIds":[4})",
           R"({"eventId":1,"seatIds":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]})",
           R"({"eventId":1,"seatId":4,"note":1})",
           R"({"event\u0049d":1,"seatId":4})",
           R"({"eventId":1,"seatId":9007199254740993})",
           R"({"eventId":1,"seatId":4,"holdSeconds":1000000001})",
           R"({"eventId":1,"seatId":4}})",
           R"({"eventId":1,"seatId":4,})",
           R"({"eventId":1 "seatId":4})",
       }) {
    EXPECT_FALSE(read_plain_body(body)) << body;
  }
}

TEST(PlainBody, ReadsTheUsualExtendAndLeavesTheRest) {
  EXPECT_EQ(read_plain_seconds(R"({"seconds":60})"), 60);
  EXPECT_EQ(read_plain_seconds(" { \"seconds\" :\t60 }\n"), 60);
  for (const char* body :
       {"", "{}", "60", R"({"seconds":0})", R"({"seconds":060})", R"({"seconds":6.0})",
        R"({"seconds":-6})", R"({"seconds":"60"})", R"({"seconds":60,"a":1})", R"({"seconds":60,})",
        R"({"seconds":60}})", R"({"seconds":9007199254740993})", R"({"Seconds":60})",
        R"({"seconds":60)", R"({"seconds")"}) {
    EXPECT_FALSE(read_plain_seconds(body)) << body;
  }
}

TEST(ReadHoldBody, AnOrderNeedsAList) {
  EXPECT_TRUE(std::holds_alternative<BodyFault>(read_order_body(R"({"eventId":1,"seatId":4})")));
  const auto order = read_order_body(R"({"eventId":1,"seatIds":[4,5],"holdSeconds":9})");
  ASSERT_TRUE(std::holds_alternative<OrderBody>(order));
  EXPECT_EQ(std::get<OrderBody>(order).seats.size(), 2U);
}

RC_GTEST_PROP(ReadExtendBody, TheFastReaderAndTheFullOneAgree, ()) {
  const auto seconds = *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 30),
                                       rc::gen::inRange<std::int64_t>(0, 1LL << 54));
  const std::string body = "{\"seconds\":" + std::to_string(seconds) + "}";
  const auto fast = read_extend_body(body);
  const auto full = read_extend_body(in_full(body));
  ASSERT_EQ(fast.index(), full.index());
  if (const auto* read = std::get_if<ExtendBody>(&fast)) {
    EXPECT_EQ(read->seconds, std::get<ExtendBody>(full).seconds);
  }
}

RC_GTEST_PROP(ReadHoldBody, TheFastReaderAndTheFullOneAgree, ()) {
  const auto number = [] {
    return std::to_string(*rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 30),
                                          rc::gen::inRange<std::int64_t>(0, 1LL << 54)));
  };
  const auto space = [] { return *rc::gen::element<std::string>("", "", "", " ", "\n\t "); };
  std::string seats = "[";
  const int count = *rc::gen::inRange(0, 20);
  for (int i = 0; i < count; ++i) seats += (i > 0 ? "," : "") + space() + number();
  seats += "]";
  std::string body = "{" + space() + "\"eventId\":" + space() + number() + ",";
  body += *rc::gen::arbitrary<bool>() ? "\"seatIds\":" + seats : "\"seatId\":" + number();
  if (*rc::gen::arbitrary<bool>()) body += "," + space() + "\"holdSeconds\":" + number();
  body += "}" + space();
  expect_same(read_hold_body(body), read_hold_body(in_full(body)));
}

}  // namespace
}  // namespace onsale::api
