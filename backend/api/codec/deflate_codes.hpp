// The parts of DEFLATE (RFC 1951) that a writer with its own matches needs: bits, prefix codes made
// from symbol counts, and the header of a block that carries such codes.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace onsale::codec {

inline constexpr std::size_t kLiteralSymbols = 286;  // 0–255 bytes, 256 end of block, then lengths
inline constexpr std::size_t kDistanceSymbols = 30;
inline constexpr unsigned kEndOfBlock = 256;
inline constexpr unsigned kMatchMin = 3;
inline constexpr unsigned kMatchMax = 258;
inline constexpr unsigned kWindow = 32'768;

// A run of bits in the order they are sent, lowest first.
struct Bits {
  std::uint64_t value = 0;
  unsigned count = 0;  // at most 56

  void append(Bits more) {
    value |= more.value << count;
    count += more.count;
  }
};

// Appends bits to a string. finish() before the string is read.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out), at_(out.size()) {}

  void put(Bits bits) {
    if (out_.size() - at_ < 16) out_.resize(out_.size() + out_.size() / 2 + 1024);
    held_ |= bits.value << used_;
    used_ += bits.count;
    // Eight bytes are written, the whole ones kept; used_ stays below 8.
    std::uint64_t raw = held_;
    if constexpr (std::endian::native == std::endian::big) raw = __builtin_bswap64(raw);
    std::memcpy(out_.data() + at_, &raw, sizeof raw);
    const unsigned whole = used_ / 8;
    at_ += whole;
    held_ = whole == 8 ? 0 : held_ >> (8 * whole);
    used_ -= 8 * whole;
  }
  // An empty stored block: brings the stream to a byte boundary.
  void align() {
    put({0, 3});
    if (used_ > 0) put({0, 8 - used_});
    put({0xFFFF0000U, 32});
  }
  // The last byte is filled up with 0.
  void finish() { out_.resize(at_ + (used_ > 0 ? 1 : 0)); }

 private:
  std::string& out_;
  std::size_t at_;
  std::uint64_t held_ = 0;
  unsigned used_ = 0;
};

// How often each symbol is expected. Every symbol that may ever be written must be counted.
struct SymbolCounts {
  std::array<std::uint32_t, kLiteralSymbols> literals{};
  std::array<std::uint32_t, kDistanceSymbols> distances{};

  void literal(char byte) { ++literals[static_cast<unsigned char>(byte)]; }
  void match(unsigned length, unsigned distance);
};

// Prefix codes for literals, lengths and distances, as near to the best as 15 bits allow.
class DeflateCodes {
 public:
  explicit DeflateCodes(SymbolCounts counts);

  [[nodiscard]] Bits literal(char byte) const {
    return literals_[static_cast<unsigned char>(byte)];
  }
  // 3 ≤ length ≤ 258, 1 ≤ distance ≤ 32768; at most 48 bits.
  [[nodiscard]] Bits match(unsigned length, unsigned distance) const {
    Bits bits = lengths_[length];
    bits.append(this->distance(distance));
    return bits;
  }
  [[nodiscard]] Bits end_of_block() const { return literals_[kEndOfBlock]; }

  // The head of a block with these codes.
  void put_header(BitWriter& out, bool last_block) const;

 private:
  [[nodiscard]] Bits distance(unsigned distance) const;
  void encode_header();

  std::array<std::uint8_t, kLiteralSymbols> literal_sizes_{};
  std::array<std::uint8_t, kDistanceSymbols> distance_sizes_{};
  std::array<Bits, kLiteralSymbols> literals_{};
  std::array<Bits, kDistanceSymbols> distances_{};
  std::array<Bits, kMatchMax + 1> lengths_{};  // by match length, extra bits included
  std::array<Bits, 384> header_{};
  std::size_t header_parts_ = 0;
};

}  // namespace onsale::codec
