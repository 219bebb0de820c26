// Handlers of health and metrics.
#include "api/routes/operation_routes.hpp"

#include <algorithm>

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
  call.response.content_type("text/plain; version=0.0.4; charset=utf-8");
  call.response.header("Cache-Control", "no-store");
  call.response.body(metrics_());
  co_return;
}

}  // namespace onsale::api
