// PaymentGateway: a provider of payments, as the saga needs it. Money moves here only.
//
// Contract: every verb is idempotent by attempt id: the same attempt twice is one movement of money
// and the same answer. `unknown` means the provider may or may not have done it (time-out, cut
// line): ask with lookup(), never guess. Calls end within `deadline` (a duration).
// authorise -> capture | void. A void of what was never authorised succeeds and forbids a later
// authorise of that attempt; a void of what was captured refunds it. Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "domain/order/order.hpp"
#include "domain/payment/attempt.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct PaymentAttempt {
  AttemptId id;
  OrderId order;
  Money amount;
  std::string currency;
  TraceId trace{};  // of the order; nil if not known
};

enum class PaymentAnswer : std::uint8_t { done, declined, unknown };

class PaymentGateway {
 public:
  virtual ~PaymentGateway() = default;
  virtual Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) = 0;
  virtual Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) = 0;
  virtual Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) = 0;
  // What the provider knows of the attempt; `unknown` if it cannot be asked.
  virtual Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) = 0;
};

}  // namespace onsale
