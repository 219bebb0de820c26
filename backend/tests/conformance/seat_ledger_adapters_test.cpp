// Every adapter of the seat ledger runs the suites; and some made wrong on purpose must fail them,
// each in the case that is there for its mistake.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/memory/seat_ledger.hpp"
#include "tests/conformance/seat_ledger_conformance.hpp"
#include "tests/support/fault_file_system.hpp"

namespace onsale::conformance {
namespace {

// An adapter: builds a fresh ledger, runs the case over it.
struct Adapter {
  const char* name;
  void (*run)(const Case&);
};

void over_memory(const Case& test) {
  ManualClock clock;
  MemorySeatLedger ledger(clock, 1024);
  LedgerUnderTest under{clock, ledger, ledger, ledger, [&] { ledger.sweep(); }};
  test.run(under);
}

void over_embedded(const Case& test) {
  ManualClock clock;
  EmbeddedLedger ledger(clock);
  LedgerUnderTest under{clock, ledger, ledger, ledger, [&] { ledger.sweep(clock.now()); }};
  test.run(under);
}

void over_journalled(const Case& test) {
  ManualClock clock;
  FaultFileSystem files;
  Journal journal(files, {.folder = "/journal", .background = false});
  EmbeddedLedger ledger(clock, {.journal = &journal});
  ASSERT_TRUE(ledger.start());
  LedgerUnderTest under{clock, ledger, ledger, ledger, [&] {
                          ledger.sweep(clock.now());
                          ASSERT_TRUE(journal.flush());
                        }};
  test.run(under);
}

constexpr Adapter kAdapters[] = {
    {"Memory", over_memory}, {"Embedded", over_embedded}, {"Journalled", over_journalled}};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Case& one : seat_ledger_cases()) cases.push_back(one);
  for (const Case& one : seat_order_cases()) cases.push_back(one);
  for (const Case& one : seat_feed_cases()) cases.push_back(one);
  return cases;
}

class SeatLedgerConformance : public testing::TestWithParam<std::tuple<Adapter, Case>> {};

TEST_P(SeatLedgerConformance, Holds) {
  const auto& [adapter, test] = GetParam();
  adapter.run(test);
}

INSTANTIATE_TEST_SUITE_P(Adapters, SeatLedgerConformance,
                         testing::Combine(testing::ValuesIn(kAdapters),
                                          testing::ValuesIn(all_cases())),
                         [](const auto& about) {
                           return std::string(std::get<0>(about.param).name) + "_" +
                                  std::get<1>(about.param).name;
                         });

// The mistakes: each wrong in one way.

class HoldsOneByOne final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    LedgerAnswer<HoldGranted> answer{Code::validation_failed};
    const SeatIds all = request.seats;
    for (const SeatId seat : all) {
      request.seats.clear();
      request.seats.push_back(seat);
      answer = run_task(MemorySeatLedger::hold(request));
      if (!answer.granted()) break;
    }
    return answer;
  }
};

class ForgetsTheLimit final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    request.seats_per_buyer_max = 1000;
    return MemorySeatLedger::hold(request);
  }
};

class ExtendsForEver final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    request.life_max = std::chrono::hours(1000);
    return MemorySeatLedger::hold(request);
  }
};

class LetsAnyoneRelease final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override {
    const std::vector<SeatRecord> records = run_task(MemorySeatLedger::records(event)).value();
    for (const SeatRecord& record : records) {
      const auto* held = std::get_if<seat::Held>(&record.state);
      if (record.seat == seat && held != nullptr) buyer = held->buyer;
    }
    return MemorySeatLedger::release(event, seat, buyer);
  }
};

class SellsWithoutAsking final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override {
    auto answer = run_task(MemorySeatLedger::settle(event, seats, order, settlement));
    if (answer.granted() || answer.refused().code != Code::reservation_expired) return answer;
    return run_task(MemorySeatLedger::counts(event)).value().version;  // "it will be all right"
  }
};

class RevokesEarly final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    const Milliseconds wanted = request.wanted;
    request.wanted -= Milliseconds{2};
    auto answer = run_task(MemorySeatLedger::hold(request));
    if (!answer.granted()) return answer;
    return HoldGranted{answer.value().expires_at + (wanted - request.wanted),
                       answer.value().version};
  }
};

class HidesAGap final : public MemorySeatLedger {
 public:
  using MemorySeatLedger::MemorySeatLedger;
  Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) override {
    auto batch = run_task(MemorySeatLedger::read(event, after, max));
    if (batch) batch->too_old = false;
    return batch;
  }
};

template <typename Wrong>
void over(const Case& test) {
  ManualClock clock;
  Wrong ledger(clock, 1024);
  LedgerUnderTest under{clock, ledger, ledger, ledger, [&] { ledger.sweep(); }};
  test.run(under);
}

// Expiry that tells nobody.
void over_unswept(const Case& test) {
  ManualClock clock;
  MemorySeatLedger ledger(clock, 1024);
  LedgerUnderTest under{clock, ledger, ledger, ledger, [] {}};
  test.run(under);
}

// A reader that nobody wakes.
void over_unwoken(const Case& test) {
  class NeverWakes final : public MemorySeatLedger {
   public:
    using MemorySeatLedger::MemorySeatLedger;
    void on_change(std::function<void(EventId)>) override {}
  };
  over<NeverWakes>(test);
}

struct Mistake {
  const char* name;
  void (*run)(const Case&);
  const char* caught_by;
};

class WrongSeatLedger : public testing::TestWithParam<Mistake> {};

TEST_P(WrongSeatLedger, IsCaught) {
  const Mistake& mistake = GetParam();
  std::string caught;
  for (const Case& test : all_cases()) {
    testing::TestPartResultArray results;
    {
      const testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      mistake.run(test);
    }
    if (results.size() != 0) caught += std::string(test.name) + " ";
  }
  EXPECT_NE(caught.find(mistake.caught_by), std::string::npos)
      << mistake.name << " was caught by: " << caught;
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, WrongSeatLedger,
    testing::Values(Mistake{"HoldsOneByOne", over<HoldsOneByOne>, "HoldIsAllOrNothing"},
                    Mistake{"ForgetsTheLimit", over<ForgetsTheLimit>, "ABuyersLimitCounts"},
                    Mistake{"ExtendsForEver", over<ExtendsForEver>, "ExtendReachesNoFurther"},
                    Mistake{"LetsAnyoneRelease", over<LetsAnyoneRelease>,
                            "ReleaseIsTheOwnersAlone"},
                    Mistake{"SellsWithoutAsking", over<SellsWithoutAsking>, "SellIsRefusedOnce"},
                    Mistake{"RevokesEarly", over<RevokesEarly>, "AHoldIsNotTakenBeforeItsEnd"},
                    Mistake{"HidesAGap", over<HidesAGap>, "WhatTheFeedHasForgottenIsTooOld"},
                    Mistake{"ExpiryTellsNobody", over_unswept, "ALapseIsToldInTheFeed"},
                    Mistake{"WakesNobody", over_unwoken, "TheReaderIsWoken"}),
    [](const auto& about) { return std::string(about.param.name); });

}  // namespace
}  // namespace onsale::conformance
