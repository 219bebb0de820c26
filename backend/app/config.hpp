// Every setting of the office, in one place: one table (config.cpp) gives each its key, default,
// bounds and sentence, and from that table come the flags (--key), the environment (ONSALE_KEY with
// _ for .), the file (TOML, [section] key), `onsale config` and --help. Flags win over environment,
// environment over file, file over default. A `*_file` reads a secret from a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace onsale {

struct Config {
  std::string data_dir = "data";
  bool demo = true;

  // An office on several machines: which roles this process plays, and where the engines are. Empty:
  // a whole office in one process, needing none of them.
  std::string roles;
  struct {
    std::string name;
  } node;
  struct {
    std::string token_key_file;
    std::string internal_token_file;
  } secrets;
  struct {
    std::string url;
    std::string password_file;
  } redis;
  struct {
    std::string url;
    std::string password_file;
    std::string provider_url;
    std::string provider_password_file;
    std::int64_t writers = 2;
    std::int64_t readers = 6;
  } db;
  struct {
    std::string brokers;
    std::string topic_prefix;
    std::int64_t partitions = 12;
    std::int64_t replication = -1;
  } kafka;
  struct {
    std::string reservation;
    std::string payment;
    std::int64_t call_ms = 3'000;
    std::int64_t try_ms = 1'200;
    std::int64_t connections_max = 128;
  } peers;
  struct {
    bool fast_path = true;
  } saga;
  struct {
    std::int64_t every_ms = 60'000;
    std::int64_t settle_ms = 10'000;
  } reconcile;

  struct {
    std::string address = "0.0.0.0";
    std::int64_t port = 8080;
    std::string internal_address = "127.0.0.1";
    std::int64_t internal_port = 8081;
    std::int64_t loops = 0;
    std::int64_t header_bytes_max = 16 * 1024;
    std::int64_t target_bytes_max = 8 * 1024;
    std::int64_t header_fields_max = 64;
    std::int64_t header_time_ms = 10'000;
    std::int64_t body_bytes_max = 64 * 1024;
    std::int64_t body_time_ms = 15'000;
    std::int64_t idle_time_ms = 75'000;
    std::int64_t write_time_ms = 20'000;
    std::int64_t drain_time_ms = 25'000;
    std::int64_t connections_max = 20'000;
    std::int64_t in_flight_max = 4'096;
    std::int64_t pipelined_max = 64;
    std::int64_t output_bytes_max = 256 * 1024;
    std::string cors_origins;
    std::string trusted_proxies;
  } http;
  struct {
    std::int64_t viewers_max = 20'000;
    std::int64_t heartbeat_ms = 15'000;
    std::int64_t write_stall_ms = 20'000;
    std::int64_t send_buffer_bytes = 0;
    std::int64_t history_changes_max = 65'536;
    double frames_per_second = 10;
    std::int64_t frames_burst = 10;
    std::int64_t gap_ms = 5;
  } streams;
  struct {
    std::int64_t seats_per_buyer = 8;
    std::int64_t requests_per_second_per_buyer = 0;
  } limits;
  struct {
    std::int64_t seconds_min = 5;
    std::int64_t seconds_max = 900;
    std::int64_t seconds_default = 120;
    std::int64_t life_max_seconds = 900;
    bool direct_confirm = false;
  } holds;
  struct {
    std::int64_t deadline_ms = 30'000;
    std::int64_t call_ms = 10'000;
    std::int64_t orders_in_flight_max = 10'000;
    struct {
      std::string delay = "lognormal";
      std::int64_t delay_ms = 200;
      std::int64_t spread_ms = 100;
      double success_share = 0.8;
      double timeout_share = 0.0;
      std::int64_t seed = 1;
    } mock;
  } payments;
  struct {
    std::int64_t flush_ms = 10;
    std::int64_t segment_bytes_max = 64 * 1024 * 1024;
    bool sync = false;
  } journal;
  struct {
    std::string content_type = "application/problem+json";
  } errors;
  struct {
    std::string level = "info";
    std::string format = "text";
    double access_sample = 0.0;
  } log;
  struct {
    std::string endpoint;
    double share = 0.01;
    std::int64_t slow_ms = 1'000;
  } tracing;
  struct {
    std::int64_t every_seconds = 300;
  } audit;
};

// One row of the table.
struct Setting {
  enum class Kind : std::uint8_t { text, integer, real, boolean };
  std::string_view key;
  Kind kind;
  void* (*place)(Config&);
  double low, high;          // bounds of numbers
  std::string_view choices;  // "a|b|c" for texts with a fixed choice; else empty
  std::string_view sentence;
};
const std::vector<Setting>& settings();

// Sets one value from its text; the failure's detail names the key and what it may be.
Status assign(Config& config, const Setting& setting, std::string_view text);
std::string text_of(Config& config, const Setting& setting);

// Applies a TOML file over `config`. Unknown keys, wrong types and out-of-range values are refused,
// each by name.
Status apply_file(Config& config, const std::string& path);
// The same from memory; `name` stands in messages.
Status apply_toml(Config& config, std::string_view text, const std::string& name);
// Applies ONSALE_… variables. Names that are no setting are listed in `unknown`, so that a typing
// error does not go unseen.
Status apply_environment(Config& config, char** environment, std::vector<std::string>& unknown);
// Rules over several settings.
Status validate(const Config& config);

// One of the roles of this process? (Of none, if `roles` is empty.)
bool plays(const Config& config, std::string_view role);
// The text without what stands between `user:` and `@`: for people's eyes.
std::string without_password(std::string_view url);

// The whole configuration as a TOML file with comments.
std::string print_config(Config& config);

}  // namespace onsale
