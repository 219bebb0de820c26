// What the crowd has met so far: counted per kind of call, read by the live view and the report.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "rehearsal/histogram.hpp"

namespace onsale::rehearsal {

enum class Call : std::uint8_t {
  look,     // GET /events/{id}/seats
  hold,     // POST /reservations
  extend,   // POST …/extend
  release,  // DELETE
  order,    // POST /orders, first time
  replay,   // POST /orders, same key again
  poll,     // GET /orders/{id}
  ask,      // GET /reservations, GET /orders: finding out what is ours
};
inline constexpr std::size_t call_kinds = 8;
inline constexpr std::array<std::string_view, call_kinds> call_names = {
    "look", "hold", "extend", "release", "order", "replay", "poll", "ask"};

struct CallTally {
  std::uint64_t ok = 0;             // 2xx, 304
  std::uint64_t refused = 0;        // 4xx: an answer, and an expected one in a rush
  std::uint64_t server_errors = 0;  // 5xx
  std::uint64_t resets = 0;         // cut off without an answer
  std::uint64_t timeouts = 0;
  std::uint64_t unreachable = 0;  // no connection
  // Of every 2xx and 4xx, from when the buyer meant to send it (not from when we got round to it).
  Histogram latency;
};

struct Tally {
  std::array<CallTally, call_kinds> by_call;
  // "409 RESERVATION_CONFLICT" → how often. The codes are the contract's: few.
  std::map<std::string, std::uint64_t> refusals;
  std::map<int, std::uint64_t> server_errors;

  std::uint64_t buyers_arrived = 0;
  std::uint64_t buyers_gone = 0;
  std::uint64_t holds = 0;
  std::uint64_t seats_held = 0;
  std::uint64_t orders = 0;
  std::uint64_t confirmed = 0;
  std::uint64_t seats_confirmed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t replays_identical = 0;
  std::uint64_t unknown_resolved = 0;  // outcomes unknown at first, then learned by asking
  Histogram settled;                   // POST /orders sent → its end seen

  // How each buyer's visit ended.
  std::map<std::string, std::uint64_t> goodbyes;

  CallTally& of(Call call) { return by_call[static_cast<std::size_t>(call)]; }
  [[nodiscard]] const CallTally& of(Call call) const {
    return by_call[static_cast<std::size_t>(call)];
  }
};

}  // namespace onsale::rehearsal
