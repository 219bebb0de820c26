// The counter sale, in the order of the saga: pin, durable order, sell, durable CONFIRMED.
#include "services/order/direct_sale.hpp"

namespace onsale {
namespace {

constexpr Milliseconds kPinFor{30'000};

}  // namespace

Message DirectSale::message_of(const Order& order, MessageType type) const {
  const Instant now = clock_.now();
  return {.id = {uuid_v7(now, ids_.random_bits())},
          .type = type,
          .order = order.id,
          .event = order.event,
          .seats = order.seats,
          .buyer = order.buyer,
          .total = order.total,
          .currency = order.currency,
          .reason = order.reason,
          .at = now,
          .trace_id = order.trace_id};
}

Task<LedgerAnswer<DirectlySold>> DirectSale::sell(EventId event, SeatId seat, BuyerId buyer,
                                                  TraceId trace) {
  const Instant now = clock_.now();
  const SeatIds seats{seat};
  const auto quote = catalogue_.quote(event, seats);
  if (!quote) co_return LedgerAnswer<DirectlySold>{quote.code()};

  Order order;
  order.id = {uuid_v7(now, ids_.random_bits())};
  order.buyer = buyer;
  order.event = event;
  order.seats = seats;
  order.total = quote->total;
  order.currency = quote->currency;
  order.created_at = now;
  order.updated_at = now;
  order.pay_by = now + kPinFor;
  order.trace_id = trace;
  const auto pinned = co_await ledger_.pin(event, seats, buyer, order.id, order.pay_by);
  if (!pinned.granted()) co_return LedgerAnswer<DirectlySold>{pinned.refused()};

  PlaceOrder place{
      .order = order,
      .pinned_epoch = pinned.value().version.epoch(),
      .scope = {.buyer = buyer, .route = "confirm", .key = order.id.to_string()},
      .answer = {.body_hash = "", .http_status = 200, .location = "", .body = "", .stored_at = now},
      .messages = {message_of(order, MessageType::order_created)}};
  const auto placed = co_await orders_.place(std::move(place));
  if (!placed || *placed != PlaceOutcome::placed) {
    co_await ledger_.settle(event, seats, order.id, Settlement::unpin);
    co_return LedgerAnswer<DirectlySold>{placed ? Code::reservation_conflict : placed.code()};
  }
  // From here on the order exists: whatever fails, recovery sells it.
  const auto sold = co_await ledger_.settle(event, seats, order.id, Settlement::sell);
  if (!sold.granted()) co_return LedgerAnswer<DirectlySold>{sold.refused()};
  AdvanceOrder authorised{.id = order.id,
                          .expected_version = order.version,
                          .to = order::Status::authorised,
                          .at = clock_.now(),
                          .messages = {message_of(order, MessageType::payment_success)}};
  const auto paid = co_await orders_.advance(std::move(authorised));
  if (!paid) co_return LedgerAnswer<DirectlySold>{paid.code()};
  AdvanceOrder confirmed{.id = order.id,
                         .expected_version = order.version + 1,
                         .to = order::Status::confirmed,
                         .at = clock_.now(),
                         .tickets = {{.id = {ids_.random_bits()}, .seat = seat}},
                         .messages = {message_of(order, MessageType::seats_sold),
                                      message_of(order, MessageType::order_confirmed)}};
  // A conflict means that recovery was quicker: confirmed all the same.
  const auto done = co_await orders_.advance(std::move(confirmed));
  if (!done) co_return LedgerAnswer<DirectlySold>{done.code()};
  co_return LedgerAnswer<DirectlySold>{DirectlySold{order.id, sold.value()}};
}

}  // namespace onsale
