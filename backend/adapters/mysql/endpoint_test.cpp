// The database's URL, as operators write it.
#include "adapters/mysql/endpoint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace onsale::mysql {
namespace {

TEST(DatabaseUrl, IsReadWhole) {
  const auto endpoint =
      parse_endpoint("mysql://tickets:s%40cr%3Aet@db.example:3307/office?ca=/c.pem");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint.value().user, "tickets");
  EXPECT_EQ(endpoint.value().password, "s@cr:et");
  EXPECT_EQ(endpoint.value().host, "db.example");
  EXPECT_EQ(endpoint.value().port, 3307);
  EXPECT_EQ(endpoint.value().database, "office");
  EXPECT_EQ(endpoint.value().ca_file, "/c.pem");
  EXPECT_EQ(endpoint.value().to_string(), "tickets@db.example:3307/office");
}

TEST(DatabaseUrl, PasswordAndPortMayBeMissing) {
  const auto endpoint = parse_endpoint("mysql://root@127.0.0.1/onsale");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint.value().password, "");
  EXPECT_EQ(endpoint.value().port, 3306);
}

TEST(DatabaseUrl, WhatIsNoUrlIsRefusedInOneLineWithoutTheSecret) {
  for (const std::string url :
       {"", "onsale", "http://u:hush@h/d", "mysql://h/d", "mysql://u:hush@/d", "mysql://u:hush@h",
        "mysql://u:hush@h:0/d", "mysql://u:hush@h:99999/d", "mysql://u:hush@h:3x/d",
        "mysql://:hush@h/d", "mysql://u%zz:hush@h/d", "mysql://u:hush%4@h/d", "mysql://u:hush@h/",
        "mysql://u:hush@h/d?tls=1", "mysql://u:hush@h/d?ca="}) {
    const auto endpoint = parse_endpoint(url);
    ASSERT_FALSE(endpoint) << url;
    EXPECT_EQ(endpoint.code(), Code::validation_failed);
    EXPECT_EQ(endpoint.error().detail.find("hush"), std::string::npos) << url;
    EXPECT_EQ(endpoint.error().detail.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace onsale::mysql
