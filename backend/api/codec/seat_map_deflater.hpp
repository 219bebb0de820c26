// The seat map as gzip, at the price of a few additions a seat.
//
// A general compressor spends 10 to 20 ns a byte finding matches, and in this text they are known:
// a seat's line repeats the line before it but for a few digits, at the same distance for ever,
// because every field that changes has a fixed width. Only which earlier seat has the same status
// changes. So the codes are made once for an event, the bits of everything that stands between two
// statuses are worked out once, and to deflate again is to append, for each seat, one match for its
// status (from the last seat of the chunk that had the same, running on into the next id), and the
// prepared bits.
//
// Seats go in chunks, each a DEFLATE block of its own that ends on a byte; a status is matched
// inside its chunk only, so a change deflates one chunk. The checksum is never computed over the
// text: a CRC is linear, so a change of status adds the CRC of the difference, shifted to its place.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "api/codec/deflate_codes.hpp"
#include "api/codec/seat_map_text.hpp"
#include "base/ids.hpp"
#include "domain/seat/seat.hpp"

namespace onsale::codec {

class SeatMapDeflater {
 public:
  static constexpr std::size_t kChunkSeats = 512;

  // `text` must outlive it. Every seat is AVAILABLE.
  explicit SeatMapDeflater(const SeatMapText& text);

  // A seat has another status. Seats beyond the text are ignored.
  void set(std::uint32_t index, seat::WireStatus status);
  [[nodiscard]] seat::WireStatus status(std::uint32_t index) const { return statuses_[index]; }

  // Replaces `out` by the gzip member of the map at `version`.
  void write(Version version, std::string& out);

 private:
  struct Chunk {
    std::string deflated;
    bool dirty = true;
  };

  void prepare_checksum();
  void prepare_fixed_bits();
  void deflate(std::size_t chunk);

  const SeatMapText& text_;
  std::vector<seat::WireStatus> statuses_;
  DeflateCodes codes_;
  // Bits from the end of the next seat's id to its status, by seat; in pieces of at most 56.
  std::vector<Bits> fixed_;
  std::vector<std::uint32_t> fixed_begin_;
  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> shift_;  // by seat: CRC operator for the bytes after its status field
  std::array<std::array<std::uint32_t, 4>, 4> flip_{};  // CRC of old xor new status
  std::uint32_t shift_body_ = 0;                        // operator for all bytes after the head
  std::uint32_t body_crc_ = 0;                          // of everything after the head
};

}  // namespace onsale::codec
