// A probe for whoever has a collector.
#include "app/tracing.hpp"

#include <unistd.h>

#include <array>
#include <utility>

#include "app/log.hpp"

namespace onsale::app {
namespace {

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : "unknown";
}

}  // namespace

std::unique_ptr<OtlpProbe> probe_of(const Config& config) {
  if (config.tracing.endpoint.empty()) return nullptr;
  auto collector = http::parse_origin(config.tracing.endpoint);
  if (!collector) {
    log(LogLevel::error, "tracing", {{"fault", collector.error().detail}});
    return nullptr;
  }
  OtlpOptions options;
  options.collector = std::move(*collector);
  // One service a role, as a trace is read; who plays several is named by all of them.
  options.resource = {
      {"service.name", config.roles.empty() ? "onsale" : "onsale-" + config.roles},
      {"service.version", ONSALE_VERSION},
      {"service.instance.id", config.node.name.empty() ? machine_name() : config.node.name}};
  options.share = config.tracing.share;
  return std::make_unique<OtlpProbe>(std::move(options));
}

api::ApiOptions traced(api::ApiOptions options, Probe* probe) {
  options.probe = probe;
  return options;
}

}  // namespace onsale::app
