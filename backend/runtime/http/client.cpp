// Addresses, and finding the pool of the calling loop.
#include "runtime/http/client.hpp"

#include <charconv>

#include "base/assert.hpp"
#include "runtime/http/client_pool.hpp"

namespace onsale::http {

Result<Origin> parse_origin(std::string_view text) {
  const auto wrong = [&] {
    return Failure{Code::validation_failed,
                   "'" + std::string{text} + "' is no address; write host:port"};
  };
  std::string_view rest = text;
  constexpr std::string_view kScheme = "http://";
  if (rest.starts_with(kScheme)) rest.remove_prefix(kScheme.size());
  while (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong();
  std::string_view host = rest.substr(0, colon);
  const std::string_view port = rest.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Origin origin{.host = std::string{host}, .port = 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), origin.port);
  const bool whole = error == std::errc{} && end == port.data() + port.size() && origin.port > 0;
  if (!whole || host.empty() || host.find_first_of(" /@\r\n") != std::string_view::npos) {
    return wrong();
  }
  return origin;
}

std::string text_of(const Origin& origin) {
  const bool v6 = origin.host.find(':') != std::string::npos;
  return (v6 ? "[" + origin.host + "]" : origin.host) + ":" + std::to_string(origin.port);
}

std::string_view name_of(ClientFault fault) {
  switch (fault) {
    case ClientFault::none:
      return "none";
    case ClientFault::not_connected:
      return "not connected";
    case ClientFault::no_room:
      return "no room";
    case ClientFault::timed_out:
      return "timed out";
    case ClientFault::broken:
      return "broken";
    case ClientFault::too_large:
      return "too large";
    case ClientFault::malformed:
      return "malformed";
  }
  return "";
}

HttpClient::HttpClient(ClientLimits limits) : limits_(limits) {}
HttpClient::~HttpClient() = default;

Task<ClientAnswer> HttpClient::call(Origin origin, ClientCall call) {
  auto* const loop = dynamic_cast<AsioScheduler*>(Scheduler::current());
  check(loop != nullptr, "an HTTP call needs a loop to run on");
  stats_.calls.fetch_add(1, std::memory_order_relaxed);
  return pool_of(*loop, origin).call(std::move(call));
}

ClientPool& HttpClient::pool_of(AsioScheduler& loop, const Origin& origin) {
  const Lock lock(mutex_);
  for (const auto& pool : pools_) {
    if (pool->serves(loop, origin)) return *pool;
  }
  pools_.push_back(std::make_unique<ClientPool>(loop, origin, limits_, stats_));
  return *pools_.back();
}

}  // namespace onsale::http
