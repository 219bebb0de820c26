// Spans as the OpenTelemetry protocol has them in JSON (OTLP 1, ExportTraceServiceRequest): ids in hex,
// 64-bit numbers as strings.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/probe.hpp"

namespace onsale::otlp {

using Attributes = std::vector<std::pair<std::string, std::string>>;

// One request body; `resource` tells who speaks (service.name, …).
std::string encode(const Attributes& resource, const std::vector<Span>& spans);

}  // namespace onsale::otlp
