// Writes JSON straight into a buffer: the hot answers are a handful of fields, and a document model
// would cost more than the seat they speak of. RFC 8259.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale::api::json {

inline void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}
inline void append_number(std::string& out, std::int64_t value) {
  char digits[21];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

// With quotes; control characters, quote and backslash escaped. Input is UTF-8 and passes through;
// bytes that are not well-formed UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

// 32 lower-case hex digits, without quotes (a Trace-Id).
void append_hex(std::string& out, Bits128 bits);

// RFC 3339, UTC, milliseconds, with quotes: "2026-11-22T15:33:00.123Z".
void append_time(std::string& out, Instant at);

// The 36-character UUID form, with quotes.
void append_uuid(std::string& out, Bits128 bits);

}  // namespace onsale::api::json
