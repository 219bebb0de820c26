// Writing an order.
#include "api/codec/order_json.hpp"

#include "api/codec/json_writer.hpp"

namespace onsale::api {

void append_order(std::string& out, const Order& order, const Catalogue& catalogue) {
  out += R"({"orderId":)";
  json::append_uuid(out, order.id.bits);
  out += R"(,"status":")";
  out += order::name_of(order.status);
  out += R"(","eventId":)";
  json::append_number(out, order.event.value);
  out += R"(,"seatIds":[)";
  for (std::size_t i = 0; i < order.seats.size(); ++i) {
    if (i > 0) out += ',';
    json::append_number(out, order.seats[i].value);
  }
  out += R"(],"amount":)";
  json::append_number(out, order.total.amount);
  out += R"(,"currency":)";
  json::append_string(out, order.currency);
  out += R"(,"createdAt":)";
  json::append_time(out, order.created_at);
  out += R"(,"payBy":)";
  json::append_time(out, order.pay_by);
  if (order.reason != order::Reason::none) {
    out += R"(,"reason":{"code":")";
    out += order::name_of(order.reason);
    out += R"(","message":)";
    json::append_string(out, order::text_of(order.reason));
    out += '}';
  }
  if (order.status == order::Status::confirmed) {
    out += R"(,"tickets":[)";
    bool first = true;
    for (const Ticket& ticket : order.tickets) {
      out += first ? R"({"ticketId":)" : R"(,{"ticketId":)";
      first = false;
      json::append_uuid(out, ticket.id.bits);
      out += R"(,"seatId":)";
      json::append_number(out, ticket.seat.value);
      const Catalogue::SeatLabel label = catalogue.label(order.event, ticket.seat);
      out += R"(,"section":)";
      json::append_string(out, label.section);
      out += R"(,"row":)";
      json::append_string(out, label.row);
      out += R"(,"seat":)";
      json::append_string(out, label.seat);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

}  // namespace onsale::api
