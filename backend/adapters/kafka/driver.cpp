// The settings that every client of ours shares, and why.
#include "adapters/kafka/driver.hpp"

#include <syslog.h>

#include <utility>

namespace onsale::kafka {
namespace {

constexpr std::size_t kErrorBytes = 512;

const std::vector<KafkaProperty>& shared_properties() {
  static const std::vector<KafkaProperty> properties{
      {"client.id", "onsale"},
      // Back within a second after a broker is, not after ten.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"retry.backoff.ms", "100"},
      // A connection that swallows everything is given up after this, and another one made.
      {"socket.timeout.ms", "4000"},
      {"socket.connection.setup.timeout.ms", "3000"},
      {"socket.keepalive.enable", "true"},
      {"socket.nagle.disable", "true"},
      {"topic.metadata.refresh.interval.ms", "30000"},
      // Its own log tells each failed attempt to connect; what matters comes as an error.
      {"log_level", std::to_string(LOG_CRIT)},
      {"log.connection.close", "false"},
  };
  return properties;
}

Status set(rd_kafka_conf_t* conf, const KafkaProperty& property) {
  char error[kErrorBytes];
  if (rd_kafka_conf_set(conf, property.name.c_str(), property.value.c_str(), error, sizeof error) !=
      RD_KAFKA_CONF_OK) {
    return Failure{Code::validation_failed, "kafka: " + std::string{error}};
  }
  return ok();
}

}  // namespace

Result<Conf> configure(const KafkaOptions& options, const std::vector<KafkaProperty>& own) {
  Conf conf{rd_kafka_conf_new()};
  const std::vector<KafkaProperty> first{{"bootstrap.servers", options.brokers}};
  const std::vector<KafkaProperty>* const layers[] = {&first, &shared_properties(), &own,
                                                      &options.properties};
  for (const auto* layer : layers) {
    for (const KafkaProperty& property : *layer) {
      if (Status status = set(conf.get(), property); !status) return status.error();
    }
  }
  return conf;
}

Result<Handle> open(rd_kafka_type_t type, Conf conf) {
  char error[kErrorBytes];
  rd_kafka_t* const opened = rd_kafka_new(type, conf.get(), error, sizeof error);
  if (opened == nullptr) return Failure{Code::validation_failed, "kafka: " + std::string{error}};
  [[maybe_unused]] const auto* const owned_by_handle = conf.release();
  return Handle{opened};
}

std::vector<Header> headers_of(const rd_kafka_message_t& message) {
  std::vector<Header> out;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    out.push_back({name, text_of(value, size)});
  }
  return out;
}

std::string text_of(const void* bytes, std::size_t length) {
  return bytes == nullptr ? std::string{} : std::string{static_cast<const char*>(bytes), length};
}

}  // namespace onsale::kafka
