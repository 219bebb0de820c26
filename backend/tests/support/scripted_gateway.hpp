// A payment provider that does as the test says, on a book that outlives it. Each call takes a
// millisecond. Counts what it was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "ports/payment_gateway.hpp"
#include "ports/provider_ledger.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {

enum class Mood : std::uint8_t {
  willing,
  declining,
  silent,        // nothing happens, no answer, cannot be asked
  loses_answer,  // it happens, the answer is lost (the first time)
  loses_call,    // the call is lost (the first time)
  refuses_captures,
};

class ScriptedGateway final : public PaymentGateway {
 public:
  explicit ScriptedGateway(ProviderLedger& book) : book_(book) {}

  Mood mood = Mood::willing;
  std::uint64_t authorise_calls = 0;
  std::uint64_t lookups = 0;
  Milliseconds delay{1};

  Task<PaymentAnswer> authorise(PaymentAttempt attempt, Milliseconds deadline) override {
    ++authorise_calls;
    return perform(
        std::move(attempt),
        mood == Mood::declining ? payment::Operation::decline : payment::Operation::authorise,
        deadline);
  }
  Task<PaymentAnswer> capture(PaymentAttempt attempt, Milliseconds deadline) override {
    if (mood == Mood::refuses_captures) return PaymentAnswer::declined;
    return perform(std::move(attempt), payment::Operation::capture, deadline);
  }
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt, Milliseconds deadline) override {
    return perform(std::move(attempt), payment::Operation::cancel, deadline);
  }
  Task<AttemptState> lookup(AttemptId attempt, Milliseconds deadline) override {
    ++lookups;
    co_await Scheduler::current()->sleep_for(std::min(delay, deadline));
    if (mood == Mood::silent) co_return AttemptState::unknown;
    auto asking = book_.state_of(attempt);
    const Result<AttemptState> state = co_await std::move(asking);
    co_return state ? *state : AttemptState::unknown;
  }

 private:
  Task<PaymentAnswer> perform(PaymentAttempt attempt, payment::Operation operation,
                              Milliseconds deadline) {
    const Mood now = mood;
    co_await Scheduler::current()->sleep_for(std::min(delay, deadline));
    if (now == Mood::silent || delay > deadline) co_return PaymentAnswer::unknown;
    const bool first = ++calls_[{attempt.id, operation}] == 1;
    if (now == Mood::loses_call && first) co_return PaymentAnswer::unknown;
    ProviderEntry entry{attempt.id, attempt.order, operation, attempt.amount, attempt.currency, {}};
    auto applying = book_.apply(std::move(entry));
    const Result<payment::Movement> applied = co_await std::move(applying);
    if (!applied || (now == Mood::loses_answer && first)) co_return PaymentAnswer::unknown;
    const bool agreed = (*applied).granted && operation != payment::Operation::decline;
    co_return agreed ? PaymentAnswer::done : PaymentAnswer::declined;
  }

  ProviderLedger& book_;
  std::map<std::pair<AttemptId, payment::Operation>, int> calls_;
};

}  // namespace onsale
