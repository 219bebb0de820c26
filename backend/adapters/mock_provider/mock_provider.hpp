// MockProvider: a payment provider for rehearsals and tests. It takes its time, says no to a share,
// leaves a share without an answer, and keeps a durable book of what it did (ProviderLedger), so that
// money can be audited afterwards.
//
// Every decision follows from (seed, attempt): the same attempt is told the same thing in every run.
// A time-out happens on an attempt's first call of a verb only (else it could never be settled); half
// of them have really happened. Thread-safe; delays sleep on the caller's loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "ports/clock.hpp"
#include "ports/payment_gateway.hpp"
#include "ports/provider_ledger.hpp"

namespace onsale {

enum class DelayShape : std::uint8_t { fixed, uniform, exponential, lognormal };

struct MockProviderOptions {
  DelayShape delay_shape = DelayShape::lognormal;
  std::int64_t delay_mean_ms = 50;
  std::int64_t delay_spread_ms = 25;  // half-width (uniform), standard deviation (lognormal)
  double success_share = 0.8;
  double timeout_share = 0.0;
  std::uint64_t seed = 1;
};

class MockProvider final : public PaymentGateway {
 public:
  MockProvider(ProviderLedger& ledger, Clock& clock, MockProviderOptions options);
  ~MockProvider() override;

  Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) override;
  Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) override;

  // A provider that is down: every call ends `unknown`, nothing happens.
  void set_unavailable(bool unavailable) { unavailable_.store(unavailable); }
  // Captures are refused for good (a card blocked in between).
  void set_refuse_captures(bool refuse) { refuse_captures_.store(refuse); }
  [[nodiscard]] std::uint64_t calls() const { return calls_.load(); }

 private:
  struct FirstCalls;
  Task<PaymentAnswer> perform(PaymentAttempt attempt, payment::Operation operation,
                              Milliseconds deadline);
  Task<bool> take_time(AttemptId attempt, std::uint64_t salt, Milliseconds deadline);

  ProviderLedger& ledger_;
  Clock& clock_;
  MockProviderOptions options_;
  std::atomic<bool> unavailable_{false};
  std::atomic<bool> refuse_captures_{false};
  std::atomic<std::uint64_t> calls_{0};
  std::unique_ptr<FirstCalls> first_calls_;
};

}  // namespace onsale
