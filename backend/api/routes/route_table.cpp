// The table. Read it as the table of contents of the house.
#include "api/routes/route_table.hpp"

#include <array>
#include <utility>

namespace onsale::api {
namespace {

using enum http::Method;
using enum BuyerNeed;
using enum Door;
constexpr BodyNeed kNoBody = BodyNeed::none;
constexpr BodyNeed kJson = BodyNeed::json;
constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kNegotiated;

using D = const Desks&;

constexpr std::array kRoutes = {
    // catalog
    Route{Service::catalog, get, "events", "listEvents", kJsonType, ignored, kNoBody, both,
          [](D d, Call c) { return d.catalog.list_events(std::move(c)); }},
    Route{Service::catalog, get, "events/{}", "getEvent", kJsonType, ignored, kNoBody, both,
          [](D d, Call c) { return d.catalog.get_event(std::move(c)); }},
    Route{Service::catalog, get, "events/{}/seats", "getSeatMap", kNegotiated, ignored, kNoBody,
          both, [](D d, Call c) { return d.catalog.get_seat_map(std::move(c)); }},
    Route{Service::catalog, get, "events/{}/layout", "getLayout", kNegotiated, ignored, kNoBody,
          both, [](D d, Call c) { return d.catalog.get_layout(std::move(c)); }},
    Route{Service::catalog, get, "events/{}/seats/stream", "streamSeats", "text/event-stream",
          ignored, kNoBody, both, [](D d, Call c) { return d.catalog.stream_seats(std::move(c)); }},
    Route{Service::catalog, post, "internal/seat-update", "reflectSeatUpdate", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.catalog.reflect_seat_update(std::move(c)); }},
    // reservation
    Route{Service::reservation, post, "reservations", "holdSeats", kJsonType, made, kJson, both,
          [](D d, Call c) { return d.reservation.hold(std::move(c)); }},
    Route{Service::reservation, get, "reservations", "listHolds", kJsonType, known, kNoBody, both,
          [](D d, Call c) { return d.reservation.list_holds(std::move(c)); }},
    Route{Service::reservation, delete_, "reservations/{}/{}", "releaseSeat", kJsonType, made,
          kNoBody, both, [](D d, Call c) { return d.reservation.release(std::move(c)); }},
    Route{Service::reservation, post, "reservations/{}/{}/extend", "extendHold", kJsonType, made,
          kJson, both, [](D d, Call c) { return d.reservation.extend(std::move(c)); }},
    Route{Service::reservation, post, "reservations/{}/{}/confirm", "confirmHold", kJsonType, made,
          kNoBody, both, [](D d, Call c) { return d.reservation.confirm(std::move(c)); }},
    Route{Service::reservation, post, "internal/admin/reset", "resetEvent", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.office.reset(std::move(c)); }},
    Route{Service::catalog, post, "internal/admin/import", "importHall", kJsonType, ignored, kJson,
          staff, [](D d, Call c) { return d.office.import(std::move(c)); }},
    // order
    Route{Service::order, post, "orders", "placeOrder", kJsonType, made, kJson, both,
          [](D d, Call c) { return d.order.place(std::move(c)); }},
    Route{Service::order, get, "orders", "listOrders", kJsonType, known, kNoBody, both,
          [](D d, Call c) { return d.order.list(std::move(c)); }},
    Route{Service::order, get, "orders/{}", "getOrder", kJsonType, known, kNoBody, both,
          [](D d, Call c) { return d.order.get(std::move(c)); }},
    // payment
    Route{Service::payment, post, "payments/authorize", "authorizePayment", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.order.authorize(std::move(c)); }},
    // between the roles
    Route{Service::reservation, post, "internal/seats/hold", "peerHold", kJsonType, ignored, kJson,
          staff, [](D d, Call c) { return d.seats.hold(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/extend", "peerExtend", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.seats.extend(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/release", "peerRelease", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.seats.release(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/holds", "peerHolds", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.seats.holds(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/pin", "peerPin", kJsonType, ignored, kJson,
          staff, [](D d, Call c) { return d.seats.pin(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/settle", "peerSettle", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.seats.settle(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/confirm", "peerConfirm", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.seats.confirm(std::move(c)); }},
    Route{Service::reservation, post, "internal/seats/reset", "peerReset", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.seats.reset(std::move(c)); }},
    Route{Service::payment, post, "internal/payments/authorize", "peerAuthorize", kJsonType,
          ignored, kJson, staff, [](D d, Call c) { return d.payments.authorise(std::move(c)); }},
    Route{Service::payment, post, "internal/payments/capture", "peerCapture", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.payments.capture(std::move(c)); }},
    Route{Service::payment, post, "internal/payments/void", "peerVoid", kJsonType, ignored, kJson,
          staff, [](D d, Call c) { return d.payments.cancel(std::move(c)); }},
    // operations
    Route{Service::operations, get, "actuator/health", "getHealth", kJsonType, ignored, kNoBody,
          both, [](D d, Call c) { return d.operation.health(std::move(c)); }},
    Route{Service::operations, get, "actuator/health/liveness", "getLiveness", kJsonType, ignored,
          kNoBody, both, [](D d, Call c) { return d.operation.liveness(std::move(c)); }},
    Route{Service::operations, get, "actuator/health/readiness", "getReadiness", kJsonType, ignored,
          kNoBody, both, [](D d, Call c) { return d.operation.readiness(std::move(c)); }},
    Route{Service::operations, get, "actuator/prometheus", "getMetrics", kNegotiated, ignored,
          kNoBody, both, [](D d, Call c) { return d.operation.metrics(std::move(c)); }},
    Route{Service::operations, put, "actuator/log-level", "actuatorLogLevel", kJsonType, ignored,
          kJson, staff, [](D d, Call c) { return d.operation.log_level(std::move(c)); }},
    // documents
    Route{Service::documents, get, "", "getStartPage", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.page(std::move(c)); }},
    Route{Service::documents, get, "events/{}", "getEventPage", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.page(std::move(c)); }},
    Route{Service::documents, get, "orders/{}", "getOrderPage", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.page(std::move(c)); }},
    Route{Service::documents, get, "tickets", "getTicketsPage", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.page(std::move(c)); }},
    Route{Service::documents, get, "box-office", "getBoxOfficePage", kNegotiated, ignored, kNoBody,
          inside, [](D d, Call c) { return d.document.page(std::move(c)); }},
    Route{Service::documents, get, "assets/{}", "getAsset", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.asset(std::move(c)); }},
    Route{Service::documents, get, "icon.svg", "getIcon", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.icon(std::move(c)); }},
    Route{Service::documents, get, "docs", "getDocs", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.docs(std::move(c)); }},
    Route{Service::documents, get, "openapi.json", "getContract", kNegotiated, ignored, kNoBody,
          both, [](D d, Call c) { return d.document.openapi(std::move(c)); }},
    Route{Service::documents, get, "errors.json", "getErrors", kNegotiated, ignored, kNoBody, both,
          [](D d, Call c) { return d.document.errors(std::move(c)); }},
};

}  // namespace

std::span<const Route> route_table() { return kRoutes; }

}  // namespace onsale::api
