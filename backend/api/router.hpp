// Which handler answers which address: one constexpr table (routes/route_table.cpp) of service,
// verb, pattern and handler, matched segment by segment without allocating.
//
// An address is written in several forms (contract/openapi.yaml): /ticketing/{service}/api/X, and
// /ticketing/api/X where a service stands alone; operations and documents also at the root.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/http/message.hpp"

namespace onsale::api {

enum class Service : std::uint8_t { catalog, reservation, order, payment, operations, documents };

std::string_view name_of(Service service);  // "reservation" …

inline constexpr std::size_t kSegmentsMax = 5;

// A path cut at its slashes, the prefix taken off.
struct Address {
  std::array<std::string_view, kSegmentsMax> segments{};
  std::size_t count = 0;
  std::optional<Service> service;  // named in the path
  bool rooted = false;             // without /ticketing
};

// nullopt: no form of ours (too many segments, wrong prefix).
std::optional<Address> parse_address(std::string_view path);

// What stood in a pattern's {…} places, in order.
struct PathValues {
  std::array<std::string_view, 2> values{};
  std::size_t count = 0;
};

// Does `address` fit `pattern` ("events/{}/seats")? Fills `values`.
bool matches(const Address& address, std::string_view pattern, PathValues& values);

// 1 … 2^53-1 without sign or leading zero; anything else names nothing.
std::optional<std::uint64_t> parse_id(std::string_view text);

}  // namespace onsale::api
