// The payment service over HTTP, for the order role: one call a verb of ports/payments.hpp. On the
// internal listener only. `outcome` is always a plain answer (200): that a provider could not be
// asked is an outcome too. The callee stops asking its provider when the caller stops waiting
// (Deadline-Ms).
#pragma once

#include <string_view>

#include "api/call.hpp"
#include "ports/clock.hpp"
#include "ports/payments.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

class InternalPaymentRoutes {
 public:
  InternalPaymentRoutes(Payments& payments, const Clock& clock)
      : payments_(payments), clock_(clock) {}

  Task<void> authorise(Call call) const;
  Task<void> capture(Call call) const;
  Task<void> cancel(Call call) const;  // void

 private:
  using Settle = Task<PaymentAnswer> (Payments::*)(PaymentAttempt);
  Task<void> settle(Call call, Settle verb) const;
  static void answer(Call& call, AttemptId attempt, std::string_view outcome);

  Payments& payments_;
  const Clock& clock_;
};

}  // namespace onsale::api
