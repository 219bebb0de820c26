// Health and metrics, for whoever runs the office.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

struct HealthComponent {
  std::string_view name;
  bool up = true;
};
struct HealthReport {
  bool draining = false;  // SIGTERM was received: out of service, but alive
  std::vector<HealthComponent> components;
};

class OperationRoutes {
 public:
  // `health` and `metrics` (Prometheus text exposition format 0.0.4) are asked on every call.
  OperationRoutes(std::function<HealthReport()> health, std::function<std::string()> metrics)
      : health_(std::move(health)), metrics_(std::move(metrics)) {}

  Task<void> health(Call call) const;
  Task<void> liveness(Call call) const;   // the process answers: UP, whatever depends
  Task<void> readiness(Call call) const;  // 503 while draining or a dependency is down
  Task<void> metrics(Call call) const;

 private:
  std::function<HealthReport()> health_;
  std::function<std::string()> metrics_;
};

}  // namespace onsale::api
