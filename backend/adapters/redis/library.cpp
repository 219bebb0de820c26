// seat_library.lua, embedded at build, named by its checksum.
#include "adapters/redis/library.hpp"

#include <array>
#include <cstdio>

#include "base/crc32c.hpp"

namespace onsale::embedded {
std::string_view seat_library();
}

namespace onsale::redis {

const std::string& library_name() {
  static const std::string name = [] {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "onsale_v1_%08x", crc32c(embedded::seat_library()));
    return std::string(text.data());
  }();
  return name;
}

const std::string& library_text() {
  static const std::string text = [] {
    constexpr std::string_view kPlace = "@NAME@";
    std::string filled(embedded::seat_library());
    for (std::size_t at = filled.find(kPlace); at != std::string::npos; at = filled.find(kPlace)) {
      filled.replace(at, kPlace.size(), library_name());
    }
    return filled;
  }();
  return text;
}

std::string function(std::string_view name) { return library_name() + "_" + std::string(name); }

}  // namespace onsale::redis
