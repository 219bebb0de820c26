// Asking a provider, again and again, but never twice for the same money.
#include "services/payment/payment_service.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {
namespace {

// What the provider's book says about a question that got no answer: it has happened, it can no
// longer happen, or (`unknown`) the question may be asked again.
PaymentAnswer told_by(AttemptState book, payment::Operation asked) {
  if (book == AttemptState::unknown) return PaymentAnswer::unknown;
  const payment::Movement movement = payment::move(book, asked);
  if (!movement.granted) return PaymentAnswer::declined;
  return movement.written ? PaymentAnswer::unknown : PaymentAnswer::done;
}

}  // namespace

payment::Operation PaymentService::operation_of(Verb verb) {
  switch (verb) {
    case Verb::authorise:
      return payment::Operation::authorise;
    case Verb::capture:
      return payment::Operation::capture;
    case Verb::cancel:
      return payment::Operation::cancel;
  }
  return payment::Operation::cancel;
}

PaymentService::PaymentService(PaymentGateway& gateway, Clock& clock, IdSource& ids,
                               PaymentPolicy policy)
    : gateway_(gateway), clock_(clock), ids_(ids), policy_(policy), breaker_(policy.breaker) {}

payment::BreakerState PaymentService::breaker_state() const {
  const Lock lock(mutex_);
  return breaker_.state();
}

Task<AuthoriseOutcome> PaymentService::authorise(PaymentAttempt attempt, Instant pay_by) {
  if (attempt.id.is_nil()) co_return AuthoriseOutcome::authorised;
  bool asked_ever = false;
  for (std::uint32_t tries = 0;; ++tries) {
    const Milliseconds left = pay_by - clock_.now();
    if (left.count() <= 0 || stopped_.load(std::memory_order_acquire)) {
      co_return asked_ever ? AuthoriseOutcome::unknown : AuthoriseOutcome::unavailable;
    }
    Task<Told> asking = ask_once(Verb::authorise, attempt, std::min(policy_.call_deadline, left));
    const Told told = co_await std::move(asking);
    asked_ever = asked_ever || told.asked;
    if (told.answer == PaymentAnswer::done) {
      stats_.authorised.fetch_add(1, std::memory_order_relaxed);
      co_return AuthoriseOutcome::authorised;
    }
    if (told.answer == PaymentAnswer::declined) {
      stats_.declined.fetch_add(1, std::memory_order_relaxed);
      co_return AuthoriseOutcome::declined;
    }
    co_await wait_before_retry(tries, pay_by - clock_.now());
  }
}

Task<PaymentAnswer> PaymentService::capture(PaymentAttempt attempt) {
  if (attempt.id.is_nil()) co_return PaymentAnswer::done;
  Task<PaymentAnswer> settling = settle(Verb::capture, std::move(attempt));
  const PaymentAnswer answer = co_await std::move(settling);
  if (answer == PaymentAnswer::done) stats_.captured.fetch_add(1, std::memory_order_relaxed);
  co_return answer;
}

Task<PaymentAnswer> PaymentService::void_authorisation(PaymentAttempt attempt) {
  if (attempt.id.is_nil()) co_return PaymentAnswer::done;
  Task<PaymentAnswer> settling = settle(Verb::cancel, std::move(attempt));
  const PaymentAnswer answer = co_await std::move(settling);
  if (answer == PaymentAnswer::done) stats_.voided.fetch_add(1, std::memory_order_relaxed);
  co_return answer;
}

Task<PaymentAnswer> PaymentService::settle(Verb verb, PaymentAttempt attempt) {
  for (std::uint32_t tries = 0; tries < policy_.settle_tries_max; ++tries) {
    if (stopped_.load(std::memory_order_acquire)) break;
    Task<Told> asking = ask_once(verb, attempt, policy_.call_deadline);
    const Told told = co_await std::move(asking);
    if (told.answer != PaymentAnswer::unknown) co_return told.answer;
    co_await wait_before_retry(tries, policy_.retry.most);
  }
  co_return PaymentAnswer::unknown;
}

Task<PaymentService::Told> PaymentService::ask_once(Verb verb, PaymentAttempt attempt,
                                                    Milliseconds deadline) {
  bool allowed = false;
  {
    const Lock lock(mutex_);
    allowed = breaker_.allow(clock_.now());
  }
  if (!allowed) {
    stats_.breaker_refused.fetch_add(1, std::memory_order_relaxed);
    co_return Told{};
  }
  const AttemptId id = attempt.id;
  co_await enter();
  Task<PaymentAnswer> calling = call(verb, std::move(attempt), deadline);
  PaymentAnswer answer = co_await std::move(calling);
  bool provider_spoke = answer != PaymentAnswer::unknown;
  if (!provider_spoke) {
    stats_.unknown.fetch_add(1, std::memory_order_relaxed);
    stats_.lookups.fetch_add(1, std::memory_order_relaxed);
    Task<AttemptState> looking = gateway_.lookup(id, deadline);
    const AttemptState state = co_await std::move(looking);
    answer = told_by(state, operation_of(verb));
    // One that answers questions and no calls is not well either.
    provider_spoke = answer != PaymentAnswer::unknown;
  }
  leave();
  {
    const Lock lock(mutex_);
    if (provider_spoke) {
      breaker_.succeeded();
    } else {
      breaker_.failed(clock_.now());
    }
  }
  co_return Told{answer, true};
}

Task<PaymentAnswer> PaymentService::call(Verb verb, PaymentAttempt attempt, Milliseconds deadline) {
  switch (verb) {
    case Verb::authorise:
      return gateway_.authorise(std::move(attempt), deadline);
    case Verb::capture:
      return gateway_.capture(std::move(attempt), deadline);
    case Verb::cancel:
      return gateway_.void_authorisation(std::move(attempt), deadline);
  }
  return PaymentAnswer::unknown;
}

Task<void> PaymentService::wait_before_retry(std::uint32_t tries_so_far, Milliseconds most) {
  if (stopped_.load(std::memory_order_acquire) || most.count() <= 0) co_return;
  const Milliseconds wait =
      payment::wait_before_retry(policy_.retry, tries_so_far, ids_.random_bits().lo);
  Scheduler* const loop = Scheduler::current();
  check(loop != nullptr, "payments need a loop to wait on");
  co_await loop->sleep_for(std::min(wait, most));
}

// One of calls_max places at the provider; in turn when all are taken.
Task<void> PaymentService::enter() {
  Completion<bool> my_turn;
  bool must_wait = false;
  {
    const Lock lock(mutex_);
    must_wait = open_ >= policy_.calls_max;
    if (must_wait) {
      waiting_.push_back(&my_turn);
    } else {
      ++open_;
    }
    stats_.calls_open.store(open_, std::memory_order_relaxed);
    stats_.calls_waiting.store(waiting_.size(), std::memory_order_relaxed);
  }
  if (must_wait) co_await my_turn;
}

void PaymentService::leave() {
  Completion<bool>* next = nullptr;
  {
    const Lock lock(mutex_);
    if (waiting_.empty()) {
      --open_;
    } else {
      next = waiting_.front();
      waiting_.pop_front();
    }
    stats_.calls_open.store(open_, std::memory_order_relaxed);
    stats_.calls_waiting.store(waiting_.size(), std::memory_order_relaxed);
  }
  if (next != nullptr) next->complete(true);
}

}  // namespace onsale
