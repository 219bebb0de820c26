// What a hold, a refusal, a release costs inside the ledger, and how that grows: with seats, events,
// history, a million lapses at once. Calls are in processor time of their thread, latencies and
// restarts in wall time. Prints one JSON object; nothing here is a test.
//
//   ledger_bench [--quick] [FOLDER]     FOLDER: where the journal of the restart measurement goes
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/embedded/posix_file_system.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/embedded/system_clock.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr Milliseconds kHoldTime{60'000};
constexpr Milliseconds kLifeMax{900'000};
constexpr int kRounds = 5;

// Processor time of the calling thread: what a call costs, whoever else is on the machine.
double cpu_ns() {
  timespec at{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

double ns_since(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::nano>(SteadyClock::now() - start).count();
}

std::uint64_t resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// A cheap generator: the benchmark must not measure its own dice.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t operator()() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }

 private:
  std::uint64_t state_;
};

BuyerId buyer(std::uint64_t n) { return BuyerId{{n * 0x9E37'79B9'7F4A'7C15ULL, n}}; }

SeatIds one(std::uint64_t seat) {
  SeatIds seats;
  seats.push_back(SeatId{seat});
  return seats;
}

void must(const Status& status) {
  check(bool(status), "the benchmark meets what it did not expect");
}

void open(EmbeddedLedger& ledger, std::uint64_t event, std::uint32_t seats) {
  must(run_task(ledger.open_event(EventId{event}, {.first = 1, .stride = 1, .count = seats}, {})));
}

bool hold(EmbeddedLedger& ledger, std::uint64_t event, std::uint64_t seat, std::uint64_t who) {
  HoldRequest request;
  request.event = EventId{event};
  request.seats = one(seat);
  request.buyer = buyer(who);
  request.wanted = kHoldTime;
  request.life_max = kLifeMax;
  return run_task(ledger.hold(request)).granted();
}

struct Costs {
  double hold_ns = 0;
  double refuse_ns = 0;
  double release_ns = 0;
};

// Holds, refusals and releases of `batch` random seats of random events, ns each.
Costs costs(EmbeddedLedger& ledger, std::uint64_t events, std::uint32_t seats, std::uint64_t batch,
            std::uint64_t seed) {
  Dice dice(seed);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> picks(batch);
  // Prime to the round numbers of seats measured here: each seat of an event once.
  std::uint64_t stride = dice() % seats | 1U;
  if (stride % 5 == 0) stride += 2;
  for (std::uint64_t i = 0; i < batch; ++i) {
    picks[i] = {1 + i % events, 1 + (i / events * stride) % seats};
  }
  std::uint64_t granted = 0;
  Costs costs;
  double start = cpu_ns();
  for (std::uint64_t i = 0; i < batch; ++i) {
    granted += hold(ledger, picks[i].first, picks[i].second, i) ? 1 : 0;
  }
  costs.hold_ns = (cpu_ns() - start) / static_cast<double>(batch);
  std::uint64_t refused = 0;
  start = cpu_ns();
  for (std::uint64_t i = 0; i < batch; ++i) {
    refused += hold(ledger, picks[i].first, picks[i].second, i + batch) ? 0 : 1;
  }
  costs.refuse_ns = (cpu_ns() - start) / static_cast<double>(batch);
  start = cpu_ns();
  for (std::uint64_t i = 0; i < batch; ++i) {
    run_task(ledger.release(EventId{picks[i].first}, SeatId{picks[i].second}, buyer(i)));
  }
  costs.release_ns = (cpu_ns() - start) / static_cast<double>(batch);
  check(granted == batch && refused == batch, "the benchmark meets what it did not expect");
  return costs;
}

Costs median(std::vector<Costs> rounds) {
  const auto middle = [&rounds](double Costs::* field) {
    std::nth_element(rounds.begin(), rounds.begin() + static_cast<long>(rounds.size() / 2),
                     rounds.end(),
                     [field](const Costs& a, const Costs& b) { return a.*field < b.*field; });
    return rounds[rounds.size() / 2].*field;
  };
  return {middle(&Costs::hold_ns), middle(&Costs::refuse_ns), middle(&Costs::release_ns)};
}

std::string json(const Costs& costs) {
  char text[120];
  std::snprintf(text, sizeof text, R"({"hold_ns": %.0f, "refuse_ns": %.0f, "release_ns": %.0f})",
                costs.hold_ns, costs.refuse_ns, costs.release_ns);
  return text;
}

// An office with a journal in `folder`, as the real one has.
struct Journalled {
  explicit Journalled(const std::string& folder)
      : journal(files, {.folder = folder,
                        .on_fault =
                            [](std::string_view line) {
                              std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()),
                                           line.data());
                            }}),
        ledger(clock, {.journal = &journal}) {}
  SystemClock clock;
  PosixFileSystem files;
  Journal journal;
  EmbeddedLedger ledger;
};

Costs median_costs(EmbeddedLedger& ledger, std::uint64_t events, std::uint32_t seats,
                   std::uint64_t batch) {
  std::vector<Costs> rounds;
  costs(ledger, events, seats, batch, 99);  // pages and branches warm
  for (int round = 0; round < kRounds; ++round) {
    rounds.push_back(costs(ledger, events, seats, batch, static_cast<std::uint64_t>(round) + 1));
  }
  return median(rounds);
}

// Two threads at once, on one event or each on its own: ns a call of one thread.
Costs two_threads(bool one_event) {
  SystemClock clock;
  EmbeddedLedger ledger(clock);
  constexpr std::uint32_t kSeats = 50'000;
  open(ledger, 1, kSeats);
  open(ledger, 2, kSeats);
  std::vector<Costs> rounds;
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<int> ready{0};
    std::array<Costs, 2> seen;
    const auto work = [&](std::uint64_t half) {
      ++ready;
      while (ready < 2) {
      }
      const std::uint64_t event = one_event ? 1 : 1 + half;
      const std::uint64_t first = 1 + half * kSeats / 2;
      const auto lap = [&](auto call) {
        const double start = cpu_ns();
        for (std::uint64_t i = 0; i < kSeats / 2; ++i) call(first + i, half * kSeats + i);
        return (cpu_ns() - start) / (kSeats / 2);
      };
      const auto take = [&](std::uint64_t seat, std::uint64_t who) {
        hold(ledger, event, seat, who);
      };
      seen[half].hold_ns = lap(take);
      seen[half].refuse_ns = lap([&](std::uint64_t seat, std::uint64_t who) {
        hold(ledger, event, seat, who + 1'000'000);
      });
      seen[half].release_ns = lap([&](std::uint64_t seat, std::uint64_t who) {
        run_task(ledger.release(EventId{event}, SeatId{seat}, buyer(who)));
      });
    };
    std::thread other([&] { work(1); });
    work(0);
    other.join();
    rounds.push_back({(seen[0].hold_ns + seen[1].hold_ns) / 2,
                      (seen[0].refuse_ns + seen[1].refuse_ns) / 2,
                      (seen[0].release_ns + seen[1].release_ns) / 2});
  }
  return median(rounds);
}

// A k-seat hold, ns.
double hold_of(std::uint32_t k) {
  SystemClock clock;
  EmbeddedLedger ledger(clock);
  constexpr std::uint32_t kSeats = 48'000;
  open(ledger, 1, kSeats);
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_ns();
    for (std::uint32_t first = 0; first < kSeats; first += k) {
      HoldRequest request;
      request.event = EventId{1};
      for (std::uint32_t i = 0; i < k; ++i) request.seats.push_back(SeatId{1ULL + first + i});
      request.buyer = buyer(first);
      request.wanted = kHoldTime;
      request.life_max = kLifeMax;
      request.seats_per_buyer_max = 16;
      run_task(ledger.hold(request));
    }
    rounds.push_back((cpu_ns() - start) * k / kSeats);
    must(run_task(ledger.reset(EventId{1})));
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

// `count` holds that lapse in the same tick, and the latency of other holds while they are swept.
std::string lapse_at_once(std::uint32_t count) {
  ManualClock clock;
  EmbeddedLedger ledger(clock);
  open(ledger, 1, count + 100'000);
  for (std::uint32_t i = 0; i < count; ++i) hold(ledger, 1, 1 + i, i);
  clock.advance(kHoldTime + Milliseconds{ClaimBook::kTickMs});

  std::atomic<bool> swept{false};
  double sweep_ms = 0;
  double sweep_cpu_ns = 0;
  std::thread sweeper([&] {
    const auto start = SteadyClock::now();
    ledger.sweep(clock.now());
    sweep_ms = ns_since(start) / 1e6;
    sweep_cpu_ns = cpu_ns();
    swept = true;
  });
  std::vector<double> latencies;
  for (std::uint64_t i = 0; i < 100'000 && !swept; ++i) {
    const auto start = SteadyClock::now();
    hold(ledger, 1, 1 + count + i, i + 10'000'000);
    latencies.push_back(ns_since(start));
  }
  sweeper.join();
  check(ledger.lapsed_total() == count, "not all holds lapsed");
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&latencies](double share) {
    return latencies.empty() ? 0.0
                             : latencies[static_cast<std::size_t>(
                                   share * static_cast<double>(latencies.size() - 1))];
  };
  char text[320];
  std::snprintf(
      text, sizeof text,
      R"({"lapses": %u, "sweep_ms": %.1f, "cpu_ns_a_lapse": %.0f, "holds_meanwhile": %zu, )"
      R"("hold_p50_ns": %.0f, "hold_p99_ns": %.0f, "hold_p999_ns": %.0f, "hold_worst_ns": %.0f})",
      count, sweep_ms, sweep_cpu_ns / count, latencies.size(), at(0.5), at(0.99), at(0.999), at(1));
  return text;
}

std::string memory(std::uint32_t seats) {
  SystemClock clock;
  EmbeddedLedger ledger(clock);
  const std::uint64_t empty = resident_bytes();
  open(ledger, 1, seats);
  // Every seat touched once: what a seat costs when nobody holds it any more.
  const std::uint64_t before = resident_bytes();
  for (std::uint32_t i = 0; i < seats; ++i) hold(ledger, 1, 1 + i, i);
  const std::uint64_t held = resident_bytes();
  char text[160];
  const double all = static_cast<double>(held - empty) / seats;
  std::snprintf(text, sizeof text,
                R"({"seats": %u, "open_bytes_a_seat": %.1f, "held_bytes_a_seat": %.1f, )"
                R"("of_them_claim": 64, "seat_alone": %.1f})",
                seats, static_cast<double>(before - empty) / seats, all, all - 64);
  return text;
}

// Restart with `sold` sold and `held` held seats: by snapshot after an orderly end, by snapshot and
// tail after a kill; until the first hold is granted and the sales are proven again.
std::string restart(const std::string& folder, std::uint32_t sold, std::uint32_t held) {
  std::filesystem::remove_all(folder);
  std::vector<SeatClaim> claims;
  for (std::uint32_t i = 0; i < sold; ++i) {
    claims.push_back({EventId{1}, SeatId{1ULL + i}, OrderId{{1, i}}, buyer(i), true});
  }
  {
    Journalled office(folder);
    check(bool(office.ledger.start()), "the journal's folder cannot be used");
    open(office.ledger, 1, sold + held + 100);
    must(run_task(office.ledger.restore(claims, instant_of_ms(0))));
    for (std::uint32_t i = 0; i < held; ++i) hold(office.ledger, 1, 1 + sold + i, i);
    check(bool(office.ledger.stop()), "the journal cannot be closed");
  }
  std::string text = "{";
  for (const bool after_kill : {false, true}) {
    std::vector<double> open_ms;
    std::vector<double> ready_ms;
    std::vector<double> cpu_ms;
    std::uint64_t taken = 0;
    for (int round = 0; round < kRounds; ++round) {
      auto office = std::make_unique<Journalled>(folder);
      const auto start = SteadyClock::now();
      const double cpu_start = cpu_ns();
      const auto report = office->ledger.start();
      open_ms.push_back(ns_since(start) / 1e6);
      check(bool(report), "the journal cannot be read");
      must(run_task(office->ledger.restore(claims, instant_of_ms(0))));
      check(hold(office->ledger, 1, 1 + sold + held, 1'000'000'000),
            "the free seat cannot be held");
      ready_ms.push_back(ns_since(start) / 1e6);
      cpu_ms.push_back((cpu_ns() - cpu_start) / 1e6);
      taken = report->snapshot_seats + report->changes;
      run_task(
          office->ledger.release(EventId{1}, SeatId{1ULL + sold + held}, buyer(1'000'000'000)));
      if (!after_kill) {
        check(bool(office->ledger.stop()), "the journal cannot be closed");
      }
      office.reset();
    }
    std::sort(open_ms.begin(), open_ms.end());
    std::sort(ready_ms.begin(), ready_ms.end());
    std::sort(cpu_ms.begin(), cpu_ms.end());
    char part[200];
    std::snprintf(
        part, sizeof part,
        R"(%s"%s": {"seats": %llu, "journal_ms": %.0f, "first_hold_ms": %.0f, "cpu_ms": %.0f})",
        after_kill ? ", " : "", after_kill ? "after_kill" : "after_close",
        static_cast<unsigned long long>(taken), open_ms[open_ms.size() / 2],
        ready_ms[ready_ms.size() / 2], cpu_ms[cpu_ms.size() / 2]);
    text += part;
  }
  std::filesystem::remove_all(folder);
  return text + "}";
}

// The whole state as a tail of segments, no snapshot: the worst a kill can leave.
std::string restart_from_tail(const std::string& folder, std::uint32_t changes) {
  std::filesystem::remove_all(folder);
  {
    Journalled office(folder);
    check(bool(office.ledger.start()), "the journal's folder cannot be used");
    open(office.ledger, 1, changes);
    for (std::uint32_t i = 0; i < changes; ++i) hold(office.ledger, 1, 1 + i, i);
    check(bool(office.journal.flush()), "the journal cannot be written");
  }
  Journalled office(folder);
  const auto start = SteadyClock::now();
  const auto report = office.ledger.start();
  const double ms = ns_since(start) / 1e6;
  check(bool(report), "the journal cannot be read");
  char text[120];
  std::snprintf(text, sizeof text, R"({"changes": %llu, "ms": %.0f})",
                static_cast<unsigned long long>(report->changes), ms);
  std::filesystem::remove_all(folder);
  return text;
}

void run(bool quick, const std::string& folder) {
  const std::uint32_t million = quick ? 100'000 : 1'000'000;
  std::printf("{\n");
  {
    SystemClock clock;
    EmbeddedLedger ledger(clock);
    open(ledger, 1, 50'000);
    std::printf("\"one_thread\": %s,\n", json(median_costs(ledger, 1, 50'000, 50'000)).c_str());
  }
  {
    std::filesystem::remove_all(folder);
    Journalled office(folder);
    check(bool(office.ledger.start()), "the journal's folder cannot be used");
    open(office.ledger, 1, 50'000);
    std::printf("\"one_thread_journalled\": %s,\n",
                json(median_costs(office.ledger, 1, 50'000, 50'000)).c_str());
  }
  std::filesystem::remove_all(folder);
  std::printf("\"two_threads_two_events\": %s,\n", json(two_threads(false)).c_str());
  std::printf("\"two_threads_one_event\": %s,\n", json(two_threads(true)).c_str());

  std::printf("\"by_seats\": {");
  for (std::uint32_t seats = 1000; seats <= million; seats *= 10) {
    SystemClock clock;
    EmbeddedLedger ledger(clock);
    open(ledger, 1, seats);
    std::printf("%s\"%u\": %s", seats == 1000 ? "" : ", ", seats,
                json(median_costs(ledger, 1, seats, std::min(seats, 100'000U))).c_str());
  }
  std::printf("},\n\"by_events\": {");
  for (std::uint64_t events = 1; events <= 10'000; events *= 10) {
    SystemClock clock;
    EmbeddedLedger ledger(clock);
    for (std::uint64_t event = 1; event <= events; ++event) open(ledger, event, 1000);
    const std::uint64_t batch = std::min<std::uint64_t>(events * 1000, 100'000);
    std::printf("%s\"%llu\": %s", events == 1 ? "" : ", ", static_cast<unsigned long long>(events),
                json(median_costs(ledger, events, 1000, batch)).c_str());
  }
  std::printf("},\n\"by_history\": {");
  {
    SystemClock clock;
    EmbeddedLedger ledger(clock);
    open(ledger, 1, 10'000);
    std::uint64_t history = 0;
    for (std::uint64_t changes = 10'000; changes <= 10ULL * million; changes *= 10) {
      for (; history < changes; history += 20'000) costs(ledger, 1, 10'000, 10'000, history + 1);
      std::printf("%s\"%llu\": %s", changes == 10'000 ? "" : ", ",
                  static_cast<unsigned long long>(changes),
                  json(median_costs(ledger, 1, 10'000, 10'000)).c_str());
    }
  }
  std::printf("},\n\"k_seats_hold_ns\": {");
  for (const std::uint32_t k : {1U, 2U, 4U, 8U, 16U}) {
    std::printf("%s\"%u\": %.0f", k == 1 ? "" : ", ", k, hold_of(k));
  }
  std::printf("},\n\"lapse_at_once\": [");
  for (std::uint32_t count = 1000; count <= million; count *= 10) {
    std::printf("%s%s", count == 1000 ? "" : ",\n  ", lapse_at_once(count).c_str());
  }
  std::printf("],\n\"memory\": [");
  for (std::uint32_t seats = 1000; seats <= million; seats *= 10) {
    std::printf("%s%s", seats == 1000 ? "" : ",\n  ", memory(seats).c_str());
  }
  std::printf("],\n\"restart\": {");
  for (std::uint32_t half = 1000; half <= million; half *= 10) {
    std::printf("%s\"%u\": %s", half == 1000 ? "" : ",\n  ", 2 * half,
                restart(folder, half, half).c_str());
    std::fflush(stdout);
  }
  std::printf("},\n\"restart_from_tail\": %s\n}\n", restart_from_tail(folder, million).c_str());
}

}  // namespace
}  // namespace onsale

int main(int argc, char** argv) {
  bool quick = false;
  std::string folder =
      (std::filesystem::temp_directory_path() / ("ledger_bench." + std::to_string(::getpid())))
          .string();
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) {
      quick = true;
    } else {
      folder = argv[i];
    }
  }
  onsale::run(quick, folder);
}
