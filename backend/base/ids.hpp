// Strong ids: an event is not a seat, a buyer is not an order, and the compiler knows.
//
// Numbers (EventId, SeatId) are what the catalogue counts; 128-bit ids (BuyerId, OrderId, …) are
// opaque. Text form of a 128-bit id is the UUID layout of RFC 9562: 8-4-4-4-12 lower-case hex.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace onsale {

template <typename Tag, typename Rep = std::uint64_t>
struct NumberId {
  Rep value = 0;
  friend constexpr auto operator<=>(const NumberId&, const NumberId&) = default;
};

using EventId = NumberId<struct EventIdTag>;
using SeatId = NumberId<struct SeatIdTag>;

// A change's number in its event's feed: epoch << 32 | counter, so that it grows over epochs too
// and stays exact in a JSON number (< 2^53 up to epoch 2^21).
struct Version {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Version&, const Version&) = default;

  static constexpr Version of(std::uint32_t epoch, std::uint32_t counter) {
    return {static_cast<std::uint64_t>(epoch) << 32U | counter};
  }
  [[nodiscard]] constexpr std::uint32_t epoch() const {
    return static_cast<std::uint32_t>(value >> 32U);
  }
  [[nodiscard]] constexpr Version next() const { return {value + 1}; }
};

struct Bits128 {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  friend constexpr auto operator<=>(const Bits128&, const Bits128&) = default;
};

// "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", 36 characters.
std::array<char, 36> uuid_chars(Bits128 bits);
// Accepts the dashed form and 32 bare hex digits, either case; anything else is nullopt.
std::optional<Bits128> parse_uuid(std::string_view text);

template <typename Tag>
struct WideId {
  Bits128 bits;
  friend constexpr auto operator<=>(const WideId&, const WideId&) = default;

  [[nodiscard]] constexpr bool is_nil() const { return bits.hi == 0 && bits.lo == 0; }
  [[nodiscard]] std::string to_string() const {
    const auto chars = uuid_chars(bits);
    return {chars.data(), chars.size()};
  }
  static std::optional<WideId> parse(std::string_view text) {
    const auto bits = parse_uuid(text);
    if (!bits) return std::nullopt;
    return WideId{*bits};
  }
};

using BuyerId = WideId<struct BuyerIdTag>;      // who is asking; random
using OrderId = WideId<struct OrderIdTag>;      // UUIDv7: ordered by time of creation
using MessageId = WideId<struct MessageIdTag>;  // one CloudEvent; UUIDv7
using AttemptId = WideId<struct AttemptIdTag>;  // one attempt at a payment provider
using TicketId = WideId<struct TicketIdTag>;    // random, opaque
using TraceId = WideId<struct TraceIdTag>;      // W3C Trace Context trace-id

}  // namespace onsale

template <typename Tag, typename Rep>
struct std::hash<onsale::NumberId<Tag, Rep>> {
  std::size_t operator()(const onsale::NumberId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};

template <typename Tag>
struct std::hash<onsale::WideId<Tag>> {
  std::size_t operator()(const onsale::WideId<Tag>& id) const noexcept {
    return static_cast<std::size_t>(id.bits.hi * 0x9E3779B97F4A7C15ULL ^ id.bits.lo);
  }
};
