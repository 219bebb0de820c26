// Halls repeat themselves: seats stand at even steps on lines and arcs, and each row much like the
// one before it. What is told of a coordinate is what neither explains: its third difference along
// the row, less that of the same seat in the row before.
#include "api/codec/layout_columns.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "api/codec/varint.hpp"

namespace onsale::codec {
namespace {

template <typename Each>
void each_seat(const catalog::Hall& hall, Each each) {
  for (const catalog::Section& section : hall.sections) {
    for (const catalog::HallRow& row : section.rows) {
      for (const catalog::HallSeat& seat : row.seats) each(seat);
    }
  }
}

// Differences along a row: of the first seat itself, then of the first, the second and, from the
// fourth seat on, the third order.
class RowDifferences {
 public:
  std::int64_t next(std::int64_t value) {
    for (std::size_t order = 0; order < known_; ++order) {
      value -= std::exchange(last_[order], value);
    }
    if (known_ < last_.size()) last_[known_++] = value;
    return value;
  }

 private:
  std::array<std::int64_t, 3> last_{};  // the last seat's value and its differences
  std::size_t known_ = 0;
};

void append_coordinates(std::string& out, const catalog::Hall& hall,
                        double catalog::HallSeat::* coordinate) {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> present;
  for (const catalog::Section& section : hall.sections) {
    for (const catalog::HallRow& row : section.rows) {
      RowDifferences differences;
      present.clear();
      for (const catalog::HallSeat& seat : row.seats) {
        const std::size_t k = present.size();
        present.push_back(differences.next(std::llround(seat.*coordinate * 1000.0)));
        append_difference(out, present[k] - (k < before.size() ? before[k] : 0));
      }
      std::swap(before, present);
    }
  }
}

}  // namespace

SeatNames::SeatNames(const catalog::Hall& hall) {
  each_seat(hall, [this](const catalog::HallSeat& seat) {
    const auto number = static_cast<std::uint32_t>(list_.size());
    if (numbers_.try_emplace(seat.number, number).second) list_.push_back(seat.number);
  });
}

std::string seat_columns(const catalog::Hall& hall, const SeatNumbering& numbering,
                         const SeatNames& names) {
  std::string out;
  std::int64_t last = 0;
  const auto append_step = [&out, &last](std::uint64_t value) {
    const auto present = static_cast<std::int64_t>(value);
    append_difference(out, present - std::exchange(last, present));
  };
  each_seat(hall,
            [&](const catalog::HallSeat& seat) { append_step(numbering.id_of(seat.index).value); });
  last = 0;
  each_seat(hall,
            [&](const catalog::HallSeat& seat) { append_step(names.number_of(seat.number)); });
  append_coordinates(out, hall, &catalog::HallSeat::x);
  append_coordinates(out, hall, &catalog::HallSeat::y);
  each_seat(hall, [&out](const catalog::HallSeat& seat) {
    append_varint(out, (std::uint64_t{seat.tier} + 1) << 1U | (seat.wheelchair ? 1U : 0U));
  });
  return out;
}

}  // namespace onsale::codec
