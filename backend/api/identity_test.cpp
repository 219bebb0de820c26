// Who is asking: which tokens cost a verification, and that none is believed without one.
#include "api/identity.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/seeded_ids.hpp"

namespace onsale::api {
namespace {

// Counts; a token is "secret." and the id.
class CountingTokens final : public BuyerTokens {
 public:
  [[nodiscard]] std::string issue(BuyerId buyer) const override {
    return "secret." + std::to_string(buyer.bits.hi) + "." + std::to_string(buyer.bits.lo);
  }
  [[nodiscard]] std::optional<BuyerId> verify(std::string_view token) const override {
    ++verified;
    return token == issue(known) ? std::optional(known) : std::nullopt;
  }
  mutable int verified = 0;
  BuyerId known{{1, 2}};
};

struct Office {
  CountingTokens tokens;
  SeededIds ids{1};
  Identity identity{tokens, ids};

  Identity::Who ask(const std::string& token) {
    const std::string value = "Bearer " + token;
    const http::HeaderField field{"Authorization", value};
    http::Request request;
    request.headers = &field;
    request.header_count = 1;
    return identity.ask(request, false);
  }
};

TEST(Identity, ATokenIsVerifiedOnce) {
  Office office;
  const std::string token = office.tokens.issue(office.tokens.known);
  EXPECT_EQ(office.ask(token).buyer, office.tokens.known);
  EXPECT_EQ(office.ask(token).buyer, office.tokens.known);
  EXPECT_EQ(office.tokens.verified, 1);
}

TEST(Identity, AForgedTokenIsVerifiedAndRefusedEachTime) {
  Office office;
  const std::string token = office.tokens.issue(office.tokens.known);
  EXPECT_TRUE(office.ask(token).valid);
  for (const std::string& forged : {"S" + token.substr(1), token + "0", std::string("secret"),
                                    std::string(97, 's'), std::string(8, 's'), std::string()}) {
    EXPECT_FALSE(office.ask(forged).valid) << forged;
    EXPECT_FALSE(office.ask(forged).valid) << forged;
  }
  EXPECT_TRUE(office.ask(token).valid);
  EXPECT_EQ(office.tokens.verified, 1 + 3 * 2);  // the others cannot be tokens at all
}

TEST(Identity, WhatItIssuedItKnows) {
  Office office;
  http::Response response;
  const BuyerId buyer = office.identity.welcome(response);
  EXPECT_EQ(office.ask(office.tokens.issue(buyer)).buyer, buyer);
  EXPECT_EQ(office.tokens.verified, 0);
}

TEST(Identity, AnotherOfficesTokensAreNotOurs) {
  Office ours;
  Office theirs;
  http::Response response;
  const BuyerId buyer = theirs.identity.welcome(response);
  EXPECT_FALSE(ours.ask(theirs.tokens.issue(buyer)).valid);
}

}  // namespace
}  // namespace onsale::api
