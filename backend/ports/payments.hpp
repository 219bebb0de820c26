// Payments: the payment service as the order service calls it (in-process or, later, over HTTP).
// It owns retries, lookup after unknown, deadline and circuit breaker, so that the saga sees only
// outcomes. Idempotent by attempt.
#pragma once

#include "ports/payment_gateway.hpp"

namespace onsale {

enum class AuthoriseOutcome : std::uint8_t {
  authorised,
  declined,
  unknown,      // still not known at pay_by: the caller cancels and voids
  unavailable,  // never reached the provider before pay_by
};

class Payments {
 public:
  virtual ~Payments() = default;
  virtual Task<AuthoriseOutcome> authorise(PaymentAttempt attempt, Instant pay_by) = 0;
  // done: captured. declined: refused for good. unknown: not settled within its bounded tries.
  virtual Task<PaymentAnswer> capture(PaymentAttempt attempt) = 0;
  virtual Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt) = 0;
};

}  // namespace onsale
