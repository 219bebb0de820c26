// What the stores keep of an order comes back as it was.
#include "ports/order_blob.hpp"

#include <gtest/gtest.h>

namespace onsale {
namespace {

TEST(OrderBlob, SeatsComeBackAsTheyWere) {
  const SeatIds seats{SeatId{1}, SeatId{0x0102030405060708}, SeatId{~0ULL}};
  const PackedSeats packed(seats);
  ASSERT_EQ(packed.view().size(), 24U);
  EXPECT_EQ(packed.view()[8], 1);
  EXPECT_EQ(packed.view()[15], 8);
  EXPECT_EQ(unpack_seats(packed.view()), seats);
  EXPECT_TRUE(unpack_seats("").empty());
}

TEST(OrderBlob, WhatIsCutShortIsReadAsFarAsItIsWhole) {
  const PackedSeats packed({SeatId{1}, SeatId{2}});
  EXPECT_EQ(unpack_seats(packed.view().substr(0, 15)), SeatIds{SeatId{1}});
  EXPECT_TRUE(unpack_tickets(std::string(23, 'x')).empty());
  EXPECT_EQ(unpack_seats(std::string(8 * (kSeatsPerCallMax + 3), 'x')).size(), kSeatsPerCallMax);
}

TEST(OrderBlob, TicketsComeBackAsTheyWere) {
  const std::vector<Ticket> tickets{{TicketId{{0x1122, 0x3344}}, SeatId{5}},
                                    {TicketId{{~0ULL, 1}}, SeatId{6}}};
  const std::string packed = pack_tickets(tickets);
  ASSERT_EQ(packed.size(), 48U);
  const std::vector<Ticket> back = unpack_tickets(packed);
  ASSERT_EQ(back.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(back[i].id, tickets[i].id);
    EXPECT_EQ(back[i].seat, tickets[i].seat);
  }
}

}  // namespace
}  // namespace onsale
