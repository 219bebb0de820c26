// What every payment provider and its book keep to.
#include "tests/conformance/payment_conformance.hpp"

#include <gtest/gtest.h>

namespace onsale::conformance {

PaymentAttempt payment_attempt(std::uint64_t n) {
  return {AttemptId{{0xA77E, n}}, OrderId{{0x0D, n}}, Money{50'000}, "KRW"};
}

namespace {

void the_same_attempt_twice_is_one_movement(PaymentUnderTest& under) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(under.authorise(), PaymentAnswer::done);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(under.capture(), PaymentAnswer::done);
  EXPECT_EQ(under.lines(), 2U);
  EXPECT_EQ(under.lookup(), AttemptState::captured);
}
void nothing_is_captured_unauthorised(PaymentUnderTest& under) {
  EXPECT_EQ(under.capture(), PaymentAnswer::declined);
  EXPECT_EQ(under.lookup(), AttemptState::none);
}
void a_void_forbids_what_comes_late(PaymentUnderTest& under) {
  EXPECT_EQ(under.cancel(), PaymentAnswer::done);
  EXPECT_EQ(under.authorise(), PaymentAnswer::declined);
  EXPECT_EQ(under.capture(), PaymentAnswer::declined);
  EXPECT_EQ(under.lookup(), AttemptState::voided);
}
void a_void_of_the_captured_refunds(PaymentUnderTest& under) {
  EXPECT_EQ(under.authorise(), PaymentAnswer::done);
  EXPECT_EQ(under.capture(), PaymentAnswer::done);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(under.cancel(), PaymentAnswer::done);
  EXPECT_EQ(under.lookup(), AttemptState::refunded);
  EXPECT_EQ(under.lines(), 3U);
}
void attempts_are_apart(PaymentUnderTest& under) {
  EXPECT_EQ(under.authorise(1), PaymentAnswer::done);
  EXPECT_EQ(under.cancel(2), PaymentAnswer::done);
  EXPECT_EQ(under.capture(1), PaymentAnswer::done);
  EXPECT_EQ(under.lookup(2), AttemptState::voided);
}
void the_book_has_every_line_in_its_order(PaymentUnderTest& under) {
  under.authorise(1);
  under.authorise(2);
  under.capture(1);
  under.cancel(2);
  const auto entries = wait_for(under.book.entries()).value();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[2].operation, payment::Operation::capture);
  EXPECT_EQ(entries[3].operation, payment::Operation::cancel);
  EXPECT_EQ(entries[3].order, payment_attempt(2).order);
  EXPECT_EQ(entries[0].amount, Money{50'000});
  EXPECT_EQ(entries[0].currency, "KRW");
}

constexpr PaymentCase kPaymentCases[] = {
    {"TheSameAttemptTwiceIsOneMovement", the_same_attempt_twice_is_one_movement},
    {"NothingIsCapturedUnauthorised", nothing_is_captured_unauthorised},
    {"AVoidForbidsWhatComesLate", a_void_forbids_what_comes_late},
    {"AVoidOfTheCapturedRefunds", a_void_of_the_captured_refunds},
    {"AttemptsAreApart", attempts_are_apart},
    {"TheBookHasEveryLineInItsOrder", the_book_has_every_line_in_its_order},
};

}  // namespace

std::span<const PaymentCase> payment_cases() { return kPaymentCases; }

}  // namespace onsale::conformance
