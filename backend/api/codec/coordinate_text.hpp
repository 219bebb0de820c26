// Coordinates as text: the shortest digits that read back as the same number.
#pragma once

#include <charconv>
#include <string>

namespace onsale::codec {

inline void append_coordinate(std::string& out, double value) {
  char digits[32];
  // Plain digits for what a plan holds; an exponent only for the absurd.
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace onsale::codec
