// The compact forms of a seat map, as the contract lays them out: 2 bits a seat, and what changed
// between two versions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_feed.hpp"

namespace onsale::codec {

// "OSM1", u64 version, u32 seats, then 2 bits a seat, low bits first; little-endian.
class SeatMapBits {
 public:
  explicit SeatMapBits(std::uint32_t seats);

  void set(std::uint32_t index, seat::WireStatus status);  // beyond the map: ignored
  void set_version(Version version);
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  std::uint32_t seats_;
  std::string bytes_;
};

// "OSD1", u64 from, u64 to, then for each changed seat, once, by index, LEB128 of
// zigzag(index - previous index) << 2 | status. Indices of `seats` or more are left out.
std::string write_seat_delta(Version from, Version to, std::vector<SeatChange> changes,
                             std::uint32_t seats);

}  // namespace onsale::codec
