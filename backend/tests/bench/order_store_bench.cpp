// P12 without HTTP: durable orders a second (order + claims + idempotency record + outbox row, one
// acknowledged commit) at N concurrent callers, over flushes a second of a plain write + fdatasync
// loop on the same disk, measured before and after in the same process. Prints one JSON line a
// concurrency.
//
//   order_store_bench FOLDER [SECONDS] [CONCURRENT…]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_orders.hpp"
#include "tests/bench/order_load.hpp"

namespace onsale {
namespace {

// A log as everybody would write it first: append 4 KiB, flush.
double flushes_per_second(const std::string& folder, double seconds) {
  const std::string path = folder + "/flush.probe";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::vector<char> page(4096, 'x');
  const auto start = Steady::now();
  std::uint64_t count = 0;
  while (seconds_since(start) < seconds) {
    if (write(file, page.data(), page.size()) < 0 || fdatasync(file) != 0) {
      std::perror("flush probe");
      std::exit(1);
    }
    ++count;
  }
  const double rate = static_cast<double>(count) / seconds_since(start);
  close(file);
  unlink(path.c_str());
  return rate;
}

void measure(const std::string& folder, std::size_t concurrent, double seconds) {
  const std::string path = folder + "/bench.sqlite";
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
  const double before = flushes_per_second(folder, 1);
  auto opened = sqlite::Database::open(path, sqlite::Schema::office);
  if (!opened) {
    std::fprintf(stderr, "%s\n", opened.error().detail.c_str());
    std::exit(1);
  }
  sqlite::Database& database = **opened;
  sqlite::SqliteOrderStore store(database);
  Load load{store};
  const double cpu_before = cpu_seconds();
  const double rate = run_load(load, concurrent, seconds);
  const double cpu = cpu_seconds() - cpu_before;
  const double after = flushes_per_second(folder, 1);
  const auto stats = database.stats();
  const double flushes = (before + after) / 2;
  std::printf(
      "{\"concurrent\":%zu,\"orders_per_s\":%.0f,\"fdatasync_per_s\":%.0f,"
      "\"fdatasync_before_after\":[%.0f,%.0f],\"ratio\":%.2f,\"orders_per_commit\":%.1f,"
      "\"cpu_us_per_order\":%.1f,\"failed\":%llu}\n",
      concurrent, rate, flushes, before, after, rate / flushes,
      static_cast<double>(stats.commands) /
          static_cast<double>(std::max<std::uint64_t>(1, stats.commits)),
      cpu * 1e6 / static_cast<double>(std::max<std::uint64_t>(1, load.placed.load())),
      static_cast<unsigned long long>(load.failed.load()));
  std::fflush(stdout);
}

}  // namespace
}  // namespace onsale

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: order_store_bench FOLDER [SECONDS] [CONCURRENT...]\n");
    return 2;
  }
  const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
  std::vector<std::size_t> concurrent{1, 16, 64, 256};
  if (argc > 3) {
    concurrent.clear();
    for (int i = 3; i < argc; ++i) concurrent.push_back(std::strtoull(argv[i], nullptr, 10));
  }
  for (const std::size_t n : concurrent) onsale::measure(argv[1], n, seconds);
}
