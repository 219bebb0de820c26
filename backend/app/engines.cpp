// Addresses and secrets.
#include "app/engines.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>

#include "app/log.hpp"

namespace onsale::app {
namespace {

constexpr std::int64_t kClockOffMs = 1000;

// The file's text without the line's end; "" for no file.
Result<std::string> read_secret(const std::string& path, const char* key) {
  if (path.empty()) return std::string{};
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Failure{Code::validation_failed, std::string{key} + ": cannot read the file " + path};
  }
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

Result<mysql::Endpoint> database(const std::string& url, const char* url_key,
                                 const std::string& file, const char* file_key) {
  auto endpoint = mysql::parse_endpoint(url);
  if (!endpoint) {
    return Failure{endpoint.code(), std::string{url_key} + ": " + endpoint.error().detail};
  }
  auto password = read_secret(file, file_key);
  if (!password) return password.error();
  if (!password->empty()) endpoint->password = std::move(*password);
  return endpoint;
}

}  // namespace

void tell_if_off(Milliseconds ahead) {
  if (std::abs(ahead.count()) <= kClockOffMs) return;
  log(LogLevel::warn, "clock",
      {{"fault", "this machine's clock is not the database's, which counts"},
       {"off_ms", std::to_string(-ahead.count())}});
}

Result<mysql::Endpoint> office_database(const Config& config) {
  return database(config.db.url, "db.url", config.db.password_file, "db.password_file");
}

Result<mysql::Endpoint> provider_database(const Config& config) {
  const auto& db = config.db;
  if (db.provider_url.empty()) return office_database(config);
  const bool own = !db.provider_password_file.empty();
  return database(db.provider_url, "db.provider_url",
                  own ? db.provider_password_file : db.password_file,
                  own ? "db.provider_password_file" : "db.password_file");
}

Result<redis::Options> redis_options(const Config& config) {
  auto options = redis::parse_url(config.redis.url);
  if (!options) return Failure{options.code(), "redis.url: " + options.error().detail};
  auto password = read_secret(config.redis.password_file, "redis.password_file");
  if (!password) return password.error();
  if (!password->empty()) options->password = std::move(*password);
  return options;
}

KafkaOptions kafka_options(const Config& config) {
  KafkaOptions options;
  options.brokers = config.kafka.brokers;
  options.topic_prefix = config.kafka.topic_prefix;
  options.partitions = static_cast<std::int32_t>(config.kafka.partitions);
  options.replication = static_cast<std::int32_t>(config.kafka.replication);
  options.on_fault = [](std::string_view line) {
    log(LogLevel::warn, "kafka", {{"fault", std::string{line}}});
  };
  return options;
}

Result<PeerOptions> peer_options(const std::string& nodes, const char* key,
                                 std::string credential) {
  PeerOptions options;
  options.credential = std::move(credential);
  std::string_view rest = nodes;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    std::string_view each = rest.substr(0, comma);
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    auto origin = http::parse_origin(each);
    if (!origin) return Failure{origin.code(), std::string{key} + ": " + origin.error().detail};
    options.nodes.push_back(std::move(*origin));
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  }
  return options;
}

}  // namespace onsale::app
