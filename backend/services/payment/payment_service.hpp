// PaymentService: asks a provider until the answer is known. It owns the tries (with backoff and
// jitter, always the same attempt id), the lookup after `unknown`, the deadline, the circuit breaker
// and how many calls are open at once; the saga above it sees only outcomes.
// A nil attempt is money taken at the counter: every verb is done, no provider is asked.
// Thread-safe; a Task resumes on the loop that awaited it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/mutex.hpp"
#include "domain/payment/backoff.hpp"
#include "domain/payment/circuit_breaker.hpp"
#include "ports/clock.hpp"
#include "ports/payments.hpp"
#include "runtime/completion.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct PaymentPolicy {
  Milliseconds call_deadline{2000};    // of one call to the provider
  std::uint32_t settle_tries_max = 5;  // of one capture() or void_authorisation()
  std::size_t calls_max = 4096;        // open at once; more wait their turn
  payment::Backoff retry;
  payment::BreakerPolicy breaker;
};

struct PaymentStats {
  std::atomic<std::uint64_t> authorised{0};
  std::atomic<std::uint64_t> declined{0};
  std::atomic<std::uint64_t> captured{0};
  std::atomic<std::uint64_t> voided{0};
  std::atomic<std::uint64_t> unknown{0};  // single calls that ended so
  std::atomic<std::uint64_t> lookups{0};
  std::atomic<std::uint64_t> breaker_refused{0};
  std::atomic<std::size_t> calls_open{0};
  std::atomic<std::size_t> calls_waiting{0};
};

class PaymentService final : public Payments {
 public:
  PaymentService(PaymentGateway& gateway, Clock& clock, IdSource& ids, PaymentPolicy policy);

  Task<AuthoriseOutcome> authorise(PaymentAttempt attempt, Instant pay_by) override;
  Task<PaymentAnswer> capture(PaymentAttempt attempt) override;
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt) override;

  // No new tries: calls under way end, waits are cut short, outcomes are `unknown`.
  void stop() { stopped_.store(true, std::memory_order_release); }
  [[nodiscard]] const PaymentStats& stats() const { return stats_; }
  [[nodiscard]] payment::BreakerState breaker_state() const;

 private:
  enum class Verb : std::uint8_t { authorise, capture, cancel };
  static payment::Operation operation_of(Verb verb);
  struct Told {
    PaymentAnswer answer = PaymentAnswer::unknown;
    bool asked = false;  // false: the breaker refused
  };
  // One call, counted, through the breaker; `unknown` is followed by one lookup.
  Task<Told> ask_once(Verb verb, PaymentAttempt attempt, Milliseconds deadline);
  Task<PaymentAnswer> call(Verb verb, PaymentAttempt attempt, Milliseconds deadline);
  Task<PaymentAnswer> settle(Verb verb, PaymentAttempt attempt);
  Task<void> wait_before_retry(std::uint32_t tries_so_far, Milliseconds most);
  Task<void> enter();
  void leave();

  PaymentGateway& gateway_;
  Clock& clock_;
  IdSource& ids_;
  PaymentPolicy policy_;
  PaymentStats stats_;
  std::atomic<bool> stopped_{false};

  mutable Mutex mutex_;
  payment::CircuitBreaker breaker_ ONSALE_GUARDED_BY(mutex_);
  std::size_t open_ ONSALE_GUARDED_BY(mutex_) = 0;
  std::deque<Completion<bool>*> waiting_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
