// Settings: every way in, their order, and what is refused by name.
#include "app/config.hpp"

#include <gtest/gtest.h>

#include <set>

#include "runtime/http/head_parser.hpp"

namespace onsale {
namespace {

const Setting& setting(std::string_view key) {
  for (const Setting& each : settings()) {
    if (each.key == key) return each;
  }
  ADD_FAILURE() << key;
  return settings().front();
}

TEST(Settings, HaveDistinctKeysSentencesAndDefaultsWithinTheirBounds) {
  std::set<std::string_view> keys;
  Config config;
  for (const Setting& each : settings()) {
    EXPECT_TRUE(keys.insert(each.key).second) << each.key;
    EXPECT_FALSE(each.sentence.empty()) << each.key;
    EXPECT_TRUE(assign(config, each, text_of(config, each))) << each.key;
  }
  EXPECT_TRUE(validate(config));
}

TEST(Settings, RefuseNonsenseByName) {
  Config config;
  for (const char* text : {"", "x", "-1", "65536", "80.5", "1e3", " 80", "99999999999999999999"}) {
    const Status status = assign(config, setting("http.port"), text);
    ASSERT_FALSE(status) << text;
    EXPECT_NE(status.error().detail.find("http.port"), std::string::npos);
  }
  EXPECT_FALSE(assign(config, setting("payments.mock.success_share"), "1.01"));
  EXPECT_FALSE(assign(config, setting("payments.mock.success_share"), "nan"));
  EXPECT_FALSE(assign(config, setting("payments.mock.delay"), "fixed|uniform"));
  EXPECT_FALSE(assign(config, setting("demo"), "yes"));
  EXPECT_EQ(config.http.port, 8080);
}

TEST(Settings, PromiseNoMoreHeaderFieldsThanTheEdgeReads) {
  Config config;
  EXPECT_TRUE(assign(config, setting("http.header_fields_max"), "128"));
  const Status status = assign(config, setting("http.header_fields_max"), "129");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().detail, "http.header_fields_max: '129' must be from 4 to 128");
  EXPECT_EQ(setting("http.header_fields_max").high, http::kHeaderFieldsCapacity);
}

TEST(ConfigFile, NamesTheLineOfWhatItRefuses) {
  Config config;
  EXPECT_TRUE(apply_toml(config, "[http]\nport = 9000\n[holds]\ndirect_confirm = true\n", "f"));
  EXPECT_EQ(config.http.port, 9000);
  EXPECT_TRUE(config.holds.direct_confirm);
  for (const char* text : {"[http]\n\nprot = 1\n", "[http]\n\nport = 99999\n",
                           "[http]\n\nport = [1]\n", "a = 1\n\nb = = 2\n"}) {
    const Status status = apply_toml(config, text, "f");
    ASSERT_FALSE(status) << text;
    EXPECT_NE(status.error().detail.find_first_of("13"), std::string::npos)
        << status.error().detail;
  }
}

// toml++ asserted, or ran into what it calls unreachable, on these (found by fuzzing).
TEST(ConfigFile, RefusesAKeyThatIsNone) {
  Config config;
  for (const char* text : {"[*", "[[*", "[ .", "[a.*]", "http.port \u00c6tp = 1", "\u3042 = 1"}) {
    EXPECT_FALSE(apply_toml(config, text, "f")) << text;
  }
}

TEST(ConfigFile, PrintsWhatItWouldRead) {
  Config config;
  config.data_dir = "a \"quoted\" \\ folder\n";
  config.payments.mock.success_share = 0.123456789;
  const std::string printed = print_config(config);
  Config again;
  ASSERT_TRUE(apply_toml(again, printed, "printed"));
  EXPECT_EQ(again.data_dir, config.data_dir);
  EXPECT_EQ(again.payments.mock.success_share, config.payments.mock.success_share);
  EXPECT_EQ(print_config(again), printed);
}

TEST(Environment, NamesSettingsByTheirUpperCaseKey) {
  std::string port = "ONSALE_HTTP_PORT=9001";
  std::string typo = "ONSALE_HTTP_PROT=9002";
  std::string other = "HOME=/x";
  char* environment[] = {port.data(), typo.data(), other.data(), nullptr};
  Config config;
  std::vector<std::string> unknown;
  EXPECT_TRUE(apply_environment(config, environment, unknown));
  EXPECT_EQ(config.http.port, 9001);
  EXPECT_EQ(unknown, std::vector<std::string>{"ONSALE_HTTP_PROT"});
}

TEST(Validate, HoldsSettingsAgainstEachOther) {
  Config config;
  config.holds.seconds_min = 200;
  EXPECT_FALSE(validate(config));
  config = {};
  config.holds.life_max_seconds = 10;
  EXPECT_FALSE(validate(config));
  config = {};
  config.http.internal_port = config.http.port;
  EXPECT_FALSE(validate(config));
}

// What the settings say of roles; "" if they are valid.
std::string fault_of(const std::string& roles, const std::string& lines) {
  Config config;
  config.roles = roles;
  EXPECT_TRUE(apply_toml(config, lines, "lines"));
  const Status valid = validate(config);
  return valid ? "" : valid.error().detail;
}

TEST(Roles, ARoleWithoutItsEnginesNamesTheKey) {
  const std::string db = "[db]\nurl = 'mysql://u@h:3306/d'\n";
  const std::string redis = "[redis]\nurl = 'redis://h:6379'\n";
  const std::string kafka = "[kafka]\nbrokers = 'h:9092'\n";
  const std::string peers = "[peers]\nreservation = 'a:1'\npayment = 'b:2'\n";
  EXPECT_NE(fault_of("catalog", "").find("catalog needs db.url"), std::string::npos);
  EXPECT_NE(fault_of("catalog", db).find("needs redis.url"), std::string::npos);
  EXPECT_NE(fault_of("reservation", db + redis).find("needs kafka.brokers"), std::string::npos);
  EXPECT_NE(fault_of("order", db + kafka).find("needs peers.reservation"), std::string::npos);
  EXPECT_EQ(fault_of("order", db + kafka + peers), "");
  EXPECT_EQ(fault_of("payment", db), "");
  EXPECT_EQ(fault_of("catalog, reservation,order ,payment", db + redis + kafka), "");
}

TEST(Roles, WhatIsNoRoleIsToldAndSoAreEnginesWithoutOne) {
  EXPECT_NE(fault_of("catalogue", "").find("'catalogue' is none"), std::string::npos);
  EXPECT_NE(fault_of("catalog,,order", "").find("'' is none"), std::string::npos);
  EXPECT_NE(fault_of("", "[redis]\nurl = 'redis://h'").find("no roles"), std::string::npos);
}

TEST(Roles, APasswordInAnAddressIsNotPrinted) {
  Config config;
  config.db.url = "mysql://onsale:geheim@h:3306/onsale";
  config.redis.url = "redis://:geheim@h:6379";
  const std::string printed = print_config(config);
  EXPECT_EQ(printed.find("geheim"), std::string::npos);
  EXPECT_NE(printed.find("mysql://onsale:********@h:3306/onsale"), std::string::npos);
}

}  // namespace
}  // namespace onsale
