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

// The last two decimal digits.
void put_two_digits(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10 % 10);
  at[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t kept = 0;  // everything before it is written
  std::size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    const std::size_t length = c < 0x80 ? 0 : utf8_length(text, i);
    if (length > 0) {
      i += length;
      continue;
    }
    out.append(text, kept, i - kept);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(text[i]);
    } else if (c < 0x20) {
      out += "\\u00";
      out.push_back(kHex[c >> 4U]);
      out.push_back(kHex[c & 15U]);
    } else {
      out += "\xEF\xBF\xBD";
    }
    kept = ++i;
  }
  out.append(text, kept, text.size() - kept);
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
  std::array<char, 26> text{'"', 0,   0, 0, 0,   '-', 0, 0,   '-', 0, 0, 'T', 0,
                            0,   ':', 0, 0, ':', 0,   0, '.', 0,   0, 0, 'Z', '"'};
  put_two_digits(&text[1], year / 100);
  put_two_digits(&text[3], year);
  put_two_digits(&text[6], static_cast<unsigned>(date.month()));
  put_two_digits(&text[9], static_cast<unsigned>(date.day()));
  put_two_digits(&text[12], seconds / 3600);
  put_two_digits(&text[15], seconds / 60 % 60);
  put_two_digits(&text[18], seconds % 60);
  text[21] = static_cast<char>('0' + in_day % 1000 / 100);
  put_two_digits(&text[22], in_day);
  out.append(text.data(), text.size());
}

void append_uuid(std::string& out, Bits128 bits) {
  const auto chars = uuid_chars(bits);
  out.push_back('"');
  out.append(chars.data(), chars.size());
  out.push_back('"');
}

}  // namespace onsale::api::json
