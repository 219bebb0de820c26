// Handlers of health and metrics.
#include "api/routes/operation_routes.hpp"

#include <algorithm>

#include "api/accept.hpp"

namespace onsale::api {
namespace {

void write_health(Call& call, const HealthReport& report) {
  const bool up =
      !report.draining && std::all_of(report.components.begin(), report.components.end(),
                                      [](const HealthComponent& c) { return c.up; });
  std::string& out = call.json(up ? 200 : 503);
  out += R"({"status":")";
  out += report.draining ? "OUT_OF_SERVICE" : (up ? "UP" : "DOWN");
  out += '"';
  if (!report.components.empty()) {
    out += R"(,"components":{)";
    bool first = true;
    for (const HealthComponent& component : report.components) {
      if (!first) out += ',';
      first = false;
      out += '"';
      out += component.name;
      out += component.up ? R"(":{"status":"UP"})" : R"(":{"status":"DOWN"})";
    }
    out += '}';
  }
  out += '}';
  if (!up) call.response.header("Retry-After", "1");
}

}  // namespace

Task<void> OperationRoutes::health(Call call) const {
  write_health(call, health_());
  co_return;
}

Task<void> OperationRoutes::liveness(Call call) const {
  call.json(200) += R"({"status":"UP"})";
  co_return;
}

Task<void> OperationRoutes::readiness(Call call) const {
  write_health(call, health_());
  co_return;
}

Task<void> OperationRoutes::metrics(Call call) const {
  call.response.status(200);
  const auto accept = call.request.header("Accept");
  const bool open = accept && quality_of(*accept, "application/openmetrics-text") >
                                  quality_of(*accept, "text/plain");
  call.response.content_type(open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                  : "text/plain; version=0.0.4; charset=utf-8");
  call.response.header("Vary", "Accept");
  call.response.header("Cache-Control", "no-store");
  call.response.body(metrics_(open));
  co_return;
}

Task<void> OperationRoutes::log_level(Call call) const {
  const auto body = read_log_level_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const std::string& level = std::get<LogLevelBody>(body).level;
  if (!set_log_level_(level)) {
    call.refuse_field("/level", "must be trace, debug, info, warn, error or off");
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"level":")";
  out += level;
  out += R"("})";
}

}  // namespace onsale::api
