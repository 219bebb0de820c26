// Packing and unpacking.
#include "ports/order_blob.hpp"

#include <cstdint>

namespace onsale {
namespace {

constexpr std::size_t kSeatBytes = 8;
constexpr std::size_t kTicketBytes = 24;

void put_number(char* to, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) to[i] = static_cast<char>(value >> (56U - 8U * i));
}

std::uint64_t get_number(const char* from) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8; ++i) value = value << 8U | static_cast<unsigned char>(from[i]);
  return value;
}

}  // namespace

PackedSeats::PackedSeats(const SeatIds& seats) {
  for (const SeatId seat : seats) {
    put_number(bytes + size, seat.value);
    size += kSeatBytes;
  }
}

SeatIds unpack_seats(std::string_view bytes) {
  SeatIds seats;
  for (std::size_t at = 0; at + kSeatBytes <= bytes.size() && !seats.full(); at += kSeatBytes) {
    seats.push_back(SeatId{get_number(bytes.data() + at)});
  }
  return seats;
}

std::string pack_tickets(const std::vector<Ticket>& tickets) {
  std::string bytes(tickets.size() * kTicketBytes, '\0');
  char* to = bytes.data();
  for (const Ticket& ticket : tickets) {
    put_number(to, ticket.id.bits.hi);
    put_number(to + 8, ticket.id.bits.lo);
    put_number(to + 16, ticket.seat.value);
    to += kTicketBytes;
  }
  return bytes;
}

std::vector<Ticket> unpack_tickets(std::string_view bytes) {
  std::vector<Ticket> tickets;
  for (std::size_t at = 0; at + kTicketBytes <= bytes.size(); at += kTicketBytes) {
    const char* const from = bytes.data() + at;
    tickets.push_back(
        {TicketId{{get_number(from), get_number(from + 8)}}, SeatId{get_number(from + 16)}});
  }
  return tickets;
}

}  // namespace onsale
