// A token proves its buyer and nothing else does.
#include "adapters/crypto/hmac_buyer_tokens.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace onsale {
namespace {

const BuyerId kBuyer{{0x0123456789abcdefULL, 0xfedcba9876543210ULL}};

TEST(HmacBuyerTokens, TellsTheBuyerItWasIssuedTo) {
  const HmacBuyerTokens tokens{random_key()};
  const std::string token = tokens.issue(kBuyer);
  EXPECT_LE(token.size(), 96U);
  EXPECT_EQ(tokens.verify(token), kBuyer);
}

TEST(HmacBuyerTokens, RefusesEveryOneCharacterChange) {
  const HmacBuyerTokens tokens{random_key()};
  const std::string token = tokens.issue(kBuyer);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', '.', '\0', '='}) {
      std::string forged = token;
      if (forged[i] == other) continue;
      forged[i] = other;
      EXPECT_FALSE(tokens.verify(forged)) << i;
    }
  }
}

TEST(HmacBuyerTokens, RefusesTruncatedLongerAndEmpty) {
  const HmacBuyerTokens tokens{random_key()};
  const std::string token = tokens.issue(kBuyer);
  for (std::size_t keep = 0; keep < token.size(); ++keep) {
    EXPECT_FALSE(tokens.verify(std::string_view{token}.substr(0, keep)));
  }
  EXPECT_FALSE(tokens.verify(token + "A"));
}

TEST(HmacBuyerTokens, RefusesAnotherOfficesKey) {
  const HmacBuyerTokens ours{random_key()};
  const HmacBuyerTokens theirs{random_key()};
  EXPECT_FALSE(ours.verify(theirs.issue(kBuyer)));
}

TEST(HmacBuyerTokens, KeysInTurnsOnOneThreadDoNotMix) {
  const HmacBuyerTokens ours{random_key()};
  const HmacBuyerTokens theirs{random_key()};
  const std::string our_token = ours.issue(kBuyer);
  const std::string their_token = theirs.issue(kBuyer);
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(ours.verify(our_token), kBuyer);
    EXPECT_EQ(theirs.verify(their_token), kBuyer);
    EXPECT_FALSE(ours.verify(their_token));
    EXPECT_EQ(ours.issue(kBuyer), our_token);
  }
}

// So that tokens of an older office still count: HMAC-SHA256 of "v1." and the id, by `openssl dgst`.
TEST(HmacBuyerTokens, IsHmacSha256OfTheSignedPart) {
  HmacBuyerTokens::Key key{};
  std::iota(key.begin(), key.end(), static_cast<unsigned char>(0));
  EXPECT_EQ(HmacBuyerTokens{key}.issue(kBuyer),
            "v1.ASNFZ4mrze_-3LqYdlQyEA."
            "J2Cv7cH0ZIde_C146kj12dBmDHSVCDQsY-1EIEzemsw");
}

}  // namespace
}  // namespace onsale
