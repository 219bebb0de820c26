// Front: what answers requests and keeps viewers up to date, the same before either form of the office:
// who asks, the routes of each service, the stream of each event.
#pragma once

#include <functional>
#include <string>

#include "adapters/crypto/hmac_buyer_tokens.hpp"
#include "api/api.hpp"
#include "api/showcase.hpp"
#include "app/config.hpp"
#include "runtime/http/server.hpp"

namespace onsale::app {

// What it stands before; all of it outlives the Front. `health` and `metrics` as OperationRoutes asks
// for them.
struct BehindFront {
  http::Server& server;
  Clock& clock;
  IdSource& ids;
  Probe* probe = nullptr;
  const Config& config;
  catalog::CatalogService& catalog;
  ReservationService& reservations;
  DirectSale& direct_sale;
  OrderService& orders;
  Payments& payments;
  SeatLedger& ledger;
  SeatLedgerAdmin& ledger_admin;
  api::Office& office;
  HmacBuyerTokens::Key token_key;
  std::function<api::HealthReport()> health;
  std::function<std::string(bool open_metrics)> metrics;
  api::ApiOptions api;
};

struct Front {
  explicit Front(BehindFront behind);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  sse::FanOutPump pump;
  api::Showcase showcase;

 private:
  HmacBuyerTokens tokens_;
  api::Identity identity_;
  api::CatalogRoutes catalog_routes_;
  api::ReservationRoutes reservation_routes_;
  api::OrderRoutes order_routes_;
  api::OfficeRoutes office_routes_;
  api::OperationRoutes operation_routes_;
  api::DocumentRoutes document_routes_;
  api::InternalSeatRoutes seat_routes_;
  api::InternalPaymentRoutes payment_routes_;

 public:
  api::Api api;
};

}  // namespace onsale::app
