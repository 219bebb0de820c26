// Cutting and matching of addresses.
#include "api/router.hpp"

#include <charconv>

namespace onsale::api {
namespace {

std::optional<Service> service_of(std::string_view name) {
  if (name == "catalog") return Service::catalog;
  if (name == "reservation") return Service::reservation;
  if (name == "order") return Service::order;
  if (name == "payment") return Service::payment;
  return std::nullopt;
}

bool take_prefix(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::string_view name_of(Service service) {
  switch (service) {
    case Service::catalog:
      return "catalog";
    case Service::reservation:
      return "reservation";
    case Service::order:
      return "order";
    case Service::payment:
      return "payment";
    case Service::operations:
      return "operations";
    case Service::documents:
      return "documents";
  }
  return "";
}

std::optional<Address> parse_address(std::string_view path) {
  Address address;
  if (take_prefix(path, "/ticketing/")) {
    if (!take_prefix(path, "api/")) {
      const std::size_t slash = path.find('/');
      if (slash == std::string_view::npos) return std::nullopt;
      address.service = service_of(path.substr(0, slash));
      path.remove_prefix(slash);
      if (!address.service || !take_prefix(path, "/api/")) return std::nullopt;
    }
  } else {
    if (!take_prefix(path, "/")) return std::nullopt;
    address.rooted = true;
  }
  while (true) {
    if (address.count == kSegmentsMax) return std::nullopt;
    const std::size_t slash = path.find('/');
    address.segments[address.count++] = path.substr(0, slash);
    if (slash == std::string_view::npos) return address;
    path.remove_prefix(slash + 1);
  }
}

bool matches(const Address& address, std::string_view pattern, PathValues& values) {
  values.count = 0;
  for (std::size_t i = 0; i < address.count; ++i) {
    const std::size_t slash = pattern.find('/');
    const std::string_view wanted = pattern.substr(0, slash);
    if (wanted == "{}") {
      values.values[values.count++] = address.segments[i];
    } else if (wanted != address.segments[i]) {
      return false;
    }
    const bool last = i + 1 == address.count;
    if (slash == std::string_view::npos) return last;
    if (last) return false;
    pattern.remove_prefix(slash + 1);
  }
  return false;
}

std::optional<std::uint64_t> parse_id(std::string_view text) {
  constexpr std::uint64_t kIdMax = (1ULL << 53U) - 1;
  if (text.empty() || text.front() == '0') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > kIdMax) {
    return std::nullopt;
  }
  return value;
}

}  // namespace onsale::api
