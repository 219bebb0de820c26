// Every address of the house in one constexpr table: service, verb, pattern, what it needs of the
// caller, handler. contract/openapi.yaml lists the same; a contract test walks both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "api/call.hpp"
#include "api/router.hpp"
#include "api/routes/catalog_routes.hpp"
#include "api/routes/document_routes.hpp"
#include "api/routes/internal_payment_routes.hpp"
#include "api/routes/internal_seat_routes.hpp"
#include "api/routes/office_routes.hpp"
#include "api/routes/operation_routes.hpp"
#include "api/routes/order_routes.hpp"
#include "api/routes/reservation_routes.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

struct Desks {
  const CatalogRoutes& catalog;
  const ReservationRoutes& reservation;
  const OrderRoutes& order;
  const OfficeRoutes& office;
  const OperationRoutes& operation;
  const DocumentRoutes& document;
  // For the other roles of an office on several machines.
  const InternalSeatRoutes& seats;
  const InternalPaymentRoutes& payments;
};

// What a route needs to know of the buyer.
enum class BuyerNeed : std::uint8_t {
  ignored,  // not looked at
  known,    // the one who sent a token, or nobody
  made,     // a new one if none was sent
};

enum class BodyNeed : std::uint8_t { none, json };

// Where an address exists, and for whom.
enum class Door : std::uint8_t {
  both,    // on either listener, for anyone
  inside,  // on the internal listener only; shows nothing that is secret
  staff,   // on the internal listener only, with its credential
};

struct Route {
  Service service;
  http::Method verb;
  std::string_view pattern;
  std::string_view name;      // for metrics and logs
  std::string_view produces;  // checked against Accept; empty: the handler negotiates
  BuyerNeed buyer;
  BodyNeed body;
  Door door;
  Task<void> (*handle)(const Desks& desks, Call call);
};

std::span<const Route> route_table();

}  // namespace onsale::api
