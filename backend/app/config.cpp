// The table of settings and the three ways into it.
#include "app/config.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

#include "app/toml.hpp"

namespace onsale {
namespace {

using Kind = Setting::Kind;

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

bool plays(const Config& config, std::string_view role) {
  std::string_view rest = config.roles;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view each = rest.substr(0, comma);
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    if (each == role) return true;
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return false;
}

std::string without_password(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.rfind('@');
  if (scheme == std::string_view::npos || at == std::string_view::npos) return std::string{url};
  const std::size_t colon = url.find(':', scheme + 3);
  if (colon == std::string_view::npos || colon > at) return std::string{url};
  return std::string{url.substr(0, colon + 1)} + "********" + std::string{url.substr(at)};
}

namespace {

// A role without the address of an engine it lives on cannot begin: said here, by the key's name.
Status validate_roles(const Config& config) {
  if (config.roles.empty()) {
    const bool engines = !config.redis.url.empty() || !config.db.url.empty() ||
                         !config.kafka.brokers.empty() || !config.peers.reservation.empty() ||
                         !config.peers.payment.empty();
    if (!engines) return ok();
    return Failure{Code::validation_failed,
                   "addresses of engines are given, but no roles; add --roles "
                   "catalog,reservation,order,payment, or drop them for an office in one process"};
  }
  constexpr std::string_view kRoles[] = {"catalog", "reservation", "order", "payment"};
  std::string_view rest = config.roles;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    std::string_view each = rest.substr(0, comma);
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    if (std::find(std::begin(kRoles), std::end(kRoles), each) == std::end(kRoles)) {
      return Failure{Code::validation_failed, "roles: '" + std::string{each} +
                                                  "' is none; they are catalog, reservation, "
                                                  "order and payment"};
    }
    more = comma != std::string_view::npos;
    if (more) rest = rest.substr(comma + 1);
  }
  const auto needs = [](const char* role, const char* key, const char* example) {
    return Failure{Code::validation_failed, std::string{"the role "} + role + " needs " + key +
                                                ", e.g. --" + key + " " + example};
  };
  const bool catalog = plays(config, "catalog");
  const bool reservation = plays(config, "reservation");
  const bool order = plays(config, "order");
  const bool payment = plays(config, "payment");
  const char* some = catalog       ? "catalog"
                     : reservation ? "reservation"
                     : order       ? "order"
                                   : "payment";
  if (config.db.url.empty()) {
    return needs(some, "db.url", "mysql://onsale@db.internal:3306/onsale");
  }
  if ((catalog || reservation) && config.redis.url.empty()) {
    return needs(catalog ? "catalog" : "reservation", "redis.url", "redis://redis.internal:6379");
  }
  if ((reservation || order) && config.kafka.brokers.empty()) {
    return needs(reservation ? "reservation" : "order", "kafka.brokers", "kafka.internal:9092");
  }
  if (order && !reservation && config.peers.reservation.empty()) {
    return needs("order", "peers.reservation", "reservation-1:8081,reservation-2:8081");
  }
  if (order && !payment && config.peers.payment.empty()) {
    return needs("order", "peers.payment", "payment-1:8081,payment-2:8081");
  }
  return ok();
}

}  // namespace

Status validate(const Config& config) {
  if (Status roles = validate_roles(config); !roles) return roles;
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
    const std::string value = setting.key.ends_with("url")
                                  ? without_password(text_of(config, setting))
                                  : text_of(config, setting);
    out += std::string{setting.key.substr(dot == std::string_view::npos ? 0 : dot + 1)} + " = " +
           (setting.kind == Kind::text ? quoted(value) : value) + "\n";
  }
  return out;
}

}  // namespace onsale
