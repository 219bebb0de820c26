// Negotiation by RFC 9110 section 12.5.
#include "api/accept.hpp"

#include <gtest/gtest.h>

namespace onsale::api {
namespace {

TEST(QualityOf, TheMostSpecificRangeCounts) {
  EXPECT_EQ(quality_of("", "application/json"), 1000);
  EXPECT_EQ(quality_of("*/*", "application/json"), 1000);
  EXPECT_EQ(quality_of("text/html", "application/json"), 0);
  EXPECT_EQ(quality_of("application/*;q=0.5, */*;q=0.1", "application/json"), 500);
  EXPECT_EQ(quality_of("application/json;q=0, */*", "application/json"), 0);
  EXPECT_EQ(quality_of("APPLICATION/JSON ; charset=utf-8 ; Q=0.25", "application/json"), 250);
}

TEST(QualityOf, NonsenseIsNoConsent) {
  for (const char* accept :
       {"json", "application/json;q=x", "application/json;q=-1", ";;;", "q=1"}) {
    EXPECT_EQ(quality_of(accept, "application/json"), 0) << accept;
  }
}

TEST(AdmitsGzip, ReadsWeights) {
  EXPECT_TRUE(admits_gzip("gzip"));
  EXPECT_TRUE(admits_gzip("br, gzip;q=0.1"));
  EXPECT_TRUE(admits_gzip("*"));
  EXPECT_FALSE(admits_gzip(""));
  EXPECT_FALSE(admits_gzip("identity"));
  EXPECT_FALSE(admits_gzip("gzip;q=0, *"));
}

TEST(AdmitsBrotli, WhoNamesIt) {
  EXPECT_TRUE(admits_brotli("gzip, deflate, br"));
  EXPECT_TRUE(admits_brotli("gzip, BR;q=0.1, zstd"));
  EXPECT_FALSE(admits_brotli("br;q=0, *"));
  EXPECT_FALSE(admits_brotli("*"));
  EXPECT_FALSE(admits_brotli("gzip, x-br"));
  EXPECT_FALSE(admits_brotli(""));
}

TEST(IsMediaType, IgnoresParametersAndCase) {
  EXPECT_TRUE(is_media_type("Application/JSON; charset=utf-8", "application/json"));
  EXPECT_FALSE(is_media_type("application/jsonp", "application/json"));
  EXPECT_FALSE(is_media_type("", "application/json"));
}

}  // namespace
}  // namespace onsale::api
