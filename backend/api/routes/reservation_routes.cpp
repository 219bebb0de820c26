// Handlers of reservation: parse, ask, answer. hold() is the hottest code of the house.
#include "api/routes/reservation_routes.hpp"

#include "api/codec/json_writer.hpp"

namespace onsale::api {
namespace {

struct SeatPath {
  EventId event;
  SeatId seat;
};

// {eventId}/{seatId}; what cannot be an id names nothing.
std::optional<SeatPath> read_seat_path(Call& call) {
  const auto event = parse_id(call.path.values[0]);
  if (!event) {
    call.refuse(Code::event_not_found);
    return std::nullopt;
  }
  const auto seat = parse_id(call.path.values[1]);
  if (!seat) {
    call.refuse(Code::seat_not_found);
    return std::nullopt;
  }
  return SeatPath{{*event}, {*seat}};
}

void append_seat_head(std::string& out, EventId event, SeatId seat) {
  out += R"({"eventId":)";
  json::append_number(out, event.value);
  out += R"(,"seatId":)";
  json::append_number(out, seat.value);
}

void append_trace_and_end(std::string& out, TraceId trace) {
  out += R"(,"traceId":")";
  json::append_hex(out, trace.bits);
  out += R"("})";
}

}  // namespace

Task<void> ReservationRoutes::hold(Call call) const {
  const auto body = read_hold_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const auto& wish = std::get<HoldBody>(body);
  const Seconds granted = service_.clamp(wish.hold_seconds);
  const auto answer = co_await service_.hold(wish.event, wish.seats, *call.buyer, granted);
  if (!answer.granted()) {
    call.refuse(answer.refused());
    co_return;
  }
  call.response.changed(wish.event, answer.value().version);
  std::string& out = call.json(201);
  append_seat_head(out, wish.event, wish.seats.front());
  out += R"(,"seatIds":[)";
  for (std::size_t i = 0; i < wish.seats.size(); ++i) {
    if (i > 0) out += ',';
    json::append_number(out, wish.seats[i].value);
  }
  out += R"(],"holdSeconds":)";
  json::append_number(out, granted.count());
  out += R"(,"expiresAt":)";
  json::append_time(out, answer.value().expires_at);
  out += R"(,"version":)";
  json::append_number(out, answer.value().version.value);
  append_trace_and_end(out, call.request.trace_id);
}

Task<void> ReservationRoutes::list_holds(Call call) const {
  const auto text = call.request.query_value("eventId");
  const auto event = text ? parse_id(*text) : std::nullopt;
  if (!event) {
    call.refuse_field("/eventId", text ? "must be an event id" : "is missing");
    co_return;
  }
  // Someone without a token has no holds; a nil buyer has none either.
  const auto found = co_await service_.holds_of({*event}, call.buyer.value_or(BuyerId{}));
  if (!found) {
    call.refuse(found.error());
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"eventId":)";
  json::append_number(out, *event);
  out += R"(,"version":)";
  json::append_number(out, found->version.value);
  out += R"(,"holds":[)";
  bool first = true;
  for (const LiveHold& hold : found->holds) {
    out += first ? R"({"seatId":)" : R"(,{"seatId":)";
    first = false;
    json::append_number(out, hold.seat.value);
    out += hold.pinned ? R"(,"status":"PINNED","expiresAt":)" : R"(,"status":"HELD","expiresAt":)";
    json::append_time(out, hold.expires_at);
    out += R"(,"extendableUntil":)";
    json::append_time(out, hold.extendable_until);
    out += '}';
  }
  out += "]}";
}

Task<void> ReservationRoutes::extend(Call call) const {
  const auto body = read_extend_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const auto path = read_seat_path(call);
  if (!path) co_return;
  const Seconds by{std::get<ExtendBody>(body).seconds};
  const auto answer = co_await service_.extend(path->event, path->seat, *call.buyer, by);
  if (!answer.granted()) {
    call.refuse(answer.refused());
    co_return;
  }
  std::string& out = call.json(200);
  append_seat_head(out, path->event, path->seat);
  out += R"(,"expiresAt":)";
  json::append_time(out, answer.value());
  append_trace_and_end(out, call.request.trace_id);
}

Task<void> ReservationRoutes::release(Call call) const {
  const auto path = read_seat_path(call);
  if (!path) co_return;
  const auto answer = co_await service_.release(path->event, path->seat, *call.buyer);
  if (!answer.granted()) {
    call.refuse(answer.refused());
    co_return;
  }
  call.response.status(204);
}

Task<void> ReservationRoutes::confirm(Call call) const {
  if (!direct_confirm_) {
    call.refuse(Code::not_allowed);
    co_return;
  }
  const auto path = read_seat_path(call);
  if (!path) co_return;
  const auto answer =
      co_await direct_sale_.sell(path->event, path->seat, *call.buyer, call.request.trace_id);
  if (!answer.granted()) {
    call.refuse(answer.refused());
    co_return;
  }
  std::string& out = call.json(200);
  append_seat_head(out, path->event, path->seat);
  out += R"(,"status":"SOLD","orderId":)";
  json::append_uuid(out, answer.value().order.bits);
  out += R"(,"version":)";
  json::append_number(out, answer.value().version.value);
  append_trace_and_end(out, call.request.trace_id);
}

}  // namespace onsale::api
