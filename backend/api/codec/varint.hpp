// Numbers of any size in as few bytes as they need, as the compact forms of the contract write them.
#pragma once

#include <cstdint>
#include <string>

namespace onsale::codec {

// LEB128: seven bits a byte, low bits first, the high bit set while more follow.
inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

// A difference, so that small ones of either sign are short: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.
inline void append_difference(std::string& out, std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  append_varint(out, value < 0 ? ~(bits << 1U) : bits << 1U);
}

}  // namespace onsale::codec
