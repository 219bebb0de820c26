// Comparing secrets: a comparison that ends at the first difference tells a stranger how far he got.
#pragma once

#include <cstddef>
#include <string_view>

namespace onsale {

// True if both are equal, in time that depends on their lengths only.
inline bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  // volatile: the compiler may not find out early what the answer will be.
  const volatile char* left = a.data();
  const volatile char* right = b.data();
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(left[i] ^ right[i]);
  }
  return difference == 0;
}

}  // namespace onsale
