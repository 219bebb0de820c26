// The table of codes says what contract/errors.json says, and every code renders as a problem.
#include "api/wire_errors.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <iterator>
#include <set>
#include <string>

#include "api/embedded_pages.hpp"

namespace onsale::api {
namespace {

const boost::json::array& contract() {
  static const boost::json::value value = boost::json::parse(
      boost::json::string_view{embedded::errors_json().data(), embedded::errors_json().size()});
  return value.as_array();
}

TEST(WireErrors, AreTheContractsCodesWithTheirStatusAndText) {
  ASSERT_EQ(contract().size(), std::size(kWireErrors));
  std::set<std::string> names;
  for (const auto& entry : contract()) {
    const auto& object = entry.as_object();
    const std::string name{object.at("code").as_string()};
    names.insert(name);
    bool found = false;
    for (const WireError& row : kWireErrors) {
      if (row.name != name) continue;
      found = true;
      EXPECT_EQ(row.status, object.at("status").as_int64()) << name;
      EXPECT_EQ(row.title, std::string_view{object.at("title").as_string()}) << name;
      EXPECT_EQ(row.message, std::string_view{object.at("message").as_string()}) << name;
    }
    EXPECT_TRUE(found) << name;
  }
  EXPECT_EQ(names.size(), contract().size());
}

TEST(WireErrors, RenderAsAProblemForEveryCode) {
  const TraceId trace{{0x0123456789abcdefULL, 0xfedcba9876543210ULL}};
  for (const WireError& row : kWireErrors) {
    http::Response response;
    write_problem(row.code, trace, {}, {}, response);
    EXPECT_EQ(response.status(), row.status);
    const auto body = boost::json::parse(response.body_buffer()).as_object();
    EXPECT_EQ(body.at("code").as_string(), row.name);
    EXPECT_EQ(body.at("status").as_int64(), row.status);
    EXPECT_EQ(body.at("traceId").as_string(), "0123456789abcdeffedcba9876543210");
    EXPECT_EQ(body.at("type").as_string(), "/docs#" + std::string{row.name});
  }
}

// Nothing in the house answers it on purpose; should it ever be, it tells no more than its trace.
TEST(WireErrors, InternalErrorTellsNothingOfTheInside) {
  http::Response response;
  write_problem(Code::internal_error, TraceId{{1, 2}}, {}, {}, response);
  EXPECT_EQ(response.status(), 500);
  const auto body = boost::json::parse(response.body_buffer()).as_object();
  EXPECT_EQ(body.at("detail").as_string(), wire_error(Code::internal_error).message);
}

TEST(WireErrors, EscapeWhatTheyQuote) {
  http::Response response;
  const std::string detail = "a \"quoted\"\nline \x01 and \xff";
  const FieldError field{"/seatIds/0", "must be \"<b>\""};
  write_problem(Code::validation_failed, TraceId{}, {},
                {.detail = &detail, .fields = &field, .field_count = 1}, response);
  const auto body = boost::json::parse(response.body_buffer()).as_object();
  EXPECT_EQ(body.at("detail").as_string(), "a \"quoted\"\nline \x01 and \xEF\xBF\xBD");
  EXPECT_EQ(body.at("errors").as_array().at(0).as_object().at("pointer").as_string(), "/seatIds/0");
}

TEST(WireErrors, ListRefusedSeatsAndTellWhenToComeBack) {
  http::Response response;
  RefusedSeats seats;
  seats.push_back({SeatId{7}, seat::WireStatus::held});
  write_problem(Code::unavailable, TraceId{}, {}, {.seats = &seats, .retry_after_s = 1}, response);
  const auto body = boost::json::parse(response.body_buffer()).as_object();
  EXPECT_EQ(body.at("seats").as_array().at(0).as_object().at("status").as_string(), "HELD");
  EXPECT_EQ(body.at("retryAfter").as_int64(), 1);
}

}  // namespace
}  // namespace onsale::api
