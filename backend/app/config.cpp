// The table of settings and the three ways into it.
#include "app/config.hpp"

#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/toml.hpp"

namespace onsale {
namespace {

using Kind = Setting::Kind;
constexpr double kBig = 1e12;

Kind kind_of(const std::string&) { return Kind::text; }
Kind kind_of(std::int64_t) { return Kind::integer; }
Kind kind_of(double) { return Kind::real; }
Kind kind_of(bool) { return Kind::boolean; }

// Row of a setting: its place in Config says its type, and so its kind.
template <auto Place>
Setting row(std::string_view key, double low, double high, std::string_view choices,
            std::string_view sentence) {
  Config example;
  return {key,
          kind_of(Place(example)),
          [](Config& c) -> void* { return &Place(c); },
          low,
          high,
          choices,
          sentence};
}

template <auto Place>
Setting number(std::string_view key, double low, double high, std::string_view sentence) {
  return row<Place>(key, low, high, "", sentence);
}
template <auto Place>
Setting text(std::string_view key, std::string_view choices, std::string_view sentence) {
  return row<Place>(key, 0, 0, choices, sentence);
}

std::vector<Setting> make_table() {
  return {
      text<[](Config& c) -> auto& { return c.data_dir; }>("data_dir", "",
                                                          "Folder of everything the office keeps"),
      text<[](Config& c) -> auto& { return c.demo; }>(
          "demo", "", "Offer the demo events if the catalogue is empty"),
      text<[](Config& c) -> auto& { return c.http.address; }>("http.address", "",
                                                              "Address of the public listener"),
      number<[](Config& c) -> auto& { return c.http.port; }>(
          "http.port", 0, 65535, "Port of the public listener; 0 takes any free one"),
      text<[](Config& c) -> auto& { return c.http.internal_address; }>(
          "http.internal_address", "", "Address of the internal listener; keep it on loopback"),
      number<[](Config& c) -> auto& { return c.http.internal_port; }>(
          "http.internal_port", 0, 65535, "Port of the internal listener; 0 takes any free one"),
      number<[](Config& c) -> auto& { return c.http.loops; }>("http.loops", 0, 256,
                                                              "Event loops; 0 is one a core"),
      number<[](Config& c) -> auto& { return c.http.header_bytes_max; }>(
          "http.header_bytes_max", 512, 1 << 20, "Bytes of request line and header fields (431)"),
      number<[](Config& c) -> auto& { return c.http.target_bytes_max; }>(
          "http.target_bytes_max", 64, 1 << 20, "Bytes of a request target (414)"),
      number<[](Config& c) -> auto& { return c.http.header_fields_max; }>(
          "http.header_fields_max", 4, 128, "Header fields of a request (431)"),
      number<[](Config& c) -> auto& { return c.http.header_time_ms; }>(
          "http.header_time_ms", 100, kBig, "Time for a request's head to arrive (408)"),
      number<[](Config& c) -> auto& { return c.http.body_bytes_max; }>(
          "http.body_bytes_max", 256, 64 << 20, "Bytes of a request body (413)"),
      number<[](Config& c) -> auto& { return c.http.body_time_ms; }>(
          "http.body_time_ms", 100, kBig, "Time for a request's body to arrive (408)"),
      number<[](Config& c) -> auto& { return c.http.idle_time_ms; }>(
          "http.idle_time_ms", 100, kBig, "Time a connection may rest between requests"),
      number<[](Config& c) -> auto& { return c.http.write_time_ms; }>(
          "http.write_time_ms", 100, kBig, "Time a client may take no byte of an answer"),
      number<[](Config& c) -> auto& { return c.http.drain_time_ms; }>(
          "http.drain_time_ms", 0, 600'000, "Time from SIGTERM to the end at most"),
      number<[](Config& c) -> auto& { return c.http.connections_max; }>(
          "http.connections_max", 1, 10'000'000, "Connections (503)"),
      number<[](Config& c) -> auto& { return c.http.in_flight_max; }>(
          "http.in_flight_max", 1, 1'000'000, "Requests being answered (503)"),
      number<[](Config& c) -> auto& { return c.http.pipelined_max; }>(
          "http.pipelined_max", 1, 4096, "Pipelined requests of one connection answered in one go"),
      number<[](Config& c) -> auto& { return c.http.output_bytes_max; }>(
          "http.output_bytes_max", 4096, 1 << 30,
          "Bytes of answers waiting for one client before reading stops"),
      text<[](Config& c) -> auto& { return c.http.cors_origins; }>(
          "http.cors_origins", "",
          "Origins whose pages may call, separated by commas; * is any, without credentials"),
      number<[](Config& c) -> auto& { return c.streams.viewers_max; }>(
          "streams.viewers_max", 1, 10'000'000, "Viewers of streams, over all loops (503)"),
      number<[](Config& c) -> auto& { return c.streams.heartbeat_ms; }>(
          "streams.heartbeat_ms", 50, 600'000,
          "A comment line to a viewer that got nothing for so long"),
      number<[](Config& c) -> auto& { return c.streams.write_stall_ms; }>(
          "streams.write_stall_ms", 100, 600'000, "A viewer that takes nothing for so long is cut"),
      number<[](Config& c) -> auto& { return c.streams.send_buffer_bytes; }>(
          "streams.send_buffer_bytes", 0, 1 << 24,
          "Kernel send buffer of a viewer; 0 leaves the system's"),
      number<[](Config& c) -> auto& { return c.streams.history_changes_max; }>(
          "streams.history_changes_max", 64, 1 << 24,
          "Seat changes of an event that a viewer may have missed and still resume"),
      number<[](Config& c) -> auto& { return c.streams.frames_per_second; }>(
          "streams.frames_per_second", 0.1, 1000,
          "Frames a second to the viewers of an event; changes in between travel together"),
      number<[](Config& c) -> auto& { return c.streams.frames_burst; }>(
          "streams.frames_burst", 1, 1000, "Frames that may go at once after a quiet while"),
      number<[](Config& c) -> auto& { return c.streams.gap_ms; }>(
          "streams.gap_ms", 0, 1000, "Time between two frames at least"),
      number<[](Config& c) -> auto& { return c.limits.seats_per_buyer; }>(
          "limits.seats_per_buyer", 1, 16,
          "Seats of one event that a buyer may hold and own together (409)"),
      number<[](Config& c) -> auto& { return c.limits.requests_per_second_per_buyer; }>(
          "limits.requests_per_second_per_buyer", 0, 1'000'000,
          "Requests a second of one buyer on one loop (429); 0 is no limit"),
      number<[](Config& c) -> auto& { return c.holds.seconds_min; }>(
          "holds.seconds_min", 1, 86'400, "Shortest hold; shorter wishes get this"),
      number<[](Config& c) -> auto& { return c.holds.seconds_max; }>(
          "holds.seconds_max", 1, 86'400, "Longest hold; longer wishes get this"),
      number<[](Config& c) -> auto& { return c.holds.seconds_default; }>(
          "holds.seconds_default", 1, 86'400, "Hold when none is wished"),
      number<[](Config& c) -> auto& { return c.holds.life_max_seconds; }>(
          "holds.life_max_seconds", 1, 86'400, "A hold's whole life, over all extends"),
      text<[](Config& c) -> auto& { return c.holds.direct_confirm; }>(
          "holds.direct_confirm", "",
          "Let buyers sell themselves a held seat without paying (box-office terminals only)"),
      number<[](Config& c) -> auto& { return c.payments.deadline_ms; }>(
          "payments.deadline_ms", 100, 3'600'000,
          "Time from the order to its payment; then it is cancelled"),
      number<[](Config& c) -> auto& { return c.payments.call_ms; }>(
          "payments.call_ms", 10, 3'600'000,
          "Time for one call to the provider; then its outcome is unknown and is asked for"),
      number<[](Config& c) -> auto& { return c.payments.orders_in_flight_max; }>(
          "payments.orders_in_flight_max", 1, 1'000'000,
          "Orders being driven at the same time; beyond, they queue"),
      text<[](Config& c) -> auto& { return c.payments.mock.delay; }>(
          "payments.mock.delay", "none|fixed|uniform|exponential|lognormal",
          "Distribution of the mock provider's answer time"),
      number<[](Config& c) -> auto& { return c.payments.mock.delay_ms; }>("payments.mock.delay_ms",
                                                                          0, 3'600'000, "Its mean"),
      number<[](Config& c) -> auto& { return c.payments.mock.spread_ms; }>(
          "payments.mock.spread_ms", 0, 3'600'000, "Its spread (half width or standard deviation)"),
      number<[](Config& c) -> auto& { return c.payments.mock.success_share; }>(
          "payments.mock.success_share", 0, 1, "Share of payments the mock provider authorises"),
      number<[](Config& c) -> auto& { return c.payments.mock.timeout_share; }>(
          "payments.mock.timeout_share", 0, 1,
          "Share of calls it never answers; half of those take effect"),
      number<[](Config& c) -> auto& { return c.payments.mock.seed; }>("payments.mock.seed", 0, kBig,
                                                                      "Seed of its decisions"),
      number<[](Config& c) -> auto& { return c.journal.flush_ms; }>(
          "journal.flush_ms", 1, 50, "Holds reach the disk's cache within this time"),
      number<[](Config& c) -> auto& { return c.journal.segment_bytes_max; }>(
          "journal.segment_bytes_max", 4096, kBig, "Journal size that makes a snapshot"),
      text<[](Config& c) -> auto& { return c.journal.sync; }>(
          "journal.sync", "", "fdatasync each flush: holds survive a power cut too"),
      text<[](Config& c) -> auto& { return c.errors.content_type; }>(
          "errors.content_type", "application/problem+json|application/json",
          "Content-Type of error bodies"),
      text<[](Config& c) -> auto& { return c.log.level; }>(
          "log.level", "trace|debug|info|warn|error|off", "Least severe log line written"),
      text<[](Config& c) -> auto& { return c.log.format; }>("log.format", "text|json",
                                                            "Form of a log line"),
      number<[](Config& c) -> auto& { return c.log.access_sample; }>(
          "log.access_sample", 0, 1, "Share of requests in the access log"),
  };
}

Failure wrong(const Setting& setting, std::string_view text, const std::string& what) {
  return {Code::validation_failed,
          std::string{setting.key} + ": '" + std::string{text} + "' " + what};
}

std::string bounds_of(const Setting& setting) {
  const auto plain = [](double value) {
    std::string digits = std::to_string(value);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
    return digits;
  };
  return "must be from " + plain(setting.low) + " to " + plain(setting.high);
}

template <typename Number>
bool parse_whole(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string shortest(double value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  return {digits, end};
}

// A TOML basic string (toml.io v1.0.0, String).
std::string quoted(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

const Setting* find_setting(std::string_view key) {
  for (const Setting& setting : settings()) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

Status apply_table(Config& config, const toml::table& table, const std::string& prefix) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string{name.str()};
    if (const toml::table* inner = node.as_table()) {
      if (Status status = apply_table(config, *inner, key + "."); !status) return status;
      continue;
    }
    const Setting* setting = find_setting(key);
    const auto line = " (line " + std::to_string(node.source().begin.line) + ")";
    if (setting == nullptr) {
      return Failure{Code::validation_failed, "unknown setting " + key + line};
    }
    std::string text;
    if (const auto* string = node.as_string()) {
      text = string->get();
    } else if (const auto* integer = node.as_integer()) {
      text = std::to_string(integer->get());
    } else if (const auto* real = node.as_floating_point()) {
      text = shortest(real->get());
    } else if (const auto* boolean = node.as_boolean()) {
      text = boolean->get() ? "true" : "false";
    } else {
      return Failure{Code::validation_failed, key + ": must be a single value" + line};
    }
    if (Status status = assign(config, *setting, text); !status) {
      return Failure{Code::validation_failed, status.error().detail + line};
    }
  }
  return ok();
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> table = make_table();
  return table;
}

Status assign(Config& config, const Setting& setting, std::string_view text) {
  void* place = setting.place(config);
  switch (setting.kind) {
    case Kind::text: {
      if (!setting.choices.empty()) {
        const std::string all = "|" + std::string{setting.choices} + "|";
        if (text.empty() || text.find('|') != text.npos ||
            all.find("|" + std::string{text} + "|") == std::string::npos) {
          return wrong(setting, text, "must be one of " + std::string{setting.choices});
        }
      }
      *static_cast<std::string*>(place) = std::string{text};
      return ok();
    }
    case Kind::integer: {
      std::int64_t value = 0;
      if (!parse_whole(text, value)) return wrong(setting, text, "must be a whole number");
      if (static_cast<double>(value) < setting.low || static_cast<double>(value) > setting.high) {
        return wrong(setting, text, bounds_of(setting));
      }
      *static_cast<std::int64_t*>(place) = value;
      return ok();
    }
    case Kind::real: {
      double value = 0;
      if (!parse_whole(text, value) || !std::isfinite(value)) {
        return wrong(setting, text, "must be a number");
      }
      if (value < setting.low || value > setting.high)
        return wrong(setting, text, bounds_of(setting));
      *static_cast<double*>(place) = value;
      return ok();
    }
    case Kind::boolean: {
      const bool yes = text == "true" || text == "on" || text == "1";
      if (!yes && text != "false" && text != "off" && text != "0") {
        return wrong(setting, text, "must be true or false");
      }
      *static_cast<bool*>(place) = yes;
      return ok();
    }
  }
  return ok();
}

std::string text_of(Config& config, const Setting& setting) {
  void* place = setting.place(config);
  switch (setting.kind) {
    case Kind::text:
      return *static_cast<std::string*>(place);
    case Kind::integer:
      return std::to_string(*static_cast<std::int64_t*>(place));
    case Kind::real:
      return shortest(*static_cast<double*>(place));
    case Kind::boolean:
      return *static_cast<bool*>(place) ? "true" : "false";
  }
  return "";
}

Status apply_toml(Config& config, std::string_view text, const std::string& name) {
  try {
    return apply_table(config, toml::parse(text), "");
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return Failure{Code::validation_failed, name + (line > 0 ? ":" + std::to_string(line) : "") +
                                                ": " + std::string{error.description()}};
  }
}

Status apply_file(Config& config, const std::string& path) {
  constexpr std::size_t kBytesMax = 1 << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure{Code::validation_failed, "cannot read the configuration " + path};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() > kBytesMax) {
    return Failure{Code::validation_failed, path + " is too large for a configuration"};
  }
  return apply_toml(config, text, path);
}

Status apply_environment(Config& config, char** environment, std::vector<std::string>& unknown) {
  constexpr std::string_view kPrefix = "ONSALE_";
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with(kPrefix)) continue;
    const std::size_t equals = entry.find('=');
    const std::string_view name = entry.substr(kPrefix.size(), equals - kPrefix.size());
    const std::string_view value = entry.substr(equals + 1);
    const Setting* found = nullptr;
    for (const Setting& setting : settings()) {
      std::string upper{setting.key};
      for (char& c : upper)
        c = c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      if (upper == name) found = &setting;
    }
    if (found == nullptr) {
      if (name != "CONFIG") unknown.emplace_back(entry.substr(0, equals));
      continue;
    }
    if (Status status = assign(config, *found, value); !status) return status;
  }
  return ok();
}

Status validate(const Config& config) {
  const auto& holds = config.holds;
  if (holds.seconds_min > holds.seconds_default || holds.seconds_default > holds.seconds_max) {
    return Failure{Code::validation_failed,
                   "holds.seconds_min <= holds.seconds_default <= holds.seconds_max must hold"};
  }
  if (holds.life_max_seconds < holds.seconds_max) {
    return Failure{Code::validation_failed,
                   "holds.life_max_seconds must be at least holds.seconds_max"};
  }
  if (config.http.port != 0 && config.http.port == config.http.internal_port) {
    return Failure{Code::validation_failed, "http.port and http.internal_port must differ"};
  }
  if (config.data_dir.empty())
    return Failure{Code::validation_failed, "data_dir must not be empty"};
  return ok();
}

std::string print_config(Config& config) {
  std::string out;
  std::string section;
  for (const Setting& setting : settings()) {
    const std::size_t dot = setting.key.rfind('.');
    const std::string here{dot == std::string_view::npos ? "" : setting.key.substr(0, dot)};
    if (here != section) {
      section = here;
      out += "\n[" + section + "]\n";
    }
    out += "# " + std::string{setting.sentence} + "\n";
    const std::string value = text_of(config, setting);
    out += std::string{setting.key.substr(dot == std::string_view::npos ? 0 : dot + 1)} + " = " +
           (setting.kind == Kind::text ? quoted(value) : value) + "\n";
  }
  return out;
}

}  // namespace onsale
