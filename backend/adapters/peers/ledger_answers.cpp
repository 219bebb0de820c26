// Writing questions straight, reading answers with Boost.JSON.
#include "adapters/peers/ledger_answers.hpp"

#include <array>
#include <boost/json.hpp>
#include <charconv>

namespace onsale::peers {
namespace {

namespace bj = boost::json;

constexpr std::size_t kDepthMax = 6;

// nullopt: no JSON object.
std::optional<bj::object> parse(std::string_view text) {
  bj::parse_options options;
  options.max_depth = kDepthMax;
  boost::system::error_code error;
  bj::value value = bj::parse({text.data(), text.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::uint64_t> number_in(const bj::object& object, std::string_view name) {
  const bj::value* member = object.if_contains({name.data(), name.size()});
  if (member == nullptr) return std::nullopt;
  if (member->is_int64() && member->get_int64() >= 0) {
    return static_cast<std::uint64_t>(member->get_int64());
  }
  if (member->is_uint64()) return member->get_uint64();
  return std::nullopt;
}

std::optional<Instant> time_in(const bj::object& object, std::string_view name) {
  const auto ms = number_in(object, name);
  if (!ms) return std::nullopt;
  return instant_of_ms(static_cast<std::int64_t>(*ms));
}

std::string_view string_in(const bj::object& object, std::string_view name) {
  const bj::value* member = object.if_contains({name.data(), name.size()});
  if (member == nullptr || !member->is_string()) return {};
  return {member->get_string().data(), member->get_string().size()};
}

// The refusals a ledger gives; others mean that the question itself went wrong.
constexpr std::array<std::pair<std::string_view, Code>, 9> kRefusals{{
    {"RESERVATION_CONFLICT", Code::reservation_conflict},
    {"SEAT_SOLD", Code::seat_sold},
    {"RESERVATION_EXPIRED", Code::reservation_expired},
    {"HOLD_NOT_OWNED", Code::hold_not_owned},
    {"EVENT_NOT_FOUND", Code::event_not_found},
    {"SEAT_NOT_FOUND", Code::seat_not_found},
    {"LIMIT_EXCEEDED", Code::limit_exceeded},
    {"VALIDATION_FAILED", Code::validation_failed},
    {"UNAVAILABLE", Code::unavailable},
}};

std::optional<seat::WireStatus> status_named(std::string_view name) {
  for (const auto each : {seat::WireStatus::available, seat::WireStatus::held,
                          seat::WireStatus::sold, seat::WireStatus::blocked}) {
    if (seat::name_of(each) == name) return each;
  }
  return std::nullopt;
}

}  // namespace

void JsonBody::name(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  text_.append("\"").append(name).append("\":");
}
JsonBody& JsonBody::number(std::string_view member, std::int64_t value) {
  name(member);
  text_ += std::to_string(value);
  return *this;
}
JsonBody& JsonBody::id(std::string_view member, std::uint64_t value) {
  name(member);
  text_ += std::to_string(value);
  return *this;
}
JsonBody& JsonBody::uuid(std::string_view member, Bits128 bits) {
  const auto chars = uuid_chars(bits);
  return text(member, {chars.data(), chars.size()});
}
JsonBody& JsonBody::text(std::string_view member, std::string_view plain) {
  name(member);
  text_.append("\"").append(plain).append("\"");
  return *this;
}
JsonBody& JsonBody::seats(std::string_view member, const SeatIds& seats) {
  name(member);
  text_ += '[';
  for (std::size_t i = 0; i < seats.size(); ++i) {
    if (i > 0) text_ += ',';
    text_ += std::to_string(seats[i].value);
  }
  text_ += ']';
  return *this;
}

Refused refusal_of(const http::ClientAnswer& answer) {
  Refused refused{Code::unavailable, {}};
  if (!answer.came()) return refused;
  const auto body = parse(answer.body);
  if (!body) return refused;
  const std::string_view code = string_in(*body, "code");
  for (const auto& [name, value] : kRefusals) {
    if (name == code) refused.code = value;
  }
  const bj::value* seats = body->if_contains("seats");
  if (seats == nullptr || !seats->is_array()) return refused;
  for (const bj::value& each : seats->get_array()) {
    if (!each.is_object() || refused.seats.full()) break;
    const auto id = number_in(each.get_object(), "seatId");
    const auto status = status_named(string_in(each.get_object(), "status"));
    if (id && status) refused.seats.push_back({SeatId{*id}, *status});
  }
  return refused;
}

std::optional<HoldGranted> hold_of(std::string_view json) {
  const auto body = parse(json);
  if (!body) return std::nullopt;
  const auto expires_at = time_in(*body, "expiresAtMs");
  const auto version = number_in(*body, "version");
  if (!expires_at || !version) return std::nullopt;
  return HoldGranted{*expires_at, Version{*version}};
}

std::optional<Instant> expiry_of(std::string_view json) {
  const auto body = parse(json);
  if (!body) return std::nullopt;
  return time_in(*body, "expiresAtMs");
}

std::optional<Version> version_of(std::string_view json) {
  const auto body = parse(json);
  if (!body) return std::nullopt;
  const auto version = number_in(*body, "version");
  if (!version) return std::nullopt;
  return Version{*version};
}

std::optional<BuyerHolds> holds_of(std::string_view json) {
  const auto body = parse(json);
  if (!body) return std::nullopt;
  const auto version = number_in(*body, "version");
  const bj::value* list = body->if_contains("holds");
  if (!version || list == nullptr || !list->is_array()) return std::nullopt;
  BuyerHolds holds{.version = Version{*version}, .holds = {}};
  for (const bj::value& each : list->get_array()) {
    if (!each.is_object()) return std::nullopt;
    const bj::object& one = each.get_object();
    const auto seat = number_in(one, "seatId");
    const auto expires_at = time_in(one, "expiresAtMs");
    const auto extendable_until = time_in(one, "extendableUntilMs");
    if (!seat || !expires_at || !extendable_until) return std::nullopt;
    holds.holds.push_back({.seat = SeatId{*seat},
                           .expires_at = *expires_at,
                           .extendable_until = *extendable_until,
                           .pinned = string_in(one, "status") == "PINNED"});
  }
  return holds;
}

std::optional<std::string> text_in(std::string_view json, std::string_view name) {
  const auto body = parse(json);
  if (!body) return std::nullopt;
  const std::string_view text = string_in(*body, name);
  if (text.empty()) return std::nullopt;
  return std::string{text};
}

}  // namespace onsale::peers
