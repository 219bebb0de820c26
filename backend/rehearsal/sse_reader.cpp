// The format is that of the HTML standard, "server-sent events", cut to what the contract uses:
// UTF-8, lines ended by LF or CRLF, one data line an event.
#include "rehearsal/sse_reader.hpp"

#include <charconv>

namespace onsale::rehearsal {

namespace {

bool read_number(std::string_view text, std::uint64_t& number) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{};
}

// The text after `"key":` in a flat JSON object; empty if the key is not there.
std::string_view after_key(std::string_view json, std::string_view quoted_key) {
  const auto place = json.find(quoted_key);
  if (place == std::string_view::npos) return {};
  std::string_view rest = json.substr(place + quoted_key.size());
  while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':')) rest.remove_prefix(1);
  return rest;
}

}  // namespace

bool SseReader::feed(std::string_view bytes, std::vector<FeedEvent>& events) {
  if (!tail_.empty()) {
    tail_.append(bytes);
    bytes = tail_;
  }
  bool readable = true;
  while (true) {
    // An event ends at an empty line: "\n\n" or "\n\r\n".
    std::size_t end = bytes.find('\n');
    std::size_t past = 0;
    while (end != std::string_view::npos) {
      if (bytes.substr(end + 1, 1) == "\n") past = end + 2;
      if (bytes.substr(end + 1, 2) == "\r\n") past = end + 3;
      if (past != 0) break;
      end = bytes.find('\n', end + 1);
    }
    if (past == 0) break;
    readable = read_event(bytes.substr(0, end + 1), events) && readable;
    bytes.remove_prefix(past);
  }
  if (bytes.empty()) {
    tail_.clear();
  } else {
    tail_ = std::string(bytes);  // a copy: `bytes` may point into tail_
  }
  return readable;
}

bool SseReader::read_event(std::string_view block, std::vector<FeedEvent>& events) {
  FeedEvent event;
  std::string_view name;
  std::string_view data;
  while (!block.empty()) {
    const auto end = block.find('\n');
    std::string_view line = block.substr(0, end);
    block.remove_prefix(end == std::string_view::npos ? block.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) continue;  // a comment, a bare field
    const std::string_view field = line.substr(0, colon);
    std::string_view value = line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    if (field == "event") name = value;
    if (field == "data") data = value;
    if (field == "id") read_number(value, event.id);
    if (field == "retry") {
      std::uint64_t milliseconds = 0;
      if (read_number(value, milliseconds)) retry_ms_ = static_cast<std::uint32_t>(milliseconds);
    }
  }
  if (name.empty() && data.empty()) return true;  // heartbeat, retry
  if (!read_number(after_key(data, "\"version\""), event.version)) event.version = event.id;
  if (name == "INIT") event.kind = FeedEvent::Kind::init;
  if (name == "RESET") event.kind = FeedEvent::Kind::reset;
  if (name == "SEAT_UPDATE") {
    event.kind = FeedEvent::Kind::update;
    std::string_view word = after_key(data, "\"status\"");
    if (!read_number(after_key(data, "\"seatId\""), event.seat_id) || word.empty()) return false;
    word.remove_prefix(1);
    const auto status = parse_status(word.substr(0, word.find('"')));
    if (!status) return false;
    event.status = *status;
  }
  events.push_back(event);
  return true;
}

}  // namespace onsale::rehearsal
