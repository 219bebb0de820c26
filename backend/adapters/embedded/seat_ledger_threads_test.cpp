// The embedded ledger under several threads at once, with its journal's own two: what every thread
// was told must fit together. Run under TSan it also shows that no access is unguarded.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "adapters/embedded/posix_file_system.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/system_clock.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {
namespace {

using std::chrono::seconds;

constexpr int kThreads = 4;
constexpr int kCallsPerThread = 20'000;
constexpr std::uint32_t kSeats = 60;

SeatIds one(std::uint64_t seat) {
  SeatIds seats;
  seats.push_back(SeatId{seat});
  return seats;
}

class SeatLedgerThreads : public testing::Test {
 protected:
  SeatLedgerThreads()
      : journal(files, {.folder = "/journal",
                        .flush_every = Milliseconds{1},
                        .snapshot_after_bytes = 200'000}),
        ledger(clock, {.journal = &journal}) {
    EXPECT_TRUE(ledger.start());
    for (std::uint64_t event = 1; event <= 2; ++event) {
      EXPECT_TRUE(run_task(
          ledger.open_event(EventId{event}, {.first = 1, .stride = 1, .count = kSeats}, {})));
    }
  }

  template <typename Work>
  static void on_all_threads(Work work) {
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int n = 0; n < kThreads; ++n) threads.emplace_back([&work, n] { work(n); });
    for (std::thread& thread : threads) thread.join();
  }

  ManualClock clock;
  FaultFileSystem files;
  Journal journal;
  EmbeddedLedger ledger;
};

TEST_F(SeatLedgerThreads, ASeatThatAllWantIsGivenToOne) {
  for (std::uint64_t seat = 1; seat <= kSeats; ++seat) {
    std::atomic<int> granted{0};
    std::atomic<int> ready{0};
    on_all_threads([&](int n) {
      ++ready;
      while (ready < kThreads) {
      }
      const HoldRequest request{
          EventId{1},  one(seat),    BuyerId{{7, static_cast<std::uint64_t>(n)}},
          seconds(60), seconds(900), 1000};
      if (run_task(ledger.hold(request)).granted()) ++granted;
    });
    ASSERT_EQ(granted, 1);
  }
}

TEST_F(SeatLedgerThreads, EverySaleIsToldOnceAndTheFeedTellsTheTruth) {
  std::atomic<bool> done{false};
  std::atomic<int> wakes{0};
  ledger.on_change([&wakes](EventId) { ++wakes; });

  // A reader that follows the feed of event 1 as the map does.
  std::thread reader([&] {
    SeatSnapshot view = run_task(ledger.snapshot(EventId{1})).value();
    for (bool last = false; !last;) {
      last = done;
      const FeedBatch batch = run_task(ledger.read(EventId{1}, view.version, 100)).value();
      if (batch.too_old) {
        view = run_task(ledger.snapshot(EventId{1})).value();
        continue;
      }
      for (const SeatChange& change : batch.changes) {
        ASSERT_EQ(change.version, view.version.next());
        view.version = change.version;
        view.statuses[change.seat_index] = change.status;
      }
      last = last && batch.changes.empty();
    }
    const SeatSnapshot truth = run_task(ledger.snapshot(EventId{1})).value();
    EXPECT_EQ(view.version, truth.version);
    EXPECT_EQ(view.statuses, truth.statuses);
  });
  std::thread sweeper([&] {
    while (!done) {
      clock.advance(Milliseconds{5});
      ledger.sweep(clock.now(), 50);
    }
  });

  std::array<std::map<std::pair<std::uint64_t, std::uint64_t>, OrderId>, kThreads> sold;
  on_all_threads([&](int n) {
    const auto me = static_cast<std::uint64_t>(n);
    std::mt19937_64 random(me);
    for (std::uint64_t call = 0; call < kCallsPerThread; ++call) {
      const EventId event{1 + random() % 2};
      const std::uint64_t seat = 1 + random() % kSeats;
      const BuyerId buyer{{me, random() % 3}};
      const OrderId order{{me, call + 1}};
      const HoldRequest request{
          event,        one(seat),
          buyer,        Milliseconds{static_cast<std::int64_t>(5 + random() % 500)},
          seconds(900), kSeats};
      if (!run_task(ledger.hold(request)).granted()) continue;
      if (random() % 3 == 0) {
        run_task(ledger.release(event, SeatId{seat}, buyer));
        continue;
      }
      const Instant deadline = clock.now() + Milliseconds{300};
      if (!run_task(ledger.pin(event, one(seat), buyer, order, deadline)).granted()) continue;
      if (random() % 8 == 0) {
        run_task(ledger.settle(event, one(seat), order, Settlement::unpin));
      } else if (run_task(ledger.settle(event, one(seat), order, Settlement::sell)).granted()) {
        if (random() % 64 != 0) {
          run_task(ledger.settle(event, one(seat), order, Settlement::give_back));
        } else {
          const bool first = sold[me].emplace(std::pair(event.value, seat), order).second;
          EXPECT_TRUE(first) << "sold twice to the same thread";
        }
      }
    }
  });
  done = true;
  reader.join();
  sweeper.join();
  ledger.on_change(nullptr);
  EXPECT_GT(wakes, 0);

  // Every sale that was acknowledged is there, with its order; there is no other.
  std::size_t acknowledged = 0;
  for (const auto& of_thread : sold) {
    for (const auto& [where, order] : of_thread) {
      const auto records = run_task(ledger.records(EventId{where.first})).value();
      const auto* sale = std::get_if<seat::Sold>(&records[where.second - 1].state);
      ASSERT_NE(sale, nullptr);
      EXPECT_EQ(sale->order, order);
      ++acknowledged;
    }
  }
  std::uint64_t counted = 0;
  for (std::uint64_t event = 1; event <= 2; ++event) {
    const SeatCounts counts = run_task(ledger.counts(EventId{event})).value();
    EXPECT_EQ(counts.available + counts.held + counts.pinned + counts.sold, kSeats);
    counted += counts.sold;
  }
  EXPECT_EQ(counted, acknowledged);

  // And the journal, written and snapshotted meanwhile, tells the same after a restart.
  const auto before = run_task(ledger.records(EventId{2})).value();
  const Version version = run_task(ledger.counts(EventId{2})).value().version;
  ASSERT_TRUE(ledger.stop());
  Journal again(files, {.folder = "/journal", .background = false});
  EmbeddedLedger restarted(clock, {.journal = &again});
  const auto report = restarted.start();
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->clean);
  const auto after = run_task(restarted.records(EventId{2})).value();
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].state, before[i].state);
  EXPECT_EQ(run_task(restarted.counts(EventId{2})).value().version, version);
}

TEST_F(SeatLedgerThreads, EventsAreAddedWhileOthersAreSold) {
  std::atomic<bool> done{false};
  std::thread opener([&] {
    for (std::uint64_t event = 3; event <= 500; ++event) {
      EXPECT_TRUE(run_task(
          ledger.open_event(EventId{event}, {.first = 1, .stride = 1, .count = kSeats}, {})));
    }
    done = true;
  });
  on_all_threads([&](int n) {
    std::mt19937_64 random(static_cast<std::uint64_t>(n));
    while (!done) {
      const EventId event{1 + random() % 600};
      const BuyerId buyer{{1, random()}};
      const HoldRequest request{event, one(1 + random() % kSeats), buyer, seconds(60), seconds(60),
                                8};
      const auto held = run_task(ledger.hold(request));
      if (held.granted()) {
        EXPECT_TRUE(run_task(ledger.release(event, request.seats.front(), buyer)).granted());
      }
    }
  });
  opener.join();
  EXPECT_TRUE(ledger.sweep(clock.now()));
  EXPECT_EQ(run_task(ledger.counts(EventId{500})).value().available, kSeats);
}

// Nobody called stop(), as when an opening fails halfway: the snapshot that is under way ends first.
TEST(DroppedLedger, IsNotLookedAtAnyMore) {
  for (int round = 0; round < 50; ++round) {
    ManualClock clock;
    FaultFileSystem files;
    Journal journal(
        files,
        {.folder = "/journal", .flush_every = Milliseconds{1}, .snapshot_after_bytes = 1'000});
    {
      EmbeddedLedger ledger(clock, {.journal = &journal});
      ASSERT_TRUE(ledger.start());
      for (std::uint64_t event = 1; event <= 40; ++event) {
        ASSERT_TRUE(run_task(
            ledger.open_event(EventId{event}, {.first = 1, .stride = 1, .count = kSeats}, {})));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds{round % 5});
    }
    // Still writes what it has, and ends in order.
    ASSERT_TRUE(journal.flush());
  }
}

// On real files, the journal's threads awake and asleep: what was flushed is there after
// the office is dropped without a word.
TEST(JournalOnDisk, ADroppedOfficeComesBackFromItsFiles) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      ("onsale_journal." + BuyerId{KernelIdSource{}.random_bits()}.to_string());
  const std::string path = folder.string();
  PosixFileSystem files;
  SystemClock clock;
  {
    Journal journal(files, {.folder = path + "/deep", .sync = true});
    EmbeddedLedger ledger(clock, {.journal = &journal});
    ASSERT_TRUE(ledger.start());
    ASSERT_TRUE(
        run_task(ledger.open_event(EventId{1}, {.first = 1, .stride = 1, .count = kSeats}, {})));
    const HoldRequest request{EventId{1}, one(7), BuyerId{{1, 1}}, seconds(60), seconds(60), 8};
    ASSERT_TRUE(run_task(ledger.hold(request)).granted());
    ASSERT_TRUE(journal.flush());
  }
  {
    Journal journal(files, {.folder = path + "/deep"});
    EmbeddedLedger ledger(clock, {.journal = &journal});
    const auto report = ledger.start();
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(report->epoch, 1U);
    EXPECT_EQ(run_task(ledger.counts(EventId{1})).value().held, 1U);
    ASSERT_TRUE(ledger.stop());
  }
  {
    Journal journal(files, {.folder = path + "/deep"});
    EmbeddedLedger ledger(clock, {.journal = &journal});
    const auto report = ledger.start();
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->clean);
    EXPECT_EQ(report->epoch, 1U);
  }
  std::filesystem::remove_all(folder);
}

TEST(KernelIds, AreNotRepeatedAcrossThreads) {
  KernelIdSource ids;
  std::array<std::vector<Bits128>, 2> seen;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) seen[1].push_back(ids.random_bits());
  });
  for (int i = 0; i < 1000; ++i) seen[0].push_back(ids.random_bits());
  other.join();
  std::set<Bits128> all(seen[0].begin(), seen[0].end());
  all.insert(seen[1].begin(), seen[1].end());
  EXPECT_EQ(all.size(), 2000U);
}

TEST(SystemClockTest, NeverRunsBackwardsAndIsNearTheWallClock) {
  const SystemClock clock;
  Instant last = clock.now();
  const auto wall = std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now());
  EXPECT_LT(std::abs((wall - last).count()), 1000);
  for (int i = 0; i < 1000; ++i) {
    const Instant now = clock.now();
    ASSERT_GE(now, last);
    last = now;
  }
}

}  // namespace
}  // namespace onsale
