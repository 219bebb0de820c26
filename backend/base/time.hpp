// Time as the house counts it. Instant: milliseconds since the Unix epoch, UTC, as told by the
// Clock port (which never runs backwards within one process). Units are in the names elsewhere.
#pragma once

#include <chrono>
#include <cstdint>

namespace onsale {

using Milliseconds = std::chrono::duration<std::int64_t, std::milli>;
using Seconds = std::chrono::duration<std::int64_t>;
using Instant = std::chrono::time_point<std::chrono::system_clock, Milliseconds>;

constexpr Instant instant_of_ms(std::int64_t ms_since_epoch) {
  return Instant{Milliseconds{ms_since_epoch}};
}
constexpr std::int64_t ms_of(Instant at) { return at.time_since_epoch().count(); }

}  // namespace onsale
