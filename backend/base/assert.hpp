// A bug is not an error value: check() stays on in release, prints where and why, and aborts.
// Use it for what can only be false if our own code is wrong; never for input or for the weather.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace onsale {

[[noreturn]] inline void fail_check(const char* what, std::source_location where) {
  std::fprintf(stderr, "onsale: bug at %s:%u in %s: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name(), what);
  std::abort();
}

inline void check(bool holds, const char* what,
                  std::source_location where = std::source_location::current()) {
  if (!holds) [[unlikely]] {
    fail_check(what, where);
  }
}

}  // namespace onsale
