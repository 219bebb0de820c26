// The JSON that the office answers, read with Boost.JSON: only what the rehearsal needs of it.
#include <boost/json.hpp>

#include "rehearsal/office_client.hpp"

namespace onsale::rehearsal {

namespace {

namespace bj = boost::json;

bj::value parse(std::string_view body) {
  bj::error_code error;
  bj::value value = bj::parse(bj::string_view(body.data(), body.size()), error);
  return error ? bj::value() : value;
}

const bj::value* member(const bj::value& value, bj::string_view name) {
  const bj::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string text(const bj::value& value, bj::string_view name) {
  const bj::value* found = member(value, name);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

std::uint64_t number(const bj::value& value, bj::string_view name) {
  const bj::value* found = member(value, name);
  bj::error_code error;
  const auto read = found == nullptr ? 0 : found->to_number<std::uint64_t>(error);
  return error ? 0 : read;
}

const bj::array* list(const bj::value& value, bj::string_view name) {
  const bj::value* found = member(value, name);
  return found == nullptr ? nullptr : found->if_array();
}

std::optional<OrderBody> order_of(const bj::value& value) {
  OrderBody order{.id = text(value, "orderId"), .status = text(value, "status")};
  const bj::array* seats = list(value, "seatIds");
  if (order.id.empty() || order.status.empty() || seats == nullptr) return std::nullopt;
  for (const bj::value& seat : *seats) {
    bj::error_code error;
    order.seat_ids.push_back(seat.to_number<std::uint64_t>(error));
  }
  if (const bj::value* reason = member(value, "reason")) order.reason = text(*reason, "code");
  return order;
}

}  // namespace

ProblemBody read_problem(std::string_view body) {
  const bj::value root = parse(body);
  ProblemBody problem{.code = text(root, "code")};
  if (const bj::array* seats = list(root, "seats")) {
    for (const bj::value& seat : *seats) {
      const auto status = parse_status(text(seat, "status"));
      problem.seats.push_back({number(seat, "seatId"), status.value_or(SeatStatus::held)});
    }
  }
  return problem;
}

std::optional<GrantBody> read_grant(std::string_view body) {
  const bj::value root = parse(body);
  if (member(root, "version") == nullptr || member(root, "holdSeconds") == nullptr) {
    return std::nullopt;
  }
  return GrantBody{number(root, "version"), static_cast<std::int64_t>(number(root, "holdSeconds"))};
}

std::optional<OrderBody> read_order(std::string_view body) { return order_of(parse(body)); }

std::optional<std::vector<OrderBody>> read_orders(std::string_view body) {
  const bj::value root = parse(body);
  const bj::array* found = list(root, "orders");
  if (found == nullptr) return std::nullopt;
  std::vector<OrderBody> orders;
  for (const bj::value& value : *found) {
    std::optional<OrderBody> order = order_of(value);
    if (!order) return std::nullopt;
    orders.push_back(std::move(*order));
  }
  return orders;
}

std::optional<std::vector<std::uint64_t>> read_live_holds(std::string_view body) {
  const bj::value root = parse(body);
  const bj::array* found = list(root, "holds");
  if (found == nullptr) return std::nullopt;
  std::vector<std::uint64_t> seats;
  for (const bj::value& hold : *found) seats.push_back(number(hold, "seatId"));
  return seats;
}

}  // namespace onsale::rehearsal
