// Writing by hand (every text in it comes from a fixed alphabet, so nothing needs escaping), reading
// by Boost.JSON with bounded size and depth.
#include "adapters/kafka/cloud_event.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

namespace onsale::cloud_event {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 8;
constexpr std::uint64_t kNumberMax = 9'007'199'254'740'991;  // what a JSON number holds exactly

constexpr MessageType kTypes[] = {
    MessageType::order_created,   MessageType::payment_success, MessageType::payment_failed,
    MessageType::seats_sold,      MessageType::seats_released,  MessageType::order_confirmed,
    MessageType::order_cancelled,
};
constexpr order::Reason kReasons[] = {
    order::Reason::payment_declined,    order::Reason::payment_too_late,
    order::Reason::payment_unavailable, order::Reason::seats_lost,
    order::Reason::event_reset,
};

std::string_view source_of(MessageType type) {
  return topic_of(type) == "seat.events" ? "/onsale/reservation" : "/onsale/order";
}

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) {
    out += kDigits[value >> static_cast<unsigned>(shift) & 15U];
  }
}

void append_time(std::string& out, Instant at) {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(at);
  const chrono::year_month_day date{day};
  const chrono::hh_mm_ss time{at - day};
  char text[40];
  const int length = std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  out.append(text, static_cast<std::size_t>(length));
}

template <typename Number>
bool digits(std::string_view text, std::size_t at, std::size_t count, Number& value) {
  const char* const end = text.data() + at + count;
  const auto [stopped, fault] = std::from_chars(text.data() + at, end, value);
  return fault == std::errc{} && stopped == end && text[at] != '-';
}

// "2026-11-22T18:00:17.123Z" and nothing else.
std::optional<Instant> parse_time(std::string_view text) {
  namespace chrono = std::chrono;
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] != 'd' && kShape[i] != text[i]) return std::nullopt;
  }
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
  if (!digits(text, 0, 4, year) || !digits(text, 5, 2, month) || !digits(text, 8, 2, day) ||
      !digits(text, 11, 2, hour) || !digits(text, 14, 2, minute) || !digits(text, 17, 2, second) ||
      !digits(text, 20, 3, ms)) {
    return std::nullopt;
  }
  const chrono::year_month_day date{chrono::year{year}, chrono::month{month}, chrono::day{day}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return Instant{chrono::sys_days{date}} + chrono::hours{hour} + chrono::minutes{minute} +
         chrono::seconds{second} + Milliseconds{ms};
}

// Reads one object's members; the first fault is kept and all later reads are empty.
class Reader {
 public:
  std::string_view text(const json::object& from, std::string_view name) {
    const json::value* const found = member(from, name);
    if (found == nullptr) return {};
    if (!found->is_string()) return fail(name, "is no text"), std::string_view{};
    const json::string& value = found->get_string();
    return {value.data(), value.size()};
  }
  std::uint64_t number(const json::object& from, std::string_view name, std::uint64_t least) {
    const json::value* const found = member(from, name);
    return found == nullptr ? 0 : number(*found, name, least);
  }
  std::uint64_t number(const json::value& value, std::string_view name, std::uint64_t least) {
    std::uint64_t read = 0;
    if (value.is_uint64()) {
      read = value.get_uint64();
    } else if (value.is_int64() && value.get_int64() >= 0) {
      read = static_cast<std::uint64_t>(value.get_int64());
    } else {
      return fail(name, "is no whole number"), 0;
    }
    if (read < least || read > kNumberMax) return fail(name, "is out of range"), 0;
    return read;
  }
  template <typename Id>
  Id id(const json::object& from, std::string_view name) {
    const std::string_view given = text(from, name);
    const auto parsed = Id::parse(given);
    if (!parsed || given.size() != 36) return fail(name, "is no id"), Id{};
    return *parsed;
  }
  const json::object& object(const json::object& from, std::string_view name) {
    static const json::object kEmpty;
    const json::value* const found = member(from, name);
    if (found == nullptr) return kEmpty;
    if (!found->is_object()) return fail(name, "is no object"), kEmpty;
    return found->get_object();
  }
  const json::value* member(const json::object& from, std::string_view name) {
    const json::value* const found = from.if_contains({name.data(), name.size()});
    if (found == nullptr) fail(name, "is missing");
    return found;
  }
  void expect(bool right, std::string_view name, std::string_view what) {
    if (!right) fail(name, what);
  }
  void fail(std::string_view name, std::string_view what) {
    if (!fault_.empty()) return;
    fault_ = std::string{name} + " " + std::string{what};
  }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  std::string fault_;
};

MessageType type_named(Reader& reader, std::string_view name) {
  for (const MessageType type : kTypes) {
    if (name_of(type) == name) return type;
  }
  reader.fail("type", "is not known here");
  return {};
}

order::Reason reason_named(Reader& reader, std::string_view name) {
  for (const order::Reason reason : kReasons) {
    if (order::name_of(reason) == name) return reason;
  }
  reader.fail("data.reason.code", "is not known here");
  return order::Reason::none;
}

TraceId trace_of(Reader& reader, std::string_view traceparent) {
  constexpr std::size_t kLength = 55;
  const bool shaped = traceparent.size() == kLength && traceparent.substr(0, 3) == "00-" &&
                      traceparent[35] == '-' && traceparent[52] == '-';
  const auto id = shaped ? TraceId::parse(traceparent.substr(3, 32)) : std::nullopt;
  if (!id) reader.fail("traceparent", "is not of W3C's form");
  return id.value_or(TraceId{});
}

void read_seats(Reader& reader, const json::object& data, SeatIds& seats) {
  const json::value* const found = reader.member(data, "seatIds");
  if (found == nullptr) return;
  if (!found->is_array()) return reader.fail("seatIds", "is no list");
  const json::array& list = found->get_array();
  if (list.empty() || list.size() > kSeatsPerCallMax) {
    return reader.fail("seatIds", "has none or too many");
  }
  for (const json::value& seat : list) seats.push_back({reader.number(seat, "seatIds", 1)});
}

void read_data(Reader& reader, const json::object& data, Message& message) {
  message.order = reader.id<OrderId>(data, "orderId");
  message.event = {reader.number(data, "eventId", 1)};
  read_seats(reader, data, message.seats);
  message.buyer = reader.id<BuyerId>(data, "buyerId");
  message.total = {static_cast<std::int64_t>(reader.number(data, "amount", 0))};
  message.currency = reader.text(data, "currency");
  bool shaped = message.currency.size() == 3;
  for (const char letter : message.currency) shaped = shaped && letter >= 'A' && letter <= 'Z';
  reader.expect(shaped, "currency", "is not three capital letters");
  if (data.contains("reason")) {
    const json::object& reason = reader.object(data, "reason");
    message.reason = reason_named(reader, reader.text(reason, "code"));
  }
}

}  // namespace

std::string traceparent_of(const Message& message) {
  std::string out = "00-";
  append_hex(out, message.trace_id.bits.hi);
  append_hex(out, message.trace_id.bits.lo);
  out += '-';
  append_hex(out, message.id.bits.lo == 0 ? 1 : message.id.bits.lo);
  out += "-01";
  return out;
}

std::string encode(const Message& message) {
  std::string out;
  out.reserve(640);
  const std::string order = message.order.to_string();
  out += R"({"specversion":"1.0","id":")" + message.id.to_string() + R"(","source":")";
  out += source_of(message.type);
  out += R"(","type":")";
  out += name_of(message.type);
  out += R"(","time":")";
  append_time(out, message.at);
  out += R"(","subject":")" + order + R"(","datacontenttype":"application/json","traceparent":")";
  out += traceparent_of(message);
  out += R"(","data":{"orderId":")" + order + R"(","eventId":)";
  out += std::to_string(message.event.value) + R"(,"seatIds":[)";
  for (std::size_t i = 0; i < message.seats.size(); ++i) {
    if (i > 0) out += ',';
    out += std::to_string(message.seats[i].value);
  }
  out += R"(],"buyerId":")" + message.buyer.to_string() + R"(","amount":)";
  out += std::to_string(message.total.amount) + R"(,"currency":")" + message.currency + '"';
  if (message.reason != order::Reason::none) {
    out += R"(,"reason":{"code":")";
    out += order::name_of(message.reason);
    out += R"(","message":")";
    out += order::text_of(message.reason);
    out += R"("})";
  }
  out += "}}";
  return out;
}

Result<Message> decode(std::string_view text) {
  if (text.size() > kBytesMax) return Failure{Code::validation_failed, "too large for an event"};
  boost::system::error_code fault;
  json::parse_options options;
  options.max_depth = kDepthMax;
  const json::value root = json::parse({text.data(), text.size()}, fault, {}, options);
  if (fault) return Failure{Code::validation_failed, "no JSON: " + fault.message()};
  if (!root.is_object()) return Failure{Code::validation_failed, "no JSON object"};
  const json::object& envelope = root.get_object();

  Reader reader;
  Message message;
  reader.expect(reader.text(envelope, "specversion") == "1.0", "specversion", "is not 1.0");
  message.id = reader.id<MessageId>(envelope, "id");
  message.type = type_named(reader, reader.text(envelope, "type"));
  const auto at = parse_time(reader.text(envelope, "time"));
  reader.expect(at.has_value(), "time", "is not UTC with milliseconds");
  message.at = at.value_or(Instant{});
  message.trace_id = trace_of(reader, reader.text(envelope, "traceparent"));
  read_data(reader, reader.object(envelope, "data"), message);
  const auto subject = reader.id<OrderId>(envelope, "subject");
  reader.expect(subject == message.order, "subject", "is not data.orderId");
  if (!reader.fault().empty()) return Failure{Code::validation_failed, reader.fault()};
  return message;
}

}  // namespace onsale::cloud_event
