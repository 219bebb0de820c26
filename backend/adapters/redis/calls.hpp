// A port call on its way to Redis and back: its text for the library, the meaning of the answer, and
// a seat's record in both directions. Pure; the layout is told in seat_library.lua.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "domain/seat/numbering.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_ledger.hpp"

namespace onsale::redis {

// The first byte of the call's text.
enum class CallKind : char {
  hold = 'H',
  extend = 'E',
  release = 'R',
  pin = 'P',
  sell = 'S',
  unpin = 'U',
  give_back = 'G',
  confirm = 'C',
  block = 'B',
  block_if_available = 'b',
  unblock = 'N',
};

struct CallWish {
  CallKind kind{};
  EventId event;
  SeatIds seats;
  BuyerId buyer;
  OrderId order;
  Milliseconds wanted{};  // hold: how long; extend: by
  Milliseconds life_max{};
  Instant deadline;
  std::uint32_t limit = 0;
};

struct CallOutcome {
  std::optional<Refused> refused;
  Version version;
  Instant expires_at;
};

// What keeps the wish from being asked at all: seat_not_found, validation_failed.
std::optional<Code> fault_of(const CallWish& wish, const SeatNumbering& numbering);
std::string encode(const CallWish& wish, const SeatNumbering& numbering);
// nullopt: not an answer of the library.
std::optional<CallOutcome> decode(std::string_view answer, const CallWish& wish,
                                  std::uint32_t epoch);

std::string encode_record(const seat::State& state);
seat::State decode_record(std::string_view record);
// When the hold or pin in a record ends; nullopt for all others.
std::optional<Instant> end_of(const seat::State& state);
std::optional<BuyerId> owner_of(const seat::State& state);

std::string encode_index(std::uint32_t index);
std::uint32_t decode_index(std::string_view bytes);  // of 4 bytes
std::string encode_id(Bits128 bits);
Bits128 decode_id(std::string_view bytes);  // of 16 bytes
// Writes a record if the seat still is what `old` says (empty: never touched).
std::string encode_replace(std::uint32_t index, std::string_view old, std::string_view next);

}  // namespace onsale::redis
