// CRC-32C against the vectors of RFC 3720 B.4, and its two implementations against each other.
#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace onsale {
namespace {

TEST(Crc32c, GivesTheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  std::string rising;
  std::string falling;
  for (int i = 0; i < 32; ++i) {
    rising.push_back(static_cast<char>(i));
    falling.push_back(static_cast<char>(31 - i));
  }
  EXPECT_EQ(crc32c(rising), 0x46DD794EU);
  EXPECT_EQ(crc32c(falling), 0x113FDB5CU);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
}

TEST(Crc32c, AgreesWithItsTableAtEveryLengthAndLongOnes) {
  std::mt19937_64 random(1);
  std::string bytes;
  for (int i = 0; i < 70'000; ++i) bytes.push_back(static_cast<char>(random()));
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string_view part(bytes.data() + length % 7, length);
    ASSERT_EQ(crc32c(part), crc32c_by_table(part)) << length;
  }
  for (const std::size_t length : {12'287U, 12'288U, 12'289U, 30'000U, 69'999U}) {
    const std::string_view part(bytes.data() + 1, length);
    ASSERT_EQ(crc32c(part), crc32c_by_table(part)) << length;
  }
}

TEST(Crc32c, GoesOnWhereItEnded) {
  const std::string_view text = "one seat, one owner";
  EXPECT_EQ(crc32c(text.substr(7), crc32c(text.substr(0, 7))), crc32c(text));
}

}  // namespace
}  // namespace onsale
