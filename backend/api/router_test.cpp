// Addresses are cut and matched as the contract writes them.
#include "api/router.hpp"

#include <gtest/gtest.h>

namespace onsale::api {
namespace {

TEST(ParseAddress, KnowsBothFormsAndTheRoot) {
  const auto named = parse_address("/ticketing/catalog/api/events/1/seats");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->service, Service::catalog);
  EXPECT_EQ(named->count, 3U);
  const auto alone = parse_address("/ticketing/api/events");
  ASSERT_TRUE(alone);
  EXPECT_FALSE(alone->service);
  EXPECT_FALSE(alone->rooted);
  const auto root = parse_address("/");
  ASSERT_TRUE(root);
  EXPECT_TRUE(root->rooted);
  EXPECT_EQ(root->count, 1U);
}

TEST(ParseAddress, RefusesWhatIsNoForm) {
  for (const char* path :
       {"", "events", "/ticketing/", "/ticketing/catalog", "/ticketing/kitchen/api/x",
        "/ticketing/catalog/x", "/ticketing/api/a/b/c/d/e/f", "/ticketing//api/x"}) {
    EXPECT_FALSE(parse_address(path)) << path;
  }
}

TEST(Matches, FillsThePlaces) {
  PathValues values;
  const auto address = parse_address("/ticketing/api/reservations/1/4/extend");
  ASSERT_TRUE(address);
  EXPECT_TRUE(matches(*address, "reservations/{}/{}/extend", values));
  EXPECT_EQ(values.values[0], "1");
  EXPECT_EQ(values.values[1], "4");
  EXPECT_FALSE(matches(*address, "reservations/{}/{}", values));
  EXPECT_FALSE(matches(*address, "reservations/{}/{}/confirm", values));
  EXPECT_FALSE(matches(*address, "reservations/{}/{}/extend/more", values));
}

TEST(ParseId, TakesPlainNumbersOnly) {
  EXPECT_EQ(parse_id("1"), 1U);
  EXPECT_EQ(parse_id("9007199254740991"), 9007199254740991U);
  for (const char* text : {"", "0", "01", "-1", "+1", "1.0", "1e3", " 1", "1 ", "9007199254740992",
                           "99999999999999999999999", "x", "1x", "%31"}) {
    EXPECT_FALSE(parse_id(text)) << text;
  }
}

}  // namespace
}  // namespace onsale::api
