// The suites of PaymentGateway and ProviderLedger, over the mock provider on either book; and
// providers made wrong on purpose, which must fail in the case that is there for their mistake.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/memory/provider_ledger.hpp"
#include "adapters/mock_provider/mock_provider.hpp"
#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_provider_ledger.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/manual_scheduler.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale::conformance {
namespace {

constexpr Milliseconds kDeadline{1000};

PaymentAttempt attempt(std::uint64_t n) {
  return {AttemptId{{0xA77E, n}}, OrderId{{0x0D, n}}, Money{50'000}, "KRW"};
}

struct PaymentUnderTest {
  PaymentGateway& gateway;  // willing to authorise
  ProviderLedger& book;

  PaymentAnswer authorise(std::uint64_t n = 1) {
    return wait_for(gateway.authorise(attempt(n), kDeadline));
  }
  PaymentAnswer capture(std::uint64_t n = 1) {
    return wait_for(gateway.capture(attempt(n), kDeadline));
  }
  PaymentAnswer cancel(std::uint64_t n = 1) {
    return wait_for(gateway.void_authorisation(attempt(n), kDeadline));
  }
  AttemptState lookup(std::uint64_t n = 1) {
    return wait_for(gateway.lookup(attempt(n).id, kDeadline));
  }
  std::size_t lines() { return wait_for(book.entries()).value().size(); }
};

struct PaymentCase {
  const char* name;
  void (*run)(PaymentUnderTest&);
};

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
  EXPECT_EQ(entries[3].order, attempt(2).order);
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

MockProviderOptions always_willing() {
  MockProviderOptions options;
  options.success_share = 1;
  return options;
}

struct PaymentAdapter {
  const char* name;
  void (*run)(const PaymentCase&);
};

void over_memory(const PaymentCase& test) {
  ManualClock clock;
  MemoryProviderLedger book;
  MockProvider provider(book, clock, always_willing());
  PaymentUnderTest under{provider, book};
  test.run(under);
}
void over_sqlite(const PaymentCase& test) {
  const TempFolder folder;
  ManualClock clock;
  auto database = sqlite::Database::open(folder.file("provider.sqlite"), sqlite::Schema::provider);
  ASSERT_TRUE(database);
  sqlite::SqliteProviderLedger book(**database);
  MockProvider provider(book, clock, always_willing());
  PaymentUnderTest under{provider, book};
  test.run(under);
}

constexpr PaymentAdapter kPaymentAdapters[] = {{"Memory", over_memory}, {"Sqlite", over_sqlite}};

class PaymentConformance : public testing::TestWithParam<std::tuple<PaymentAdapter, PaymentCase>> {
};
TEST_P(PaymentConformance, Holds) {
  const auto& [adapter, test] = GetParam();
  adapter.run(test);
}
INSTANTIATE_TEST_SUITE_P(Adapters, PaymentConformance,
                         testing::Combine(testing::ValuesIn(kPaymentAdapters),
                                          testing::ValuesIn(kPaymentCases)),
                         [](const auto& about) {
                           return std::string(std::get<0>(about.param).name) + "_" +
                                  std::get<1>(about.param).name;
                         });

// Mistakes.

class ChargesEachCall final : public MemoryProviderLedger {
 public:
  Task<Result<payment::Movement>> apply(ProviderEntry entry) override {
    entry.attempt.bits.lo += 1000 * ++calls_;
    auto applied = wait_for(MemoryProviderLedger::apply(std::move(entry)));
    return applied;
  }

 private:
  std::uint64_t calls_ = 0;
};

class ForgetsVoids final : public MemoryProviderLedger {
 public:
  Task<Result<payment::Movement>> apply(ProviderEntry entry) override {
    if (entry.operation == payment::Operation::cancel) {
      return Result(payment::Movement{AttemptState::voided, true, true});
    }
    return MemoryProviderLedger::apply(std::move(entry));
  }
};

template <typename Wrong>
void expect_caught_by(void (*test)(PaymentUnderTest&)) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    ManualClock clock;
    Wrong book;
    MockProvider provider(book, clock, always_willing());
    PaymentUnderTest under{provider, book};
    test(under);
  }
  EXPECT_GT(failures.size(), 0) << "the mistake was not noticed";
}

TEST(PaymentMistakes, AProviderThatChargesEachCallIsCaught) {
  expect_caught_by<ChargesEachCall>(the_same_attempt_twice_is_one_movement);
}
TEST(PaymentMistakes, AProviderThatForgetsVoidsIsCaught) {
  expect_caught_by<ForgetsVoids>(a_void_forbids_what_comes_late);
}

// What is particular to the mock: its seed decides, its shares are kept, its time-outs are honest.

template <typename T>
Task<void> keep(Task<T> task, std::optional<T>& to) {
  T value = co_await std::move(task);
  to = value;
}

class Mock : public testing::Test {
 protected:
  std::map<PaymentAnswer, int> authorise_many(MockProviderOptions options, std::uint64_t count) {
    MemoryProviderLedger book;
    MockProvider provider(book, clock, options);
    std::map<PaymentAnswer, int> told;
    for (std::uint64_t n = 0; n < count; ++n) {
      ++told[wait_for(provider.authorise(attempt(n), kDeadline))];
    }
    authorised = 0;
    const auto entries = wait_for(book.entries()).value();
    for (const ProviderEntry& entry : entries) {
      authorised += entry.operation == payment::Operation::authorise ? 1 : 0;
    }
    return told;
  }
  ManualClock clock;
  ManualScheduler loop{clock};
  int authorised = 0;
};

TEST_F(Mock, EightInTenSucceedUnlessToldOtherwise) {
  auto told = authorise_many({}, 5000);
  EXPECT_NEAR(told[PaymentAnswer::done], 4000, 150);
  EXPECT_EQ(told[PaymentAnswer::done] + told[PaymentAnswer::declined], 5000);
}

TEST_F(Mock, OfTheTimeOutsHalfReallyHappened) {
  MockProviderOptions options = always_willing();
  options.timeout_share = 0.2;
  auto told = authorise_many(options, 5000);
  EXPECT_NEAR(told[PaymentAnswer::unknown], 1000, 120);
  EXPECT_NEAR(authorised, 4500, 120);
}

TEST_F(Mock, TheSameSeedTellsTheSame) {
  MockProviderOptions options;
  options.timeout_share = 0.1;
  for (std::uint64_t n = 0; n < 200; ++n) {
    MemoryProviderLedger one;
    MemoryProviderLedger two;
    MockProvider first(one, clock, options);
    MockProvider second(two, clock, options);
    EXPECT_EQ(wait_for(first.authorise(attempt(n), kDeadline)),
              wait_for(second.authorise(attempt(n), kDeadline)));
  }
}

TEST_F(Mock, DelaysHaveTheirMean) {
  for (const DelayShape shape :
       {DelayShape::fixed, DelayShape::uniform, DelayShape::exponential, DelayShape::lognormal}) {
    MockProviderOptions options = always_willing();
    options.delay_shape = shape;
    options.delay_mean_ms = 200;
    options.delay_spread_ms = 100;
    MemoryProviderLedger book;
    MockProvider provider(book, clock, options);
    const Instant start = clock.now();
    for (std::uint64_t n = 0; n < 2000; ++n) {
      std::optional<PaymentAnswer> answer;
      loop.post(
          [&] { detach(keep(provider.authorise(attempt(n), Milliseconds{60'000}), answer)); });
      ASSERT_TRUE(loop.run_until([&answer] { return answer.has_value(); }, Milliseconds{70'000}));
    }
    EXPECT_NEAR(static_cast<double>((clock.now() - start).count()) / 2000, 200, 20);
  }
}

TEST_F(Mock, ACallEndsByItsDeadline) {
  MockProviderOptions options = always_willing();
  options.delay_shape = DelayShape::fixed;
  options.delay_mean_ms = 5000;
  MemoryProviderLedger book;
  MockProvider provider(book, clock, options);
  std::optional<PaymentAnswer> answer;
  loop.post([&] { detach(keep(provider.authorise(attempt(1), kDeadline), answer)); });
  const Instant start = clock.now();
  ASSERT_TRUE(loop.run_until([&answer] { return answer.has_value(); }, Milliseconds{70'000}));
  EXPECT_EQ(answer, PaymentAnswer::unknown);
  EXPECT_EQ(clock.now() - start, kDeadline);
}

TEST_F(Mock, WhenItIsDownNothingHappensAndItCannotBeAsked) {
  MemoryProviderLedger book;
  MockProvider provider(book, clock, always_willing());
  provider.set_unavailable(true);
  EXPECT_EQ(wait_for(provider.authorise(attempt(1), kDeadline)), PaymentAnswer::unknown);
  EXPECT_EQ(wait_for(provider.lookup(attempt(1).id, kDeadline)), AttemptState::unknown);
  EXPECT_TRUE(wait_for(book.entries()).value().empty());
}

}  // namespace
}  // namespace onsale::conformance
