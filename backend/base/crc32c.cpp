// CRC-32C by the SSE 4.2 instruction if the processor has it, else by table.
//
// The instruction takes 3 cycles but starts one each cycle, so long inputs run as three independent
// streams that are joined by shifting a checksum over `n` zero bytes: crc(A‖B) = shift(crc(A), |B|)
// ^ crc(B). The shift is a linear map on 32 bits, kept as four tables of 256.
#include "base/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

namespace onsale {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;  // reflected
using Table = std::array<std::uint32_t, 256>;

constexpr Table make_table() {
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr Table kTable = make_table();

#if defined(__x86_64__)

constexpr std::size_t kStreamBytes = 4096;

struct Shift {
  std::array<Table, 4> tables{};
  [[nodiscard]] std::uint32_t operator()(std::uint32_t crc) const {
    return tables[0][crc & 0xFFU] ^ tables[1][crc >> 8U & 0xFFU] ^ tables[2][crc >> 16U & 0xFFU] ^
           tables[3][crc >> 24U];
  }
};

std::uint32_t after_zeros(std::uint32_t crc, std::size_t zeros) {
  for (std::size_t i = 0; i < zeros; ++i) crc = (crc >> 8U) ^ kTable[crc & 0xFFU];
  return crc;
}

Shift make_shift(std::size_t zeros) {
  std::array<std::uint32_t, 32> of_bit{};
  for (unsigned bit = 0; bit < 32; ++bit) of_bit[bit] = after_zeros(1U << bit, zeros);
  Shift shift;
  for (unsigned byte = 0; byte < 4; ++byte) {
    for (unsigned value = 0; value < 256; ++value) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        if ((value >> bit & 1U) != 0) shift.tables[byte][value] ^= of_bit[byte * 8 + bit];
      }
    }
  }
  return shift;
}

std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(const char* at,
                                                                      std::size_t length,
                                                                      std::uint32_t crc) {
  static const Shift one_stream = make_shift(kStreamBytes);
  while (length >= 3 * kStreamBytes) {
    std::uint64_t a = crc;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    for (std::size_t i = 0; i < kStreamBytes; i += 8) {
      a = __builtin_ia32_crc32di(a, word_at(at + i));
      b = __builtin_ia32_crc32di(b, word_at(at + kStreamBytes + i));
      c = __builtin_ia32_crc32di(c, word_at(at + 2 * kStreamBytes + i));
    }
    crc = one_stream(static_cast<std::uint32_t>(a)) ^ static_cast<std::uint32_t>(b);
    crc = one_stream(crc) ^ static_cast<std::uint32_t>(c);
    at += 3 * kStreamBytes;
    length -= 3 * kStreamBytes;
  }
  std::uint64_t wide = crc;
  for (; length >= 8; at += 8, length -= 8) wide = __builtin_ia32_crc32di(wide, word_at(at));
  crc = static_cast<std::uint32_t>(wide);
  for (; length > 0; ++at, --length) {
    crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(*at));
  }
  return crc;
}

#endif

}  // namespace

std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const char byte : bytes) {
    crc = (crc >> 8U) ^ kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
  }
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ~crc32c_by_instruction(bytes.data(), bytes.size(), ~seed);
#endif
  return crc32c_by_table(bytes, seed);
}

}  // namespace onsale
