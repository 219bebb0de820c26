// Builds the front: each member from those above it.
#include "app/front.hpp"

#include <utility>

#include "app/log.hpp"
#include "app/policies.hpp"
#include "app/tracing.hpp"

namespace onsale::app {
namespace {

auto to_viewers(http::Server& server) {
  return
      [&server](const auto& channel, std::uint64_t from, std::uint64_t to,
                http::SharedBytes frame) { server.publish(channel, from, to, std::move(frame)); };
}

}  // namespace

Front::Front(BehindFront behind)
    : pump(behind.server.loop(0), behind.clock, to_viewers(behind.server),
           fan_out_limits(behind.config), behind.probe),
      showcase(behind.catalog, pump),
      tokens_(behind.token_key),
      identity_(tokens_, behind.ids),
      catalog_routes_(behind.catalog, showcase, behind.clock, behind.ids,
                      to_viewers(behind.server)),
      reservation_routes_(behind.reservations, behind.direct_sale,
                          behind.config.holds.direct_confirm),
      order_routes_(behind.orders, behind.catalog),
      office_routes_(behind.office),
      operation_routes_(std::move(behind.health), std::move(behind.metrics), set_log_level),
      seat_routes_(behind.ledger, behind.ledger_admin),
      payment_routes_(behind.payments, behind.clock),
      api({.catalog = catalog_routes_,
           .reservation = reservation_routes_,
           .order = order_routes_,
           .office = office_routes_,
           .operation = operation_routes_,
           .document = document_routes_,
           .seats = seat_routes_,
           .payments = payment_routes_},
          identity_, behind.clock, traced(std::move(behind.api), behind.probe)) {}

}  // namespace onsale::app
