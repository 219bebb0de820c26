// What the rehearsal reads out of the office's JSON, and what it makes of nonsense.
#include <gtest/gtest.h>

#include "rehearsal/office_client.hpp"

namespace onsale::rehearsal {
namespace {

TEST(OfficeBodies, AProblemNamesItsCodeAndSeats) {
  const auto problem = read_problem(
      R"({"type":"/docs#SEAT_SOLD","code":"SEAT_SOLD","seats":[{"seatId":7,"status":"SOLD"}]})");
  EXPECT_EQ(problem.code, "SEAT_SOLD");
  ASSERT_EQ(problem.seats.size(), 1U);
  EXPECT_EQ(problem.seats[0].seat_id, 7U);
  EXPECT_EQ(problem.seats[0].status, SeatStatus::sold);
  EXPECT_EQ(read_problem("<html>").code, "");
}

TEST(OfficeBodies, AGrantTellsVersionAndSeconds) {
  const auto grant = read_grant(R"({"version":4294967301,"holdSeconds":120})");
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->version, 4294967301U);
  EXPECT_EQ(grant->hold_seconds, 120);
  EXPECT_FALSE(read_grant("{}"));
}

TEST(OfficeBodies, AnOrderTellsItsSeatsAndReason) {
  const auto order = read_order(
      R"({"orderId":"a","status":"CANCELLED","seatIds":[1,4],"reason":{"code":"PAYMENT_REFUSED"}})");
  ASSERT_TRUE(order);
  EXPECT_EQ(order->seat_ids, (std::vector<std::uint64_t>{1, 4}));
  EXPECT_EQ(order->reason, "PAYMENT_REFUSED");
  EXPECT_FALSE(read_order(R"({"orderId":"a"})"));
}

TEST(OfficeBodies, ListsAreReadWholeOrNotAtAll) {
  const auto orders =
      read_orders(R"({"orders":[{"orderId":"a","status":"CREATED","seatIds":[1]}]})");
  ASSERT_TRUE(orders);
  EXPECT_EQ(orders->size(), 1U);
  EXPECT_FALSE(read_orders(R"({"orders":[{"orderId":"a"}]})"));
  EXPECT_FALSE(read_orders("[]"));
  const auto holds = read_live_holds(R"({"holds":[{"seatId":3,"status":"PINNED"}]})");
  ASSERT_TRUE(holds);
  EXPECT_EQ(*holds, std::vector<std::uint64_t>{3});
}

}  // namespace
}  // namespace onsale::rehearsal
