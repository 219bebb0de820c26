// What a saga tells of itself: how long its steps and the whole took, and, of a trace that is
// followed, their spans.
#include <algorithm>
#include <utility>

#include "services/order/order_service.hpp"

namespace onsale {
namespace {

constexpr std::int64_t kUsOfMs = 1000;

std::string_view step_name(order::Status leaving) {
  switch (leaving) {
    case order::Status::created:
      return "saga authorise";
    case order::Status::authorised:
      return "saga sell";
    case order::Status::cancelling:
      return "saga cancel";
    case order::Status::confirmed:
    case order::Status::cancelled:
      return "saga over";
  }
  return "saga over";
}
std::size_t step_index(order::Status leaving) {
  return leaving == order::Status::created ? 0 : leaving == order::Status::authorised ? 1 : 2;
}

}  // namespace

// A step that was taken from `was` since `began`; `order` is what it has become.
void OrderService::step_over(order::Status was, Instant began, const Order& order, bool moved) {
  const std::int64_t took_us = (ports_.clock.now() - began).count() * kUsOfMs;
  stats_.steps[step_index(was)].count(
      static_cast<std::uint64_t>(std::max<std::int64_t>(took_us, 0)));
  if (ports_.probe == nullptr || !ports_.probe->follows(order.trace_id)) return;
  Span span;
  span.trace = order.trace_id;
  span.parent = spans::saga(order.id);
  span.name = step_name(was);
  span.began_us = ms_of(began) * kUsOfMs;
  span.took_us = took_us;
  span.failed = !moved;
  span.notes = {{"onsale.order", order.id.to_string()},
                {"onsale.status", std::string{order::name_of(order.status)}}};
  ports_.probe->tell(std::move(span));
}

// What viewers will be told of has this saga as its cause.
void OrderService::seats_changed(const Order& order, Version version) {
  if (ports_.probe == nullptr || !ports_.probe->follows(order.trace_id)) return;
  ports_.probe->changed({order.event, version, {order.trace_id, spans::saga(order.id)}});
}

// The order is at its end.
void OrderService::saga_over(const Order& order) {
  const std::int64_t took_us = (order.updated_at - order.created_at).count() * kUsOfMs;
  const bool confirmed = order.status == order::Status::confirmed;
  (confirmed ? stats_.confirmed_after : stats_.cancelled_after)
      .count(static_cast<std::uint64_t>(std::max<std::int64_t>(took_us, 0)));
  if (ports_.probe == nullptr || !ports_.probe->follows(order.trace_id)) return;
  Span span;
  span.trace = order.trace_id;
  span.id = spans::saga(order.id);
  span.parent = spans::placing(order.id);
  span.name = "saga";
  span.began_us = ms_of(order.created_at) * kUsOfMs;
  span.took_us = took_us;
  span.failed = !confirmed && order.reason != order::Reason::payment_declined;
  span.notes = {{"onsale.order", order.id.to_string()},
                {"onsale.status", std::string{order::name_of(order.status)}},
                {"onsale.reason", std::string{order::name_of(order.reason)}}};
  ports_.probe->tell(std::move(span));
}

}  // namespace onsale
