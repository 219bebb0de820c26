// The suites of PaymentGateway and ProviderLedger, over the mock provider on either book; and
// providers made wrong on purpose, which must fail in the case that is there for their mistake.
#include "tests/conformance/payment_conformance.hpp"

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
                                          testing::ValuesIn(payment_cases())),
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

const PaymentCase& payment_case(const std::string& name) {
  for (const PaymentCase& one : payment_cases()) {
    if (one.name == name) return one;
  }
  check(false, "no such case");
  return payment_cases().front();
}

template <typename Wrong>
void expect_caught_by(const std::string& name) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    ManualClock clock;
    Wrong book;
    MockProvider provider(book, clock, always_willing());
    PaymentUnderTest under{provider, book};
    payment_case(name).run(under);
  }
  EXPECT_GT(failures.size(), 0) << "the mistake was not noticed";
}

TEST(PaymentMistakes, AProviderThatChargesEachCallIsCaught) {
  expect_caught_by<ChargesEachCall>("TheSameAttemptTwiceIsOneMovement");
}
TEST(PaymentMistakes, AProviderThatForgetsVoidsIsCaught) {
  expect_caught_by<ForgetsVoids>("AVoidForbidsWhatComesLate");
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
      ++told[wait_for(provider.authorise(payment_attempt(n), kPaymentDeadline))];
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
    EXPECT_EQ(wait_for(first.authorise(payment_attempt(n), kPaymentDeadline)),
              wait_for(second.authorise(payment_attempt(n), kPaymentDeadline)));
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
      loop.post([&] {
        detach(keep(provider.authorise(payment_attempt(n), Milliseconds{60'000}), answer));
      });
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
  loop.post(
      [&] { detach(keep(provider.authorise(payment_attempt(1), kPaymentDeadline), answer)); });
  const Instant start = clock.now();
  ASSERT_TRUE(loop.run_until([&answer] { return answer.has_value(); }, Milliseconds{70'000}));
  EXPECT_EQ(answer, PaymentAnswer::unknown);
  EXPECT_EQ(clock.now() - start, kPaymentDeadline);
}

TEST_F(Mock, WhenItIsDownNothingHappensAndItCannotBeAsked) {
  MemoryProviderLedger book;
  MockProvider provider(book, clock, always_willing());
  provider.set_unavailable(true);
  EXPECT_EQ(wait_for(provider.authorise(payment_attempt(1), kPaymentDeadline)),
            PaymentAnswer::unknown);
  EXPECT_EQ(wait_for(provider.lookup(payment_attempt(1).id, kPaymentDeadline)),
            AttemptState::unknown);
  EXPECT_TRUE(wait_for(book.entries()).value().empty());
}

}  // namespace
}  // namespace onsale::conformance
