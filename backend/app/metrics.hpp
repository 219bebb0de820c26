// What the office counts. Labels are routes, classes, reasons
// and event ids on sale (bounded), never a seat, buyer, order or trace.
#pragma once

#include <string>
#include <vector>

#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/sqlite/database.hpp"
#include "api/api.hpp"
#include "api/sse/fan_out_pump.hpp"
#include "app/loop_lag.hpp"
#include "app/metrics_page.hpp"
#include "runtime/http/server.hpp"
#include "services/order/order_service.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"

namespace onsale::app {

struct MetricSources {
  const api::Api& api;
  const http::Server& server;
  const sse::FanOutPump& pump;
  const catalog::CatalogService& catalog;
  EmbeddedLedger& ledger;
  const OrderService& orders;
  const PaymentService& payments;
  const OutboxDispatcher& outbox;
  const sqlite::Database& office;
  const sqlite::Database& provider;
  const LoopLag& loops;
  const BackgroundAuditor& auditor;
  const OtlpProbe* probe;
  const Config& config;
  const Clock& clock;
};

// Events with a seats-by-state series; the rest are left out (a named limit on the label's values).
inline constexpr std::size_t kEventsInMetricsMax = 100;

std::string render_metrics(const MetricSources& sources, MetricsForm form);

}  // namespace onsale::app
