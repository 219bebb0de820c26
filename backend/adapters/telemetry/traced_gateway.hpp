// TracedGateway: a PaymentGateway that tells a Probe of each call to the provider. It changes nothing
// else: the contract is the inner gateway's, which outlives it, as do `probe` and `clock`.
#pragma once

#include <string_view>

#include "ports/clock.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/probe.hpp"

namespace onsale {

class TracedGateway final : public PaymentGateway {
 public:
  // `probe` may be absent: then this is the inner gateway.
  TracedGateway(PaymentGateway& inner, Probe* probe, const Clock& clock)
      : inner_(inner), probe_(probe), clock_(clock) {}

  Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) override;
  // Not told: it knows the attempt alone, and follows a call that was.
  Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) override;

 private:
  using Verb = Task<PaymentAnswer> (PaymentGateway::*)(PaymentAttempt, Milliseconds);
  Task<PaymentAnswer> ask(Verb verb, std::string_view name, PaymentAttempt attempt,
                          Milliseconds deadline);
  Task<PaymentAnswer> ask_told(Verb verb, std::string_view name, PaymentAttempt attempt,
                               Milliseconds deadline);

  PaymentGateway& inner_;
  Probe* const probe_;
  const Clock& clock_;
};

}  // namespace onsale
