// A page of metrics in the making (Prometheus text format 0.0.4), and the families that every form of
// the office has.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "api/request_counters.hpp"
#include "api/sse/fan_out_pump.hpp"
#include "runtime/http/server.hpp"
#include "services/order/order_stats.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"

namespace onsale::app {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

class MetricsPage {
 public:
  void counter(const char* name, const char* help, double value, MetricLabels labels = {});
  void gauge(const char* name, const char* help, double value, MetricLabels labels = {});
  void durations(const char* name, const char* help, const api::RequestCounters::Cell& cell,
                 MetricLabels labels);
  [[nodiscard]] std::string text() const;

 private:
  prometheus::MetricFamily& family(const char* name, const char* help, prometheus::MetricType type);
  std::vector<prometheus::MetricFamily> families_;
};

void add_build(MetricsPage& page);
void add_requests(MetricsPage& page, const api::RequestCounters& counters);
void add_edge(MetricsPage& page, const http::ServerStats& stats);
void add_orders(MetricsPage& page, const OrderStats& stats);
void add_payments(MetricsPage& page, const PaymentService& payments);
void add_outbox(MetricsPage& page, const DispatcherStats& outbox, Instant now);
void add_fan_out(MetricsPage& page, const sse::FanOutPump::Stats& fan_out);

}  // namespace onsale::app
