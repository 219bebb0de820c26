// Whatever bytes lie in the journal's folder: reading them neither crashes nor leaves a ledger whose
// counts do not add up, and the office that comes of it can hold a seat and be read again.
//
// The first byte chooses what the rest is: a segment, a snapshot, or a segment's records that get a
// right frame (so that what is inside frames is reached, too).
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/journal_recovery.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "base/assert.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace {

using namespace onsale;  // NOLINT(google-build-using-namespace): a program of one function

constexpr EventId kEvent{1};
constexpr std::uint32_t kSeats = 64;

void put_frame(std::string& file, std::string_view payload, std::uint64_t sequence) {
  const std::size_t begin = journal::begin_frame(file);
  file += payload;
  journal::seal_frame(file, begin, sequence);
}

std::string header(bool clean) {
  std::string record;
  journal::encode(journal::Header{.epoch = 0, .number = 1, .clean = clean}, record);
  return record;
}

void visit(FaultFileSystem& files) {
  ManualClock clock;
  for (int run = 0; run < 2; ++run) {
    Journal journal(files, {.folder = "/j", .background = false});
    EmbeddedLedger ledger(clock, {.seats_per_event_max = 1000, .journal = &journal});
    const auto report = ledger.start();
    if (!report) return;  // a newer format, or whole nonsense: an honest refusal
    if (run == 1) check(report->faults.empty(), "what we wrote ourselves is not believed");
    const auto opened =
        run_task(ledger.open_event(kEvent, {.first = 1, .stride = 1, .count = kSeats}, {}));
    if (!opened) return;  // the journal knows this event with other seats
    const auto counts = run_task(ledger.counts(kEvent)).value();
    const auto records = run_task(ledger.records(kEvent)).value();
    check(counts.available + counts.held + counts.pinned + counts.sold + counts.blocked ==
              records.size(),
          "counts do not add up");
    ledger.sweep(clock.now());
    check(bool(run_task(ledger.reset(kEvent))), "a reset is refused");
    SeatIds seats;
    seats.push_back(SeatId{2});
    run_task(
        ledger.hold({kEvent, seats, BuyerId{{1, 1}}, Milliseconds{1000}, Milliseconds{1000}, 8}));
    check(bool(journal.flush()), "the journal cannot be written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  FaultFileSystem files;
  const auto segment = journal::path_of("/j", journal::kSegment, 1, 0);
  const auto snapshot = journal::path_of("/j", journal::kSnapshot, 1, 0);
  switch (data[0] % 4) {
    case 0:
      files.files()[segment] = bytes;
      break;
    case 1:
      files.files()[snapshot] = bytes;
      break;
    case 2: {
      std::string& file = files.files()[segment];
      put_frame(file, header(false), 0);
      put_frame(file, bytes, 1);
      break;
    }
    default: {
      std::string& file = files.files()[snapshot];
      put_frame(file, header(data[0] >= 128), 0);
      put_frame(file, bytes, 1);
      std::string end;
      journal::encode(journal::End{}, end);
      put_frame(file, end, 2);
    }
  }
  visit(files);
  return 0;
}
