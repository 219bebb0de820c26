// Little-endian by hand: the same bytes on every machine.
#include "api/codec/seat_map_binary.hpp"

#include <algorithm>

#include "api/codec/varint.hpp"

namespace onsale::codec {
namespace {

constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kSeatsAt = 16;

void put_u64(char* at, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) at[i] = static_cast<char>(value >> (8 * i) & 0xFFU);
}

}  // namespace

SeatMapBits::SeatMapBits(std::uint32_t seats) : seats_(seats) {
  bytes_.assign(kSeatsAt + (std::size_t{seats} + 3) / 4, '\0');
  bytes_.replace(0, 4, "OSM1");
  for (unsigned i = 0; i < 4; ++i) bytes_[12 + i] = static_cast<char>(seats >> (8 * i) & 0xFFU);
}

void SeatMapBits::set(std::uint32_t index, seat::WireStatus status) {
  if (index >= seats_) return;
  const unsigned shift = 2 * (index % 4);
  const auto old = static_cast<unsigned char>(bytes_[kSeatsAt + index / 4]);
  bytes_[kSeatsAt + index / 4] =
      static_cast<char>((old & ~(3U << shift)) | static_cast<unsigned>(status) << shift);
}

void SeatMapBits::set_version(Version version) {
  put_u64(bytes_.data() + kVersionAt, version.value);
}

std::string write_seat_delta(Version from, Version to, std::vector<SeatChange> changes,
                             std::uint32_t seats) {
  std::sort(changes.begin(), changes.end(), [](const SeatChange& a, const SeatChange& b) {
    return a.seat_index != b.seat_index ? a.seat_index < b.seat_index : a.version < b.version;
  });
  std::string out = "OSD1";
  out.resize(20);
  put_u64(out.data() + 4, from.value);
  put_u64(out.data() + 12, to.value);
  std::uint32_t previous = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const SeatChange& change = changes[i];
    if (change.seat_index >= seats) break;
    if (i + 1 < changes.size() && changes[i + 1].seat_index == change.seat_index) continue;
    // By index, so a step is never negative and its zigzag is its double.
    const std::uint64_t step = change.seat_index - previous;
    append_varint(out, step << 3U | static_cast<std::uint64_t>(change.status));
    previous = change.seat_index;
  }
  return out;
}

}  // namespace onsale::codec
