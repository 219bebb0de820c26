// Where traces go, by configuration.
#pragma once

#include <memory>

#include "adapters/telemetry/otlp_probe.hpp"
#include "api/api.hpp"
#include "app/config.hpp"

namespace onsale::app {

// nullptr: no traces are wanted. validate() has seen to it that the endpoint can be read.
std::unique_ptr<OtlpProbe> probe_of(const Config& config);

// The same options, telling `probe`, if there is one.
api::ApiOptions traced(api::ApiOptions options, Probe* probe);

}  // namespace onsale::app
