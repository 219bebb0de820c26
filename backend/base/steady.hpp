// The clock that nobody sets (CLOCK_MONOTONIC): for waiting and measuring within one process. What
// is told to somebody or kept is an Instant of the Clock port.
#pragma once

#include <chrono>
#include <cstdint>

namespace onsale {

using SteadyTime = std::chrono::steady_clock::time_point;

inline SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

// Milliseconds since an unknown moment; fits an atomic.
inline std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::duration<std::int64_t, std::milli>>(
             steady_now().time_since_epoch())
      .count();
}

}  // namespace onsale
