// Asking a provider that is slow, silent or away.
#include "services/payment/payment_service.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "adapters/memory/provider_ledger.hpp"
#include "tests/support/manual_scheduler.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_gateway.hpp"
#include "tests/support/seeded_ids.hpp"

namespace onsale {
namespace {

template <typename T>
Task<void> keep(Task<T> task, std::optional<T>& to) {
  T value = co_await std::move(task);
  to = value;
}

class Paying : public testing::Test {
 protected:
  explicit Paying(PaymentPolicy policy = {}) : payments(gateway, clock, ids, policy) {}

  static PaymentAttempt attempt(std::uint64_t n = 1) {
    return {AttemptId{{0xA0, n}}, OrderId{{0x0D, n}}, Money{50'000}, "KRW"};
  }
  AttemptState book_says(std::uint64_t n = 1) {
    return run_task(book.state_of(attempt(n).id)).value();
  }
  AuthoriseOutcome authorise(Milliseconds within = Milliseconds{30'000}) {
    std::optional<AuthoriseOutcome> outcome;
    loop.post([this, within, &outcome] {
      detach(keep(payments.authorise(attempt(), clock.now() + within), outcome));
    });
    loop.run_until([&outcome] { return outcome.has_value(); }, Milliseconds{120'000});
    check(outcome.has_value(), "authorise never ended");
    return *outcome;
  }
  PaymentAnswer settle(bool capture) {
    std::optional<PaymentAnswer> answer;
    loop.post([this, capture, &answer] {
      detach(keep(capture ? payments.capture(attempt()) : payments.void_authorisation(attempt()),
                  answer));
    });
    loop.run_until([&answer] { return answer.has_value(); }, Milliseconds{120'000});
    check(answer.has_value(), "the call never ended");
    return *answer;
  }

  ManualClock clock;
  ManualScheduler loop{clock};
  SeededIds ids;
  MemoryProviderLedger book;
  ScriptedGateway gateway{book};
  PaymentService payments;
};

TEST_F(Paying, WillingIsAuthorisedAndCaptured) {
  EXPECT_EQ(authorise(), AuthoriseOutcome::authorised);
  EXPECT_EQ(settle(true), PaymentAnswer::done);
  EXPECT_EQ(book_says(), AttemptState::captured);
}

TEST_F(Paying, ANoIsANoAndIsNotAskedAgain) {
  gateway.mood = Mood::declining;
  EXPECT_EQ(authorise(), AuthoriseOutcome::declined);
  EXPECT_EQ(gateway.authorise_calls, 1U);
  EXPECT_EQ(payments.breaker_state(), payment::BreakerState::closed);
}

TEST_F(Paying, UnknownIsLookedUpBeforeItIsRepeated) {
  gateway.mood = Mood::loses_answer;
  EXPECT_EQ(authorise(), AuthoriseOutcome::authorised);
  EXPECT_EQ(gateway.authorise_calls, 1U);
  EXPECT_EQ(gateway.lookups, 1U);
}

TEST_F(Paying, ASilentProviderEndsAtTheDeadlineNotLater) {
  gateway.mood = Mood::silent;
  const Instant start = clock.now();
  const AuthoriseOutcome outcome = authorise(Milliseconds{10'000});
  EXPECT_EQ(outcome, AuthoriseOutcome::unknown);
  EXPECT_GE(clock.now() - start, Milliseconds{10'000});
  EXPECT_LT(clock.now() - start, Milliseconds{12'500});
}

TEST_F(Paying, CallsThatTakeLongerThanTheirDeadlineAreUnknown) {
  gateway.delay = Milliseconds{60'000};
  EXPECT_EQ(authorise(Milliseconds{5000}), AuthoriseOutcome::unknown);
}

TEST_F(Paying, ABreakerSparesAProviderThatIsDownAndComesBackByItself) {
  gateway.mood = Mood::silent;
  authorise(Milliseconds{20'000});
  EXPECT_NE(payments.breaker_state(), payment::BreakerState::closed);
  EXPECT_GT(payments.stats().breaker_refused.load(), 0U);
  gateway.mood = Mood::willing;
  EXPECT_EQ(authorise(), AuthoriseOutcome::authorised);
  for (int i = 0; i < 3; ++i) settle(true);
  EXPECT_EQ(payments.breaker_state(), payment::BreakerState::closed);
}

TEST_F(Paying, ABreakerSparesAProviderThatAnswersQuestionsAndNoCalls) {
  gateway.delay = Milliseconds{60'000};
  for (int i = 0; i < 5; ++i) authorise(Milliseconds{20'000});
  EXPECT_GT(gateway.lookups, 0U);
  EXPECT_NE(payments.breaker_state(), payment::BreakerState::closed);
}

TEST_F(Paying, AVoidIsRepeatedUntilItIsOnTheBook) {
  gateway.mood = Mood::loses_call;
  EXPECT_EQ(settle(false), PaymentAnswer::done);
  EXPECT_EQ(book_says(), AttemptState::voided);
}

TEST_F(Paying, ACaptureAfterAVoidIsRefusedForGood) {
  EXPECT_EQ(authorise(), AuthoriseOutcome::authorised);
  EXPECT_EQ(settle(false), PaymentAnswer::done);
  EXPECT_EQ(settle(true), PaymentAnswer::declined);
  EXPECT_EQ(book_says(), AttemptState::voided);
}

TEST_F(Paying, SettlingGivesUpAfterItsTriesAndSaysSo) {
  gateway.mood = Mood::silent;
  EXPECT_EQ(settle(true), PaymentAnswer::unknown);
}

TEST_F(Paying, MoneyTakenAtTheCounterAsksNobody) {
  PaymentAttempt counter;
  const Instant pay_by = clock.now() + Milliseconds{1};
  EXPECT_EQ(run_task(payments.authorise(counter, pay_by)), AuthoriseOutcome::authorised);
  EXPECT_EQ(run_task(payments.capture(counter)), PaymentAnswer::done);
  EXPECT_EQ(run_task(payments.void_authorisation(counter)), PaymentAnswer::done);
  EXPECT_TRUE(run_task(book.entries()).value().empty());
}

TEST_F(Paying, AStoppedServiceTriesNoMore) {
  gateway.mood = Mood::silent;
  std::optional<AuthoriseOutcome> outcome;
  loop.post([this, &outcome] {
    detach(keep(payments.authorise(attempt(), clock.now() + Milliseconds{30'000}), outcome));
  });
  loop.run_for(Milliseconds{100});
  payments.stop();
  loop.run_for(Milliseconds{3000});
  EXPECT_TRUE(outcome.has_value());
}

class PayingInTurn : public Paying {
 protected:
  PayingInTurn() : Paying({.calls_max = 2}) {}
};

TEST_F(PayingInTurn, NoMoreCallsAreOpenThanTheLimitAndAllGetTheirTurn) {
  gateway.delay = Milliseconds{100};
  std::vector<std::optional<AuthoriseOutcome>> outcomes(7);
  loop.post([this, &outcomes] {
    for (std::uint64_t n = 0; n < outcomes.size(); ++n) {
      detach(keep(payments.authorise(attempt(n + 1), clock.now() + Milliseconds{30'000}),
                  outcomes[n]));
    }
  });
  loop.run_for(Milliseconds{50});
  EXPECT_EQ(payments.stats().calls_open.load(), 2U);
  EXPECT_EQ(payments.stats().calls_waiting.load(), 5U);
  loop.run_for(Milliseconds{5000});
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome, AuthoriseOutcome::authorised);
  EXPECT_EQ(payments.stats().calls_open.load(), 0U);
}

}  // namespace
}  // namespace onsale
