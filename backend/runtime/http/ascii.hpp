// Character tests of the HTTP grammar (RFC 9110 section 5.6), independent of any locale.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace onsale::http {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool same_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What a byte may be part of.
enum CharClass : std::uint8_t {
  kToken = 1,   // tchar: method and field names
  kTarget = 2,  // request target: visible ASCII but '#'
  kHost = 4,    // uri-host [":" port]
};

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (int c = 0x21; c < 0x7f; ++c) {
    const bool letter_or_digit =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const char as_char = static_cast<char>(c);
    std::uint8_t bits = 0;
    if (letter_or_digit ||
        std::string_view("!#$%&'*+-.^_`|~").find(as_char) != std::string_view::npos)
      bits |= kToken;
    if (c != '#') bits |= kTarget;
    if (letter_or_digit ||
        std::string_view("-._~!$&'()*+,;=:[]%").find(as_char) != std::string_view::npos)
      bits |= kHost;
    classes[static_cast<std::size_t>(c)] = bits;
  }
  return classes;
}
inline constexpr std::array<std::uint8_t, 256> kCharClasses = make_char_classes();

constexpr bool is(char c, CharClass char_class) {
  return (kCharClasses[static_cast<unsigned char>(c)] & char_class) != 0;
}

}  // namespace onsale::http
