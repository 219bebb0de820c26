// Seats and tickets of an order as bytes: the form in which the stores keep them in a column. Numbers
// and ids are big-endian, 8 bytes a seat, 24 a ticket (its id, its seat). What is cut short is read as
// far as it is whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "domain/order/order.hpp"
#include "domain/seat/seat.hpp"

namespace onsale {

// Without a heap; lives as long as its view.
struct PackedSeats {
  explicit PackedSeats(const SeatIds& seats);
  [[nodiscard]] std::string_view view() const { return {bytes, size}; }
  char bytes[8 * kSeatsPerCallMax];
  std::size_t size = 0;
};
SeatIds unpack_seats(std::string_view bytes);

std::string pack_tickets(const std::vector<Ticket>& tickets);
std::vector<Ticket> unpack_tickets(std::string_view bytes);

}  // namespace onsale
