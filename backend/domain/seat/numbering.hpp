// Seat ids of an event and their dense indices. A seat's index is its place in every array of the
// house (ledger slots, 2-bit map); the id is what the world sees.
#pragma once

#include <cstdint>

#include "base/ids.hpp"

namespace onsale {

// id = first + index * stride, 0 <= index < count. Append-only over an event's life.
struct SeatNumbering {
  std::uint64_t first = 0;
  std::uint64_t stride = 1;
  std::uint32_t count = 0;

  [[nodiscard]] SeatId id_of(std::uint32_t index) const { return {first + index * stride}; }
  // count or more: not a seat of this event.
  [[nodiscard]] std::uint32_t index_of(SeatId id) const {
    if (id.value < first) return count;
    const std::uint64_t offset = id.value - first;
    if (stride == 1) return offset < count ? static_cast<std::uint32_t>(offset) : count;
    if (offset % stride != 0 || offset / stride >= count) return count;
    return static_cast<std::uint32_t>(offset / stride);
  }
  friend bool operator==(const SeatNumbering&, const SeatNumbering&) = default;
};

}  // namespace onsale
