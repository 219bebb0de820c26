// The three forms of a Redis address.
#include "adapters/redis/options.hpp"

#include <charconv>
#include <optional>

namespace onsale::redis {
namespace {

Failure wrong(std::string why) { return {Code::validation_failed, "redis address: " + why}; }

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint endpoint;
  const std::size_t colon = text.rfind(':');
  endpoint.host = text.substr(0, colon);
  if (endpoint.host.empty()) return std::nullopt;
  if (colon == std::string_view::npos) return endpoint;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc{} || end != port.data() + port.size() || endpoint.port == 0) {
    return std::nullopt;
  }
  return endpoint;
}

}  // namespace

Result<Options> parse_url(std::string_view url) {
  Options options;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return wrong("wants redis://host:port");
  const std::string_view scheme = url.substr(0, scheme_end);
  std::string_view rest = url.substr(scheme_end + 3);
  if (scheme == "redis") {
    options.form = Form::single;
  } else if (scheme == "redis-sentinel") {
    options.form = Form::sentinel;
  } else if (scheme == "redis-cluster") {
    options.form = Form::cluster;
  } else {
    return wrong("unknown scheme '" + std::string(scheme) + "'");
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view who = rest.substr(0, at);
    const std::size_t colon = who.find(':');
    if (colon != std::string_view::npos) options.user = who.substr(0, colon);
    options.password = who.substr(colon == std::string_view::npos ? 0 : colon + 1);
    rest = rest.substr(at + 1);
  }
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    options.master_name = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  if ((options.form == Form::sentinel) != !options.master_name.empty()) {
    return wrong(options.form == Form::sentinel ? "a sentinel address ends in /master-name"
                                                : "only a sentinel address has a name after '/'");
  }
  options.seeds.clear();
  while (true) {
    const std::size_t comma = rest.find(',');
    const auto endpoint = parse_endpoint(rest.substr(0, comma));
    if (!endpoint) return wrong("'" + std::string(rest.substr(0, comma)) + "' is no host:port");
    options.seeds.push_back(*endpoint);
    if (comma == std::string_view::npos) break;
    rest = rest.substr(comma + 1);
  }
  if (options.form == Form::single && options.seeds.size() != 1) {
    return wrong("redis:// names one server");
  }
  return options;
}

}  // namespace onsale::redis
