// A cursor over the text; every step that meets something unusual ends the reading.
#include "api/codec/plain_body.hpp"

#include <algorithm>

namespace onsale::api {
namespace {

constexpr std::size_t kDigitsMax = 15;  // below 2^53
constexpr std::int64_t kSecondsMax = 1'000'000'000;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The next character that is no white space, if it is this one.
  bool take(char wanted) {
    skip_space();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }

  std::optional<std::int64_t> integer() {
    skip_space();
    const char* const first = at_;
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      if (++digits > kDigitsMax) return std::nullopt;  // before the sum can overflow
      value = value * 10 + (*at_ - '0');
    }
    if (digits == 0 || (*first == '0' && digits > 1)) return std::nullopt;
    return value;  // a fraction or an exponent is met by the next take()
  }

  // The text between quotes; no member of ours has an escape.
  std::optional<std::string_view> name() {
    if (!take('"')) return std::nullopt;
    const char* const first = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
    if (at_ == end_ || *at_ != '"') return std::nullopt;
    return std::string_view(first, static_cast<std::size_t>(at_++ - first));
  }

  bool at_end() {
    skip_space();
    return at_ == end_;
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  const char* at_;
  const char* end_;
};

bool take_seat(Cursor& cursor, SeatIds& seats) {
  const auto id = cursor.integer();
  if (!id || *id == 0 || seats.size() == kSeatsPerCallMax) return false;
  const SeatId seat{static_cast<std::uint64_t>(*id)};
  if (std::find(seats.begin(), seats.end(), seat) != seats.end()) return false;
  seats.push_back(seat);
  return true;
}

bool take_seats(Cursor& cursor, SeatIds& seats) {
  if (!cursor.take('[')) return false;
  do {
    if (!take_seat(cursor, seats)) return false;
  } while (cursor.take(','));
  return cursor.take(']');
}

bool take_member(Cursor& cursor, PlainBody& body) {
  const auto name = cursor.name();
  if (!name || !cursor.take(':')) return false;
  if (*name == "eventId") {
    const auto id = cursor.integer();
    if (!id || *id == 0 || body.event.value != 0) return false;
    body.event = {static_cast<std::uint64_t>(*id)};
    return true;
  }
  if (*name == "seatId") return body.seats.empty() && take_seat(cursor, body.seats);
  if (*name == "seatIds") {
    if (!body.seats.empty()) return false;
    body.several = true;
    return take_seats(cursor, body.seats);
  }
  if (*name == "holdSeconds") {
    const auto seconds = cursor.integer();
    if (!seconds || *seconds > kSecondsMax || body.hold_seconds) return false;
    body.hold_seconds = seconds;
    return true;
  }
  return false;
}

}  // namespace

std::optional<PlainBody> read_plain_body(std::string_view json) {
  Cursor cursor(json);
  PlainBody body;
  if (!cursor.take('{')) return std::nullopt;
  do {
    if (!take_member(cursor, body)) return std::nullopt;
  } while (cursor.take(','));
  if (!cursor.take('}') || !cursor.at_end()) return std::nullopt;
  if (body.event.value == 0 || body.seats.empty()) return std::nullopt;
  return body;
}

std::optional<std::int64_t> read_plain_seconds(std::string_view json) {
  Cursor cursor(json);
  if (!cursor.take('{') || cursor.name() != "seconds" || !cursor.take(':')) return std::nullopt;
  const auto seconds = cursor.integer();
  if (!seconds || *seconds == 0 || !cursor.take('}') || !cursor.at_end()) return std::nullopt;
  return seconds;
}

}  // namespace onsale::api
