// A page of metrics in the making, and the families that every form of the office has. Written in
// Prometheus' text format (0.0.4) or as OpenMetrics (1.0), which alone has room for exemplars.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/telemetry/otlp_probe.hpp"
#include "api/exemplars.hpp"
#include "api/request_counters.hpp"
#include "api/sse/fan_out_pump.hpp"
#include "app/background_auditor.hpp"
#include "app/config.hpp"
#include "base/duration_counts.hpp"
#include "runtime/http/server.hpp"
#include "services/order/order_stats.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"

namespace onsale::app {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

enum class MetricsForm : std::uint8_t { prometheus, open_metrics };

class MetricsPage {
 public:
  void counter(const char* name, const char* help, double value, MetricLabels labels = {});
  void gauge(const char* name, const char* help, double value, MetricLabels labels = {});
  void durations(const char* name, const char* help, const DurationSum& sum,
                 MetricLabels labels = {}, const api::Exemplars::OfRoute* exemplars = nullptr);
  [[nodiscard]] std::string text(MetricsForm form) const;

 private:
  struct Family {
    prometheus::MetricFamily all;
    std::map<std::size_t, api::Exemplars::OfRoute> exemplars;  // by metric
  };
  Family& family(const char* name, const char* help, prometheus::MetricType type);
  [[nodiscard]] std::string open_metrics() const;
  std::vector<Family> families_;
};

void add_build(MetricsPage& page, const Config& config);
void add_process(MetricsPage& page);
void add_requests(MetricsPage& page, const api::RequestCounters& counters,
                  const api::Exemplars& exemplars);
void add_edge(MetricsPage& page, const http::ServerStats& stats);
// How full the named limits are, and what they are.
void add_limits(MetricsPage& page, const Config& config, const http::ServerStats& edge,
                const OrderStats& orders);
void add_orders(MetricsPage& page, const OrderStats& stats);
void add_payments(MetricsPage& page, const PaymentService& payments);
void add_outbox(MetricsPage& page, const DispatcherStats& outbox, Instant now);
void add_fan_out(MetricsPage& page, const sse::FanOutPump::Stats& fan_out);
void add_loops(MetricsPage& page, const DurationSum& lag);
void add_audit(MetricsPage& page, const AuditorStats& audit, Instant now);
void add_traces(MetricsPage& page, const OtlpStats& stats);

}  // namespace onsale::app
