// Every byte counts, the last as much as the first.
#include "base/constant_time.hpp"

#include <gtest/gtest.h>

#include <string>

namespace onsale {
namespace {

TEST(ConstantTime, SeesADifferenceInAnyBitOfAnyByte) {
  const std::string secret{"\x00\x7f\x80\xff secret", 11};
  EXPECT_TRUE(equal_in_constant_time(secret, std::string{secret}));
  for (std::size_t i = 0; i < secret.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string other = secret;
      other[i] = static_cast<char>(static_cast<unsigned char>(other[i]) ^ 1U << bit);
      EXPECT_FALSE(equal_in_constant_time(secret, other)) << i << " bit " << bit;
    }
  }
}

TEST(ConstantTime, LengthsCountToo) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time("secret", "secre"));
  EXPECT_FALSE(equal_in_constant_time("", "s"));
}

}  // namespace
}  // namespace onsale
