// Reading a database's URL.
#include "adapters/mysql/endpoint.hpp"

#include <charconv>
#include <optional>

namespace onsale::mysql {
namespace {

std::optional<unsigned> hex_of(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_of(text[i + 1]);
    const auto low = hex_of(text[i + 2]);
    if (!high || !low) return std::nullopt;
    plain.push_back(static_cast<char>(*high << 4U | *low));
    i += 2;
  }
  return plain;
}

Failure fault(const char* what) {
  return Failure{
      Code::validation_failed,
      std::string("the database's URL must be mysql://user:password@host:port/database; ") + what};
}

// Cuts `rest` at `mark`: what stands before it is answered, `rest` keeps what follows.
std::optional<std::string_view> cut(std::string_view& rest, char mark) {
  const std::size_t at = rest.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return before;
}

}  // namespace

std::string Endpoint::to_string() const {
  return user + "@" + host + ":" + std::to_string(port) + "/" + database;
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  constexpr std::string_view kScheme = "mysql://";
  if (!url.starts_with(kScheme)) return fault("it does not begin with mysql://");
  std::string_view rest = url.substr(kScheme.size());
  Endpoint endpoint;

  const std::size_t at = rest.rfind('@');
  if (at == std::string_view::npos) return fault("it names no user");
  std::string_view password = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const auto named = cut(password, ':');
  const auto user = decoded(named ? *named : password);
  const auto secret = decoded(named ? password : std::string_view{});
  if (!user || user->empty() || !secret) return fault("its user or password cannot be read");
  endpoint.user = *user;
  endpoint.password = *secret;

  const auto address = cut(rest, '/');
  if (!address) return fault("it names no database");
  std::string_view port = *address;
  const auto host = cut(port, ':');
  endpoint.host = host ? *host : *address;
  if (endpoint.host.empty()) return fault("it names no host");
  if (host) {
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc{} || end != port.data() + port.size() || endpoint.port == 0) {
      return fault("its port is no port");
    }
  }

  std::string_view options = rest;
  const auto database = cut(options, '?');
  endpoint.database = database ? *database : rest;
  if (endpoint.database.empty()) return fault("it names no database");
  if (database) {
    constexpr std::string_view kCa = "ca=";
    if (!options.starts_with(kCa)) return fault("after '?' only ca=FILE is known");
    const auto file = decoded(options.substr(kCa.size()));
    if (!file || file->empty()) return fault("after '?' only ca=FILE is known");
    endpoint.ca_file = *file;
  }
  return endpoint;
}

}  // namespace onsale::mysql
