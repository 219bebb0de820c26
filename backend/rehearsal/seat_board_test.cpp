// The map's reading and its two bits a seat.
#include "rehearsal/seat_board.hpp"

#include <gtest/gtest.h>

namespace onsale::rehearsal {
namespace {

TEST(Board, EachSeatKeepsItsOwnStatus) {
  Board board;
  for (std::uint32_t i = 0; i < 100; ++i) board.set(i, static_cast<SeatStatus>(i % 4));
  board.set(7, SeatStatus::available);
  EXPECT_EQ(board.size(), 100U);
  EXPECT_EQ(board.at(6), SeatStatus::sold);
  EXPECT_EQ(board.at(7), SeatStatus::available);
  EXPECT_EQ(board.at(8), SeatStatus::available);
  EXPECT_EQ(board.at(9), SeatStatus::held);
  EXPECT_EQ(board.count(SeatStatus::blocked), 24U);
}

TEST(SeatMap, ReadsTheContractsShape) {
  SeatIndex index;
  std::string why;
  const auto map = read_json_map(
      R"({"rows":1,"cols":2,"version":4294967301,"seats":[
          {"id":3,"r":1,"c":1,"price":51000,"status":"SOLD"  },{"id":6,"status":"AVAILABLE"}]})",
      index, why);
  ASSERT_TRUE(map) << why;
  EXPECT_EQ(map->version, 4294967301U);
  EXPECT_EQ(map->board.at(*index.find(3)), SeatStatus::sold);
  EXPECT_EQ(map->board.at(*index.find(6)), SeatStatus::available);
  EXPECT_FALSE(index.find(9));
}

TEST(SeatMap, ReadsTheCompactFormByTheOrderOfTheJsonOne) {
  SeatIndex index;
  for (const std::uint64_t id : {1, 4, 7}) index.at(id);
  using namespace std::string_literals;
  // The contract's own example.
  const std::string bytes = "OSM1\x05\0\0\0\x01\0\0\0\x03\0\0\0\x24"s;
  std::string why;
  const auto map = read_compact_map(bytes, index, why);
  ASSERT_TRUE(map) << why;
  EXPECT_EQ(map->version, 4294967301U);
  EXPECT_EQ(map->board.at(0), SeatStatus::available);
  EXPECT_EQ(map->board.at(1), SeatStatus::held);
  EXPECT_EQ(map->board.at(2), SeatStatus::sold);
  EXPECT_FALSE(read_compact_map(bytes + "x", index, why));
  EXPECT_FALSE(read_compact_map("OSM1", index, why));
}

TEST(SeatMap, RefusesAnotherShapeWithAReason) {
  SeatIndex index;
  for (const auto* body : {"", "[]", R"({"version":1})", R"({"version":1,"seats":[{"id":1}]})",
                           R"({"version":1,"seats":[{"id":1,"status":"PINNED"}]})"}) {
    std::string why;
    EXPECT_FALSE(read_json_map(body, index, why)) << body;
    EXPECT_FALSE(why.empty());
  }
}

}  // namespace
}  // namespace onsale::rehearsal
