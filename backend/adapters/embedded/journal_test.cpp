// The journal under orderly ends, kills, full disks and damaged files.
#include "adapters/embedded/journal.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/embedded/journal_recovery.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {
namespace {

using std::chrono::seconds;

constexpr EventId kEvent{1};
constexpr BuyerId kAnn{{0, 1}};
constexpr BuyerId kBen{{0, 2}};
constexpr OrderId kOrder{{1, 1}};

// An office on files that outlive it.
class Office {
 public:
  Office(FaultFileSystem& files, ManualClock& clock, JournalOptions options = {})
      : journal_(files, with_folder(std::move(options), lines)),
        ledger(clock, {.journal = &journal_}) {}

  RecoveryReport start() {
    Result<RecoveryReport> report = ledger.start();
    EXPECT_TRUE(report) << report.error().detail;
    const Status opened =
        run_task(ledger.open_event(kEvent, {.first = 1, .stride = 1, .count = 2000}, {}));
    EXPECT_TRUE(opened) << opened.error().detail;
    return std::move(report).value();
  }
  LedgerAnswer<HoldGranted> hold(std::uint64_t seat, BuyerId buyer = kAnn) {
    SeatIds seats;
    seats.push_back(SeatId{seat});
    return hold(seats, buyer);
  }
  LedgerAnswer<HoldGranted> hold(SeatIds seats, BuyerId buyer) {
    return run_task(ledger.hold({kEvent, seats, buyer, seconds(600), seconds(900), 1000}));
  }
  LedgerAnswer<PinGranted> pin(std::uint64_t seat) {
    SeatIds seats;
    seats.push_back(SeatId{seat});
    return run_task(ledger.pin(kEvent, seats, kAnn, kOrder, instant_of_ms(1'900'000'000'000)));
  }
  LedgerAnswer<Version> settle(std::uint64_t seat, Settlement settlement) {
    SeatIds seats;
    seats.push_back(SeatId{seat});
    return run_task(ledger.settle(kEvent, seats, kOrder, settlement));
  }
  SeatCounts counts() { return run_task(ledger.counts(kEvent)).value(); }
  std::vector<SeatRecord> records() { return run_task(ledger.records(kEvent)).value(); }
  seat::State state(std::uint64_t seat) { return records()[seat - 1].state; }

  std::vector<std::string> lines;  // what a person was told

 private:
  static JournalOptions with_folder(JournalOptions options, std::vector<std::string>& lines) {
    options.folder = "/journal";
    options.background = false;
    options.on_fault = [&lines](std::string_view line) { lines.emplace_back(line); };
    return options;
  }

 public:
  Journal journal_;
  EmbeddedLedger ledger;
};

class JournalTest : public testing::Test {
 protected:
  // The office ends as if killed; the files stay.
  void kill() { office.reset(); }
  RecoveryReport start(JournalOptions options = {}) {
    office.reset();
    office.emplace(files, clock, std::move(options));
    return office->start();
  }

  FaultFileSystem files;
  ManualClock clock;
  std::optional<Office> office;
};

TEST_F(JournalTest, AnOrderlyEndKeepsEverySeatAndGoesOnWithItsVersions) {
  const RecoveryReport first = start();
  EXPECT_TRUE(first.fresh);
  EXPECT_EQ(first.epoch, 0U);
  ASSERT_TRUE(office->hold(1).granted());
  ASSERT_TRUE(office->hold(2).granted());
  ASSERT_TRUE(office->pin(2).granted());
  ASSERT_TRUE(office->hold(3).granted());
  ASSERT_TRUE(office->pin(3).granted());
  ASSERT_TRUE(office->settle(3, Settlement::sell).granted());
  const std::vector<SeatRecord> before = office->records();
  const Version version = office->counts().version;
  ASSERT_TRUE(office->ledger.stop());

  const RecoveryReport report = start();
  EXPECT_TRUE(report.clean);
  EXPECT_FALSE(report.fresh);
  EXPECT_EQ(report.epoch, 0U);
  EXPECT_EQ(office->counts().version, version);
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(office->records()[i].state, before[i].state);
    if (i > 5) break;
  }
  EXPECT_EQ(office->hold(4).value().version, version.next());
}

TEST_F(JournalTest, AKillLosesNothingThatWasWrittenAndBeginsANewEpoch) {
  start();
  ASSERT_TRUE(office->hold(1).granted());
  const seat::State held = office->state(1);
  ASSERT_TRUE(office->journal_.flush());
  ASSERT_TRUE(office->hold(2).granted());  // not written when the kill comes
  kill();

  const RecoveryReport report = start();
  EXPECT_FALSE(report.clean);
  EXPECT_EQ(report.epoch, 1U);
  EXPECT_EQ(office->state(1), held);
  EXPECT_EQ(office->state(2), seat::State{seat::Available{}});
  EXPECT_EQ(office->counts().version, Version::of(1, 0));
  EXPECT_EQ(office->hold(2).value().version, Version::of(1, 1));
  EXPECT_TRUE(office->hold(1, kBen).refused().code == Code::reservation_conflict);
}

TEST_F(JournalTest, AKillBetweenThePinAndTheOrderGivesTheHoldBack) {
  start();
  ASSERT_TRUE(office->hold(1).granted());
  const seat::State held = office->state(1);
  ASSERT_TRUE(office->pin(1).granted());
  ASSERT_TRUE(office->journal_.flush());
  kill();

  start();
  ASSERT_TRUE(run_task(office->ledger.restore({}, clock.now() + seconds(60))));
  EXPECT_EQ(office->state(1), held);
}

TEST_F(JournalTest, AKillRightAfterAnOrderlyStartBeginsANewEpochToo) {
  start();
  ASSERT_TRUE(office->ledger.stop());
  EXPECT_TRUE(start().clean);
  kill();
  const RecoveryReport report = start();
  EXPECT_FALSE(report.clean);
  EXPECT_EQ(report.epoch, 1U);
}

TEST_F(JournalTest, KillAfterKillKeepsWhatEachRunWrote) {
  for (std::uint64_t run = 1; run <= 5; ++run) {
    const RecoveryReport report = start();
    EXPECT_EQ(report.epoch, run - 1);
    EXPECT_TRUE(report.faults.empty());
    EXPECT_EQ(office->counts().held, run - 1);
    ASSERT_TRUE(office->hold(run).granted());
    ASSERT_TRUE(office->journal_.flush());
    kill();
  }
}

TEST_F(JournalTest, ASnapshotTakesTheOldSegmentsPlace) {
  start();
  for (std::uint64_t seat = 1; seat <= 500; ++seat) ASSERT_TRUE(office->hold(seat).granted());
  ASSERT_TRUE(office->journal_.write_snapshot());
  EXPECT_EQ(files.files().size(), 2U);  // the snapshot and the segment after it
  ASSERT_TRUE(office->hold(1001).granted());
  ASSERT_TRUE(run_task(office->ledger.release(kEvent, SeatId{1}, kAnn)).granted());
  ASSERT_TRUE(office->journal_.flush());
  kill();
  const RecoveryReport report = start();
  EXPECT_EQ(report.snapshot_seats, 500U);
  EXPECT_EQ(report.changes, 2U);
  EXPECT_EQ(office->counts().held, 500U);
  EXPECT_EQ(office->state(1), seat::State{seat::Available{}});
}

TEST_F(JournalTest, ChangesWhileASnapshotIsWrittenAreNeitherLostNorUndone) {
  start();
  for (std::uint64_t seat = 1; seat <= 100; ++seat) ASSERT_TRUE(office->hold(seat).granted());
  // As in snapshot_now: a new segment, then the dump; here with changes before, in and after it.
  ASSERT_TRUE(office->hold(101).granted());
  ASSERT_TRUE(office->journal_.write_snapshot());
  ASSERT_TRUE(run_task(office->ledger.release(kEvent, SeatId{5}, kAnn)).granted());
  ASSERT_TRUE(office->hold(5, kBen).granted());
  ASSERT_TRUE(office->journal_.flush());
  kill();
  start();
  EXPECT_EQ(office->counts().held, 101U);
  EXPECT_EQ(std::get<seat::Held>(office->state(5)).buyer, kBen);
}

TEST_F(JournalTest, AFullDiskRefusesHoldsAndRecoversByItself) {
  start();
  ASSERT_TRUE(office->hold(1).granted());
  ASSERT_TRUE(office->pin(1).granted());
  ASSERT_TRUE(office->hold(2).granted());
  ASSERT_TRUE(office->journal_.flush());
  files.disk_space(20);  // a short write, then none
  ASSERT_TRUE(office->hold(3).granted());
  EXPECT_FALSE(office->journal_.flush());
  EXPECT_FALSE(office->journal_.accepting());
  ASSERT_EQ(office->lines.size(), 1U);
  EXPECT_NE(office->lines[0].find("No space left on device"), std::string::npos);

  // New holds wait; what is refused anyway is refused as ever; ends of pins go through.
  EXPECT_EQ(office->hold(4).refused().code, Code::unavailable);
  EXPECT_EQ(office->pin(2).refused().code, Code::unavailable);
  EXPECT_EQ(office->hold(2, kBen).refused().code, Code::reservation_conflict);
  EXPECT_TRUE(office->hold(2).granted());  // nothing to write
  EXPECT_TRUE(office->settle(1, Settlement::sell).granted());
  EXPECT_EQ(office->counts().held, 2U);

  files.disk_space(std::nullopt);
  ASSERT_TRUE(office->journal_.flush());
  EXPECT_TRUE(office->journal_.accepting());
  EXPECT_EQ(office->lines.size(), 2U);
  ASSERT_TRUE(office->hold(4).granted());
  ASSERT_TRUE(office->journal_.flush());
  kill();
  const RecoveryReport report = start();
  EXPECT_TRUE(report.faults.empty()) << report.faults.front();
  EXPECT_EQ(office->counts().held, 3U);
  EXPECT_EQ(office->counts().sold, 1U);
}

TEST_F(JournalTest, AShortWriteThatCannotBeCutIsCutBeforeTheNextOne) {
  start();
  files.disk_space(30);
  files.refuse_truncate(true);
  ASSERT_TRUE(office->hold(1).granted());
  EXPECT_FALSE(office->journal_.flush());
  files.disk_space(std::nullopt);
  EXPECT_FALSE(office->journal_.flush());
  files.refuse_truncate(false);
  ASSERT_TRUE(office->journal_.flush());
  kill();
  const RecoveryReport report = start();
  EXPECT_TRUE(report.faults.empty());
  EXPECT_EQ(office->counts().held, 1U);
}

TEST_F(JournalTest, AFullBufferRefusesUntilItIsWritten) {
  start({.unwritten_bytes_max = 1000});
  std::uint64_t granted = 0;
  for (std::uint64_t seat = 1; seat <= 100; ++seat) granted += office->hold(seat).granted() ? 1 : 0;
  EXPECT_GT(granted, 10U);
  EXPECT_LT(granted, 40U);
  ASSERT_TRUE(office->journal_.flush());
  EXPECT_TRUE(office->hold(100).granted());
}

TEST_F(JournalTest, AFolderThatCannotBeWrittenIsABrokenStart) {
  files.disk_space(0);
  office.emplace(files, clock);
  const Result<RecoveryReport> report = office->ledger.start();
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().detail.find("No space"), std::string::npos);
}

// Damage: each is found, told in one line, and nothing after it is believed.

class DamagedJournal : public JournalTest {
 protected:
  // Ten holds, each in a frame of its own; then a kill.
  void write_ten() {
    start();
    for (std::uint64_t seat = 1; seat <= 10; ++seat) {
      ASSERT_TRUE(office->hold(seat).granted());
      ASSERT_TRUE(office->journal_.flush());
    }
    kill();
  }
  std::string& segment() { return files.file_like("/journal-"); }
  std::string& segment_of(std::uint64_t number) {
    return files.file_like(
        journal::path_of("/journal", journal::kSegment, number, 0).substr(0, 29));
  }
  static constexpr std::size_t kFrame = journal::kFrameHeaderBytes + 47;

  void expect_kept(std::uint64_t held, std::size_t faults = 1) {
    const RecoveryReport report = start();
    EXPECT_EQ(report.faults.size(), faults);
    EXPECT_EQ(office->lines.size(), faults);
    EXPECT_EQ(office->counts().held, held);
    EXPECT_EQ(report.epoch, 1U);
    for (std::uint64_t seat = 1; seat <= held; ++seat) {
      EXPECT_TRUE(std::holds_alternative<seat::Held>(office->state(seat)));
    }
    // And once more: the cut holds, what came after it is believed.
    ASSERT_TRUE(office->hold(20).granted());
    ASSERT_TRUE(office->journal_.flush());
    kill();
    const RecoveryReport again = start();
    EXPECT_TRUE(again.faults.empty());
    EXPECT_EQ(office->counts().held, held + 1);
  }
};

TEST_F(DamagedJournal, ATornTailIsCut) {
  write_ten();
  segment().resize(segment().size() - 5);
  expect_kept(9);
}
TEST_F(DamagedJournal, AFlippedBitIsFoundAndAllAfterItIgnored) {
  write_ten();
  segment()[segment().size() - 4 * kFrame + 30] ^= 0x10;
  expect_kept(6);
}
TEST_F(DamagedJournal, AZeroFilledTailIsCut) {
  write_ten();
  segment().append(4096, '\0');
  expect_kept(10);
}
TEST_F(DamagedJournal, ADuplicatedTailIsCut) {
  write_ten();
  const std::string tail = segment().substr(segment().size() - 3 * kFrame);
  segment() += tail;
  expect_kept(10);
}
TEST_F(DamagedJournal, ASegmentWithoutItsHeaderIsNotBelieved) {
  write_ten();
  segment()[6] ^= 1;
  expect_kept(0);
}
TEST_F(DamagedJournal, AnEmptySegmentIsNotBelieved) {
  write_ten();
  segment().clear();
  expect_kept(0);
}
TEST_F(DamagedJournal, AMissingSegmentEndsTheChain) {
  write_ten();
  start();  // epoch 1, segment 2
  ASSERT_TRUE(office->hold(11).granted());
  ASSERT_TRUE(office->journal_.flush());
  kill();
  start();  // epoch 2, segment 3
  ASSERT_TRUE(office->hold(12).granted());
  ASSERT_TRUE(office->journal_.flush());
  kill();
  auto& all = files.files();
  ASSERT_EQ(all.size(), 3U);
  all.erase(std::next(all.begin()));
  const RecoveryReport report = start();
  EXPECT_EQ(report.epoch, 3U);
  EXPECT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(office->counts().held, 10U);
  kill();
  EXPECT_TRUE(start().faults.empty());
  EXPECT_EQ(office->counts().held, 10U);
}
TEST_F(DamagedJournal, ASnapshotWithoutItsOwnSegmentIsAGap) {
  start();
  ASSERT_TRUE(office->hold(1).granted());
  ASSERT_TRUE(office->journal_.write_snapshot());
  kill();
  std::erase_if(files.files(),
                [](const auto& file) { return file.first.find("/journal-") != std::string::npos; });
  expect_kept(1);
}
TEST_F(DamagedJournal, AKillBeforeTheRepairIsDoneForgetsNoEpoch) {
  write_ten();
  start();  // epoch 1
  kill();
  start();  // epoch 2
  kill();
  segment_of(1)[6] ^= 1;
  files.crash_after(120);  // the new segment is begun, its snapshot not
  office.emplace(files, clock);
  EXPECT_FALSE(office->ledger.start());
  EXPECT_TRUE(files.crashed());
  kill();
  files.revive();
  EXPECT_EQ(start().epoch, 4U);
}
TEST_F(DamagedJournal, ASegmentOfAnotherNameIsNotBelieved) {
  write_ten();
  auto& all = files.files();
  const std::string bytes = all.begin()->second;
  all[journal::path_of("/journal", journal::kSegment, 2, 0)] = bytes;  // a copy as the next one
  expect_kept(10);
}
TEST_F(DamagedJournal, ADamagedSnapshotLeavesTheProofToTheOrderStore) {
  start();
  ASSERT_TRUE(office->hold(1).granted());
  ASSERT_TRUE(office->pin(1).granted());
  ASSERT_TRUE(office->settle(1, Settlement::sell).granted());
  ASSERT_TRUE(office->hold(2).granted());
  ASSERT_TRUE(office->ledger.stop());
  std::string& snapshot = files.file_like("/snapshot-");
  snapshot[snapshot.size() / 2] ^= 0x40;
  const RecoveryReport report = start();
  EXPECT_FALSE(report.clean);
  EXPECT_EQ(report.epoch, 1U);
  EXPECT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(office->counts().available, 2000U);
  ASSERT_TRUE(run_task(office->ledger.restore({{kEvent, SeatId{1}, kOrder, kAnn, true}},
                                              clock.now() + seconds(60))));
  EXPECT_EQ(office->state(1), (seat::State{seat::Sold{kAnn, kOrder}}));
}
TEST_F(DamagedJournal, AnOlderSnapshotStillThereIsFallenBackTo) {
  start();
  ASSERT_TRUE(office->hold(1).granted());
  ASSERT_TRUE(office->journal_.write_snapshot());
  const auto kept = files.files();
  ASSERT_TRUE(office->hold(2).granted());
  ASSERT_TRUE(office->journal_.write_snapshot());
  kill();
  // As if the machine had stopped before the old files were removed, and the new snapshot is bad.
  std::string& snapshot = files.file_like("/snapshot-");
  snapshot[snapshot.size() / 2] ^= 0x40;
  for (const auto& [path, bytes] : kept) {
    if (path.find("snapshot") != std::string::npos) files.files().try_emplace(path, bytes);
  }
  const RecoveryReport report = start();
  EXPECT_EQ(report.snapshot_seats, 1U);
  EXPECT_GE(report.faults.size(), 1U);
  EXPECT_EQ(office->counts().held, 1U);
}
TEST_F(DamagedJournal, ANewerFormatIsABrokenStartNotAGuess) {
  write_ten();
  std::string newer;
  const std::size_t begin = journal::begin_frame(newer);
  journal::encode(journal::Header{.format = journal::kFormat + 1, .epoch = 0, .number = 1}, newer);
  journal::seal_frame(newer, begin, 0);
  segment() = newer;
  office.emplace(files, clock);
  const Result<RecoveryReport> report = office->ledger.start();
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().detail.find("newer version"), std::string::npos);
  EXPECT_EQ(segment(), newer);  // left for who can read it
}

// A kill at every byte of a run: what comes back is what had happened at some moment of it (never
// half a call), each run's versions are above all earlier ones, and claims decide what is sold.
TEST_F(JournalTest, AKillAtEveryByteLeavesAPrefixOfHistory) {
  const auto run = [this](std::vector<std::vector<SeatRecord>>* history) {
    const auto note = [&] {
      if (history != nullptr) history->push_back(office->records());
    };
    office.emplace(files, clock);
    if (!office->ledger.start()) return;
    if (!run_task(office->ledger.open_event(kEvent, {.first = 1, .stride = 1, .count = 12}, {}))) {
      return;
    }
    note();
    for (std::uint64_t step = 0; step < 12; ++step) {
      SeatIds seats;
      seats.push_back(SeatId{1 + step % 6});
      if (step < 6) seats.push_back(SeatId{7 + step});
      if (step < 6) {
        office->hold(seats, kAnn);
      } else if (step < 9) {
        office->pin(1 + step % 6);
      } else {
        office->settle(1 + step % 6 - 3, Settlement::sell);
      }
      note();
      if (step % 2 == 1) (void)office->journal_.flush().has_value();
      if (step == 5) (void)office->journal_.write_snapshot().has_value();
    }
    (void)office->ledger.stop().has_value();
  };

  std::vector<std::vector<SeatRecord>> history;
  run(&history);
  const std::uint64_t length = files.written();
  ASSERT_GT(length, 500U);
  const auto equal = [](const std::vector<SeatRecord>& a, const std::vector<SeatRecord>& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i].state != b[i].state) return false;
    }
    return true;
  };
  for (std::uint64_t at = 0; at <= length; ++at) {
    SCOPED_TRACE("killed after byte " + std::to_string(at) + " of " + std::to_string(length));
    office.reset();
    files.files().clear();
    files.crash_after(at);
    run(nullptr);
    Version seen;  // the last version anybody was told
    if (const auto counts = run_task(office->ledger.counts(kEvent))) seen = counts->version;
    office.reset();
    files.revive();

    office.emplace(files, clock);
    const auto report = office->ledger.start();
    ASSERT_TRUE(report) << report.error().detail;
    const auto counts = run_task(office->ledger.counts(kEvent));
    if (!counts) continue;  // killed before the event was written down
    const std::vector<SeatRecord> now = office->records();
    bool found = false;
    for (const auto& moment : history) found = found || equal(moment, now);
    ASSERT_TRUE(found) << "a state that never was";
    ASSERT_TRUE(report->clean ? counts->version >= seen : counts->version > seen);
    ASSERT_TRUE(
        run_task(office->ledger.restore({{kEvent, SeatId{12}, kOrder, kAnn, true}}, clock.now())));
    const SeatCounts restored = office->counts();
    EXPECT_EQ(restored.sold, 1U);
    EXPECT_EQ(restored.pinned, 0U);
  }
}

}  // namespace
}  // namespace onsale
