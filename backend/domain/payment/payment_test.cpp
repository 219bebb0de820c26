// The pure rules of paying: an attempt's book, waiting between tries, the circuit breaker.
#include <gtest/gtest.h>

#include <string>

#include "domain/payment/attempt.hpp"
#include "domain/payment/backoff.hpp"
#include "domain/payment/circuit_breaker.hpp"

namespace onsale {
namespace {

using payment::Operation;

constexpr Instant kStart = instant_of_ms(1'800'000'000'000);

AttemptState after(std::initializer_list<Operation> operations) {
  AttemptState state = AttemptState::none;
  for (const Operation operation : operations) state = payment::move(state, operation).next;
  return state;
}

TEST(PaymentAttempt, MoneyGoesItsWayOnce) {
  EXPECT_EQ(after({Operation::authorise}), AttemptState::authorised);
  EXPECT_EQ(after({Operation::authorise, Operation::capture}), AttemptState::captured);
  EXPECT_EQ(after({Operation::authorise, Operation::cancel}), AttemptState::voided);
  EXPECT_EQ(after({Operation::authorise, Operation::capture, Operation::cancel}),
            AttemptState::refunded);
}

TEST(PaymentAttempt, AVoidOfWhatNeverWasForbidsALateAuthorise) {
  EXPECT_EQ(after({Operation::cancel}), AttemptState::voided);
  EXPECT_FALSE(payment::move(AttemptState::voided, Operation::authorise).granted);
}

TEST(PaymentAttempt, TheSameOperationTwiceAddsNoLine) {
  for (const auto& [state, operation] : {std::pair{AttemptState::authorised, Operation::authorise},
                                         std::pair{AttemptState::captured, Operation::capture},
                                         std::pair{AttemptState::voided, Operation::cancel},
                                         std::pair{AttemptState::refunded, Operation::cancel},
                                         std::pair{AttemptState::declined, Operation::decline}}) {
    const payment::Movement movement = payment::move(state, operation);
    EXPECT_TRUE(movement.granted);
    EXPECT_FALSE(movement.written);
    EXPECT_EQ(movement.next, state);
  }
}

TEST(PaymentAttempt, NothingIsCapturedThatWasNotAuthorised) {
  for (const AttemptState state :
       {AttemptState::none, AttemptState::declined, AttemptState::voided, AttemptState::refunded}) {
    EXPECT_FALSE(payment::move(state, Operation::capture).granted) << name_of(state);
  }
}

// The whole rule at a glance: lower case is written, "=" is so already, "." is refused.
TEST(PaymentAttempt, EveryOperationInEveryState) {
  constexpr AttemptState kStates[] = {AttemptState::none,     AttemptState::authorised,
                                      AttemptState::declined, AttemptState::captured,
                                      AttemptState::voided,   AttemptState::refunded,
                                      AttemptState::unknown};
  const auto row = [&](Operation operation) {
    std::string told;
    for (const AttemptState state : kStates) {
      const payment::Movement movement = payment::move(state, operation);
      if (movement.written) {
        told += static_cast<char>(name_of(movement.next).front() + ('a' - 'A'));
      } else {
        EXPECT_EQ(movement.next, state);
        told += movement.granted ? '=' : '.';
      }
    }
    return told;
  };
  EXPECT_EQ(row(Operation::authorise), "a=.=...");
  EXPECT_EQ(row(Operation::decline), "d.=....");
  EXPECT_EQ(row(Operation::capture), ".c.=...");
  EXPECT_EQ(row(Operation::cancel), "vv=r==.");
}

TEST(PaymentBackoff, DoublesUpToItsCapAndSpreadsByHalf) {
  const payment::Backoff backoff{Milliseconds{100}, Milliseconds{1000}};
  const std::int64_t whole[] = {100, 200, 400, 800, 1000, 1000};
  for (std::uint32_t tries = 0; tries < 6; ++tries) {
    for (std::uint64_t random = 0; random < 5000; random += 37) {
      const std::int64_t wait = wait_before_retry(backoff, tries, random).count();
      EXPECT_GE(wait, whole[tries] / 2);
      EXPECT_LE(wait, whole[tries]);
    }
  }
  EXPECT_LE(wait_before_retry(backoff, 4'000'000'000U, 1).count(), 1000);
}

class Breaker : public testing::Test {
 protected:
  void fail(int times) {
    for (int i = 0; i < times; ++i) {
      if (breaker.allow(kStart)) breaker.failed(kStart);
    }
  }
  payment::CircuitBreaker breaker{
      {.failures_in_a_row_max = 3, .open_for = Milliseconds{1000}, .probes_max = 2}};
  const Instant later = kStart + Milliseconds{1000};
};

TEST_F(Breaker, OpensAfterSoManyFailuresInARow) {
  fail(2);
  EXPECT_EQ(breaker.state(), payment::BreakerState::closed);
  breaker.succeeded();
  fail(2);
  EXPECT_EQ(breaker.state(), payment::BreakerState::closed) << "the row was broken";
  fail(1);
  EXPECT_EQ(breaker.state(), payment::BreakerState::open);
  EXPECT_FALSE(breaker.allow(kStart + Milliseconds{999}));
}

TEST_F(Breaker, LetsAFewProbesThroughAfterAWhile) {
  fail(3);
  EXPECT_TRUE(breaker.allow(later));
  EXPECT_EQ(breaker.state(), payment::BreakerState::half_open);
  EXPECT_TRUE(breaker.allow(later));
  EXPECT_FALSE(breaker.allow(later)) << "two probes at once are the limit";
}

TEST_F(Breaker, ClosesAfterEnoughGoodProbes) {
  fail(3);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(breaker.allow(later));
    breaker.succeeded();
  }
  EXPECT_EQ(breaker.state(), payment::BreakerState::closed);
}

TEST_F(Breaker, OneBadProbeOpensItAgain) {
  fail(3);
  ASSERT_TRUE(breaker.allow(later));
  breaker.failed(later);
  EXPECT_EQ(breaker.state(), payment::BreakerState::open);
  EXPECT_FALSE(breaker.allow(later + Milliseconds{999}));
  EXPECT_TRUE(breaker.allow(later + Milliseconds{1000}));
}

}  // namespace
}  // namespace onsale
