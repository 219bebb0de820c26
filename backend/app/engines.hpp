// The engines of an office on several machines, from the settings: addresses with their secrets read
// from files. A failure is one line that names the setting.
#pragma once

#include <string>

#include "adapters/kafka/kafka_options.hpp"
#include "adapters/mysql/endpoint.hpp"
#include "adapters/peers/peer_client.hpp"
#include "adapters/redis/options.hpp"
#include "app/config.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace onsale::app {

// A line in the log if this machine's clock is off by more than a second; `ahead`: of the database's.
void tell_if_off(Milliseconds ahead);

Result<mysql::Endpoint> office_database(const Config& config);
Result<mysql::Endpoint> provider_database(const Config& config);
Result<redis::Options> redis_options(const Config& config);
KafkaOptions kafka_options(const Config& config);
// "host:port,host:port"; `key` names the setting. None is no failure.
Result<PeerOptions> peer_options(const std::string& nodes, const char* key, std::string credential);

}  // namespace onsale::app
