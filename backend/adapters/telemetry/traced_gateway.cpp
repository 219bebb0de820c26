// A span around each verb, named as the provider's call.
#include "adapters/telemetry/traced_gateway.hpp"

#include <utility>

namespace onsale {
namespace {

std::string_view text_of(PaymentAnswer answer) {
  switch (answer) {
    case PaymentAnswer::done:
      return "done";
    case PaymentAnswer::declined:
      return "declined";
    case PaymentAnswer::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace

Task<PaymentAnswer> TracedGateway::authorise(PaymentAttempt attempt, Milliseconds deadline) {
  return ask(&PaymentGateway::authorise, "provider authorise", std::move(attempt), deadline);
}
Task<PaymentAnswer> TracedGateway::capture(PaymentAttempt attempt, Milliseconds deadline) {
  return ask(&PaymentGateway::capture, "provider capture", std::move(attempt), deadline);
}
Task<PaymentAnswer> TracedGateway::void_authorisation(PaymentAttempt attempt,
                                                      Milliseconds deadline) {
  return ask(&PaymentGateway::void_authorisation, "provider void", std::move(attempt), deadline);
}
Task<AttemptState> TracedGateway::lookup(AttemptId attempt, Milliseconds deadline) {
  return inner_.lookup(attempt, deadline);
}

Task<PaymentAnswer> TracedGateway::ask(Verb verb, std::string_view name, PaymentAttempt attempt,
                                       Milliseconds deadline) {
  if (probe_ == nullptr || attempt.trace.is_nil() || !probe_->follows(attempt.trace)) {
    return (inner_.*verb)(std::move(attempt), deadline);
  }
  return ask_told(verb, name, std::move(attempt), deadline);
}

Task<PaymentAnswer> TracedGateway::ask_told(Verb verb, std::string_view name,
                                            PaymentAttempt attempt, Milliseconds deadline) {
  const Instant began = clock_.now();
  Span span;
  span.trace = attempt.trace;
  span.parent = spans::saga(attempt.order);
  span.kind = SpanKind::client;
  span.name = name;
  span.notes = {{"onsale.order", attempt.order.to_string()},
                {"onsale.attempt", attempt.id.to_string()}};
  Task<PaymentAnswer> asking = (inner_.*verb)(std::move(attempt), deadline);
  const PaymentAnswer answer = co_await std::move(asking);
  span.began_us = ms_of(began) * 1000;
  span.took_us = (clock_.now() - began).count() * 1000;
  span.failed = answer == PaymentAnswer::unknown;
  span.notes.emplace_back("onsale.answer", std::string{text_of(answer)});
  probe_->tell(std::move(span));
  co_return answer;
}

}  // namespace onsale
