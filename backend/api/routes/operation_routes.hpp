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
  // `health` and `metrics` are asked on every call; metrics(true) in OpenMetrics 1.0, metrics(false) in
  // Prometheus' text format 0.0.4.
  // set_log_level(name): false if there is no such level.
  OperationRoutes(std::function<HealthReport()> health,
                  std::function<std::string(bool open_metrics)> metrics,
                  std::function<bool(std::string_view)> set_log_level)
      : health_(std::move(health)),
        metrics_(std::move(metrics)),
        set_log_level_(std::move(set_log_level)) {}

  Task<void> health(Call call) const;
  Task<void> liveness(Call call) const;   // the process answers: UP, whatever depends
  Task<void> readiness(Call call) const;  // 503 while draining or a dependency is down
  Task<void> metrics(Call call) const;
  Task<void> log_level(Call call) const;  // internal; from now on, until the process ends

 private:
  std::function<HealthReport()> health_;
  std::function<std::string(bool)> metrics_;
  std::function<bool(std::string_view)> set_log_level_;
};

}  // namespace onsale::api
