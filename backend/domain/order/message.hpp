// The events that leave through the outbox: CloudEvents 1.0 (contract/events/*.json).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/order/order.hpp"

namespace onsale {

enum class MessageType : std::uint8_t {
  order_created,
  payment_success,
  payment_failed,
  seats_sold,
  seats_released,
  order_confirmed,
  order_cancelled,
};
std::string_view name_of(MessageType type);   // "ORDER_CREATED" …
std::string_view topic_of(MessageType type);  // "order.events" or "seat.events"

// One message. Keyed by order, so that a bus keeps the order of an order's messages.
struct Message {
  MessageId id;
  MessageType type{};
  OrderId order;
  EventId event;
  SeatIds seats;
  BuyerId buyer;
  Money total;
  std::string currency;
  order::Reason reason = order::Reason::none;
  Instant at;
  TraceId trace_id;
};

}  // namespace onsale
