// Parse, ask the payment service, tell its outcome.
#include "api/routes/internal_payment_routes.hpp"

#include <algorithm>
#include <utility>

#include "api/codec/internal_body.hpp"
#include "api/codec/json_writer.hpp"
#include "api/routes/internal_seat_routes.hpp"

namespace onsale::api {
namespace {

// The answer's way back, so that "unknown" is said by us and not by the caller's clock.
constexpr Milliseconds kWayBack{250};

std::string_view name_of(AuthoriseOutcome outcome) {
  switch (outcome) {
    case AuthoriseOutcome::authorised:
      return "AUTHORISED";
    case AuthoriseOutcome::declined:
      return "DECLINED";
    case AuthoriseOutcome::unknown:
      return "UNKNOWN";
    case AuthoriseOutcome::unavailable:
      return "UNAVAILABLE";
  }
  return "";
}

std::string_view name_of(PaymentAnswer answer) {
  switch (answer) {
    case PaymentAnswer::done:
      return "DONE";
    case PaymentAnswer::declined:
      return "DECLINED";
    case PaymentAnswer::unknown:
      return "UNKNOWN";
  }
  return "";
}

}  // namespace

void InternalPaymentRoutes::answer(Call& call, AttemptId attempt, std::string_view outcome) {
  std::string& out = call.json(200);
  out += R"({"attemptId":)";
  json::append_uuid(out, attempt.bits);
  out += R"(,"outcome":")";
  out += outcome;
  out += R"("})";
}

Task<void> InternalPaymentRoutes::authorise(Call call) const {
  auto body = read_authorise_order(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  auto& order = std::get<PaymentOrder>(body);
  const AttemptId id = order.attempt.id;
  order.attempt.trace = call.request.trace_id;
  call.response.about(order.attempt.order);
  Instant until = order.pay_by;
  if (const auto left = deadline_of(call.request)) {
    until = std::min(until, clock_.now() + *left - kWayBack);
  }
  auto asking = payments_.authorise(std::move(order.attempt), until);
  const AuthoriseOutcome outcome = co_await std::move(asking);
  answer(call, id, name_of(outcome));
}

Task<void> InternalPaymentRoutes::capture(Call call) const {
  return settle(call, &Payments::capture);
}

Task<void> InternalPaymentRoutes::cancel(Call call) const {
  return settle(call, &Payments::void_authorisation);
}

Task<void> InternalPaymentRoutes::settle(Call call, Settle verb) const {
  auto body = read_settle_payment(call.request.body);
  if (const auto* fault = std::get_if<BodyFault>(&body)) {
    call.refuse(*fault);
    co_return;
  }
  auto& order = std::get<PaymentOrder>(body);
  const AttemptId id = order.attempt.id;
  order.attempt.trace = call.request.trace_id;
  call.response.about(order.attempt.order);
  auto asking = (payments_.*verb)(std::move(order.attempt));
  const PaymentAnswer outcome = co_await std::move(asking);
  answer(call, id, name_of(outcome));
}

}  // namespace onsale::api
