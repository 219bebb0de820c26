// P12 without HTTP: durable orders a second (order + claims + idempotency record + outbox row, one
// acknowledged commit) at N concurrent callers, over flushes a second of a plain write + fdatasync
// loop on the same disk, measured before and after in the same process. Prints one JSON line a
// concurrency.
//
//   order_store_bench FOLDER [SECONDS] [CONCURRENT…]
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/sqlite_orders.hpp"
#include "ports/clock.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& at) {
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

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

struct Load {
  sqlite::SqliteOrderStore& store;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> placed{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> next_seat{1};
  Instant started = instant_of_ms(
      std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
  Steady::time_point start = Steady::now();
};

PlaceOrder some_order(Load& load, std::mt19937_64& random) {
  const Instant now =
      load.started + Milliseconds{static_cast<std::int64_t>(seconds_since(load.start) * 1000)};
  const std::uint64_t seat = load.next_seat.fetch_add(2);
  PlaceOrder command;
  Order& order = command.order;
  order.id = OrderId{uuid_v7(now, {random(), random()})};
  order.buyer = BuyerId{{random(), random()}};
  order.event = EventId{5};
  order.seats = SeatIds{SeatId{seat}, SeatId{seat + 1}};
  order.total = Money{100'000};
  order.currency = "KRW";
  order.attempt = AttemptId{uuid_v7(now, {random(), random()})};
  order.created_at = order.updated_at = now;
  order.pay_by = now + Milliseconds{30'000};
  command.scope = {order.buyer, "POST /orders", order.id.to_string()};
  command.answer = {std::string(32, 'h'), 201,
                    "/ticketing/order/api/orders/" + order.id.to_string(), std::string(280, 'b'),
                    now};
  Message message;
  message.id = MessageId{uuid_v7(now, {random(), random()})};
  message.order = order.id;
  message.event = order.event;
  message.seats = order.seats;
  message.buyer = order.buyer;
  message.total = order.total;
  message.currency = order.currency;
  message.at = now;
  command.messages.push_back(std::move(message));
  return command;
}

// A loop in one thread: what a core of the office is to the store.
class BenchLoop final : public Scheduler {
 public:
  void post(std::function<void()> work) override {
    bool was_empty = false;
    {
      const std::lock_guard lock(mutex_);
      was_empty = queue_.empty();
      queue_.push_back(std::move(work));
    }
    if (was_empty) wake_.notify_one();
  }
  void post_after(Milliseconds, std::function<void()> work) override { post(std::move(work)); }
  void run_until(const std::atomic<std::size_t>& callers) {
    set_current(this);
    std::vector<std::function<void()>> now;
    while (callers.load() > 0) {
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !queue_.empty(); });
        now.swap(queue_);
      }
      for (auto& work : now) work();
      now.clear();
    }
    set_current(nullptr);
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void()>> queue_;
};

Task<void> caller(Load& load, std::mt19937_64& random, std::atomic<std::size_t>& callers) {
  while (!load.stop.load(std::memory_order_relaxed)) {
    PlaceOrder command = some_order(load, random);
    auto placing = load.store.place(std::move(command));
    const Result<PlaceOutcome> outcome = co_await std::move(placing);
    if (outcome && *outcome == PlaceOutcome::placed) {
      load.placed.fetch_add(1, std::memory_order_relaxed);
    } else {
      load.failed.fetch_add(1, std::memory_order_relaxed);
    }
  }
  --callers;
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
  BenchLoop loop;
  std::atomic<std::size_t> callers{concurrent};
  std::mt19937_64 random(7);
  std::thread timer([&load, seconds] {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    load.stop = true;
  });
  for (std::size_t i = 0; i < concurrent; ++i) {
    loop.post([&load, &random, &callers] { detach(caller(load, random, callers)); });
  }
  loop.run_until(callers);
  timer.join();
  const double rate = static_cast<double>(load.placed.load()) / seconds_since(load.start);
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
