// Names and topics of the messages: the words of contract/events.
#include "domain/order/message.hpp"

namespace onsale {

std::string_view name_of(MessageType type) {
  switch (type) {
    case MessageType::order_created:
      return "ORDER_CREATED";
    case MessageType::payment_success:
      return "PAYMENT_SUCCESS";
    case MessageType::payment_failed:
      return "PAYMENT_FAILED";
    case MessageType::seats_sold:
      return "SEATS_SOLD";
    case MessageType::seats_released:
      return "SEATS_RELEASED";
    case MessageType::order_confirmed:
      return "ORDER_CONFIRMED";
    case MessageType::order_cancelled:
      return "ORDER_CANCELLED";
  }
  return "";
}

std::string_view topic_of(MessageType type) {
  switch (type) {
    case MessageType::seats_sold:
    case MessageType::seats_released:
      return "seat.events";
    case MessageType::order_created:
    case MessageType::payment_success:
    case MessageType::payment_failed:
    case MessageType::order_confirmed:
    case MessageType::order_cancelled:
      return "order.events";
  }
  return "";
}

}  // namespace onsale
