// Text forms of 128-bit ids.
#include "base/ids.hpp"

namespace onsale {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::array<char, 36> uuid_chars(Bits128 bits) {
  std::array<char, 36> out{};
  std::size_t at = 0;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out[at++] = '-';
    const std::uint64_t half = nibble < 16 ? bits.hi : bits.lo;
    out[at++] = kHex[half >> (60U - 4U * static_cast<unsigned>(nibble % 16)) & 0xFU];
  }
  return out;
}

std::optional<Bits128> parse_uuid(std::string_view text) {
  const bool dashed = text.size() == 36;
  if (!dashed && text.size() != 32) return std::nullopt;
  Bits128 bits;
  int nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (dashed && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    std::uint64_t& half = nibble < 16 ? bits.hi : bits.lo;
    half = half << 4U | static_cast<std::uint64_t>(value);
    ++nibble;
  }
  return bits;
}

}  // namespace onsale
