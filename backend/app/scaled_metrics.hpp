// What a process of a role counts. Labels are routes, roles,
// reasons and event ids on sale (bounded), never a seat, buyer, order or trace.
#pragma once

#include <string>

#include "adapters/kafka/kafka_bus.hpp"
#include "adapters/mysql/database.hpp"
#include "adapters/peers/peer_client.hpp"
#include "adapters/redis/seat_ledger.hpp"
#include "api/api.hpp"
#include "api/sse/fan_out_pump.hpp"
#include "app/loop_lag.hpp"
#include "app/metrics_page.hpp"
#include "runtime/http/server.hpp"
#include "services/order/order_service.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"
#include "services/reservation/outcome_consumer.hpp"
#include "services/reservation/reconciler.hpp"

namespace onsale::app {

struct ScaledMetricSources {
  const api::Api& api;
  const http::Server& server;
  const sse::FanOutPump& pump;
  const catalog::CatalogService& catalog;
  bool shows_map;  // the catalog role: seats by state, from its map
  const OrderService& orders;
  const PaymentService* payments;  // payment role
  const OutboxDispatcher& outbox;
  const OutcomeConsumer& consumer;
  const Reconciler* reconciler;  // reservation role
  const mysql::Database& office;
  const RedisSeatLedger* redis;
  const KafkaBus* kafka;
  const PeerClient& reservation;
  const PeerClient& payment;
  const http::HttpClient& client;
  bool redis_up;
  const LoopLag& loops;
  const BackgroundAuditor& auditor;
  const OtlpProbe* probe;
  const Config& config;
  const Clock& clock;
};

std::string render_scaled_metrics(const ScaledMetricSources& sources, MetricsForm form);

}  // namespace onsale::app
