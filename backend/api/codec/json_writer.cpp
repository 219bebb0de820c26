// Escaping, hex and time for the direct JSON writers.
#include "api/codec/json_writer.hpp"

#include <array>

namespace onsale::api::json {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// Length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(at);
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return follows(at + 1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = lead == 0xED ? 0x9F : 0xBF;
    return follows(at + 1, low, high) && follows(at + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xF4 ? 0x8F : 0xBF;
    return follows(at + 1, low, high) && follows(at + 2) && follows(at + 3) ? 4 : 0;
  }
  return 0;
}

void append_two_digits(std::string& out, unsigned value) {
  out.push_back(static_cast<char>('0' + value / 10 % 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15U]);
      ++i;
    } else if (const std::size_t length = utf8_length(text, i); length > 0) {
      out.append(text, i, length);
      i += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  out.push_back('"');
}

void append_hex(std::string& out, Bits128 bits) {
  std::array<char, 32> digits{};
  for (unsigned i = 0; i < 16; ++i) {
    digits[i] = kHex[bits.hi >> (60U - 4U * i) & 15U];
    digits[16 + i] = kHex[bits.lo >> (60U - 4U * i) & 15U];
  }
  out.append(digits.data(), digits.size());
}

void append_time(std::string& out, Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const auto in_day = static_cast<unsigned>((at - day).count());
  const unsigned seconds = in_day / 1000;
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  out.push_back('"');
  append_two_digits(out, year / 100);
  append_two_digits(out, year % 100);
  out.push_back('-');
  append_two_digits(out, static_cast<unsigned>(date.month()));
  out.push_back('-');
  append_two_digits(out, static_cast<unsigned>(date.day()));
  out.push_back('T');
  append_two_digits(out, seconds / 3600);
  out.push_back(':');
  append_two_digits(out, seconds / 60 % 60);
  out.push_back(':');
  append_two_digits(out, seconds % 60);
  out.push_back('.');
  out.push_back(static_cast<char>('0' + in_day % 1000 / 100));
  append_two_digits(out, in_day % 100);
  out += "Z\"";
}

void append_uuid(std::string& out, Bits128 bits) {
  const auto chars = uuid_chars(bits);
  out.push_back('"');
  out.append(chars.data(), chars.size());
  out.push_back('"');
}

}  // namespace onsale::api::json
