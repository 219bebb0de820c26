// Handlers of orders. The answer to a placed order is rendered before it is stored, so that a
// repetition is the same bytes.
#include "api/routes/order_routes.hpp"

#include <algorithm>

#include "api/codec/json_writer.hpp"
#include "api/codec/order_json.hpp"

namespace onsale::api {
namespace {

constexpr std::size_t kKeyBytesMax = 128;
constexpr std::uint64_t kPageMax = 100;
constexpr std::uint64_t kPageDefault = 50;

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= kKeyBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

std::optional<OrderId> read_order_id(std::string_view text) {
  return text.size() == 36 ? OrderId::parse(text) : std::nullopt;
}

// What makes two bodies "the same": what was read from them, not how it was written.
std::string body_key(const OrderBody& body) {
  std::string key;
  json::append_number(key, body.event.value);
  for (const SeatId seat : body.seats) {
    key += ',';
    json::append_number(key, seat.value);
  }
  return key;
}

}  // namespace

Task<void> OrderRoutes::place(Call call) const {
  const auto body = read_order_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const auto key = call.request.header("Idempotency-Key");
  if (!key || key->empty()) {
    call.refuse(Code::idempotency_key_missing);
    co_return;
  }
  if (!is_key(*key)) {
    call.refuse_field("/Idempotency-Key", "must be 1 to 128 visible ASCII characters");
    co_return;
  }
  const auto& wish = std::get<OrderBody>(body);
  PlaceRequest request{.buyer = *call.buyer,
                       .event = wish.event,
                       .seats = wish.seats,
                       .key = std::string{*key},
                       .body_hash = body_key(wish),
                       .trace_id = call.request.trace_id};
  AnswerRenderer render = [this](const Order& order) {
    RenderedAnswer answer{.http_status = 201,
                          .location = "/ticketing/order/api/orders/" + order.id.to_string(),
                          .body = {}};
    append_order(answer.body, order, catalogue_);
    return answer;
  };
  const auto placed = co_await service_.place(std::move(request), std::move(render));
  if (!placed.granted()) {
    const Refused& refused = placed.refused();
    const auto nobody_holds = [](const RefusedSeat& seat) {
      return seat.status == seat::WireStatus::available;
    };
    if (refused.code == Code::reservation_conflict && !refused.seats.empty() &&
        std::all_of(refused.seats.begin(), refused.seats.end(), nobody_holds)) {
      call.refuse(refused, "You do not hold a seat you want to order. Hold it first, then order.");
    } else {
      call.refuse(refused);
    }
    co_return;
  }
  const PlacedOrder& order = placed.value();
  call.json(order.answer.http_status) += order.answer.body;
  call.response.header("Location", order.answer.location);
  if (order.replayed) call.response.header("Idempotent-Replayed", "true");
  const std::string_view location = order.answer.location;
  if (const auto id = OrderId::parse(location.substr(location.rfind('/') + 1))) {
    call.response.about(*id);
  }
}

Task<void> OrderRoutes::get(Call call) const {
  const auto id = read_order_id(call.path.values[0]);
  if (!id || !call.buyer) {
    call.refuse(Code::order_not_found);
    co_return;
  }
  call.response.about(*id);
  const auto order = co_await service_.find(*call.buyer, *id);
  if (!order) {
    call.refuse(order.error());
    co_return;
  }
  append_order(call.json(200), *order, catalogue_);
}

Task<void> OrderRoutes::list(Call call) const {
  std::uint64_t limit = kPageDefault;
  if (const auto text = call.request.query_value("limit")) {
    const auto number = parse_id(*text);
    if (!number || *number > kPageMax) {
      call.refuse_field("/limit", "must be from 1 to 100");
      co_return;
    }
    limit = *number;
  }
  std::optional<OrderId> after;
  if (const auto text = call.request.query_value("after")) {
    after = read_order_id(*text);
    if (!after) {
      call.refuse_field("/after", "must be an order id");
      co_return;
    }
  }
  OrderPage page;
  if (call.buyer) {
    auto found = co_await service_.list(*call.buyer, after, limit);
    if (!found) {
      call.refuse(found.error());
      co_return;
    }
    page = std::move(*found);
  }
  std::string& out = call.json(200);
  out += R"({"orders":[)";
  for (std::size_t i = 0; i < page.orders.size(); ++i) {
    if (i > 0) out += ',';
    append_order(out, page.orders[i], catalogue_);
  }
  out += ']';
  if (page.next) {
    out += R"(,"nextAfter":)";
    json::append_uuid(out, page.next->bits);
  }
  out += '}';
}

Task<void> OrderRoutes::authorize(Call call) const {
  const auto body = read_authorize_body(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  const OrderId id = std::get<AuthorizeBody>(body).order;
  const auto outcome = co_await service_.authorise(id);
  if (!outcome) {
    call.refuse(outcome.error());
    co_return;
  }
  if (*outcome == AuthoriseOutcome::unknown || *outcome == AuthoriseOutcome::unavailable) {
    call.refuse(Code::unavailable);
    co_return;
  }
  std::string& out = call.json(200);
  out += R"({"orderId":)";
  json::append_uuid(out, id.bits);
  out += *outcome == AuthoriseOutcome::authorised ? R"(,"status":"success","traceId":")"
                                                  : R"(,"status":"fail","traceId":")";
  json::append_hex(out, call.request.trace_id.bits);
  out += R"("})";
}

}  // namespace onsale::api
