// The error body. RFC 9457 members first, then those old clients know: code, message, traceId.
#include "api/wire_errors.hpp"

#include <iterator>

#include "api/codec/json_writer.hpp"

namespace onsale::api {
namespace {

constexpr bool table_is_in_enum_order() {
  std::size_t index = 0;
  for (const WireError& row : kWireErrors) {
    if (static_cast<std::size_t>(row.code) != index++) return false;
  }
  return true;
}
static_assert(table_is_in_enum_order());
static_assert(std::size(kWireErrors) == static_cast<std::size_t>(Code::internal_error) + 1);

// The table's messages go into a refusal as they are: refusing is the main load in a rush.
constexpr bool messages_need_no_escape() {
  for (const WireError& row : kWireErrors) {
    for (const char c : row.message) {
      if (c < 0x20 || c == '"' || c == '\\') return false;
    }
  }
  return true;
}
static_assert(messages_need_no_escape());

}  // namespace

const WireError& wire_error(Code code) { return kWireErrors[static_cast<std::size_t>(code)]; }

void write_problem(Code code, TraceId trace_id, const ProblemForm& form,
                   const ProblemExtras& extras, http::Response& response) {
  const WireError& row = wire_error(code);
  const bool told_more = extras.detail != nullptr && !extras.detail->empty();
  const auto append_message = [&](std::string& out) {
    if (told_more) {
      json::append_string(out, *extras.detail);
    } else {
      out += '"';
      out += row.message;
      out += '"';
    }
  };
  response.status(row.status);
  response.refused(code);
  response.content_type(form.content_type);
  std::string& out = response.body_buffer();
  out.clear();
  out += R"({"type":"/docs#)";
  out += row.name;
  out += R"(","title":")";
  out += row.title;
  out += R"(","status":)";
  json::append_number(out, static_cast<std::uint64_t>(row.status));
  out += R"(,"detail":)";
  append_message(out);
  out += R"(,"code":")";
  out += row.name;
  out += R"(","message":)";
  append_message(out);
  out += R"(,"traceId":")";
  json::append_hex(out, trace_id.bits);
  out += '"';
  if (extras.seats != nullptr && !extras.seats->empty()) {
    out += R"(,"seats":[)";
    bool first = true;
    for (const RefusedSeat& refused : *extras.seats) {
      out += first ? R"({"seatId":)" : R"(,{"seatId":)";
      first = false;
      json::append_number(out, refused.seat.value);
      out += R"(,"status":")";
      out += seat::name_of(refused.status);
      out += R"("})";
    }
    out += ']';
  }
  if (extras.field_count > 0) {
    out += R"(,"errors":[)";
    for (std::size_t i = 0; i < extras.field_count; ++i) {
      out += i == 0 ? R"({"pointer":)" : R"(,{"pointer":)";
      json::append_string(out, extras.fields[i].pointer);
      out += R"(,"message":)";
      json::append_string(out, extras.fields[i].message);
      out += '}';
    }
    out += ']';
  }
  if (extras.retry_after_s > 0) {
    out += R"(,"retryAfter":)";
    json::append_number(out, static_cast<std::uint64_t>(extras.retry_after_s));
    std::string seconds;
    json::append_number(seconds, static_cast<std::uint64_t>(extras.retry_after_s));
    response.header("Retry-After", seconds);
  }
  out += '}';
}

}  // namespace onsale::api
