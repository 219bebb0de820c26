// The load under which order stores are measured: callers on one loop, each placing one order after
// another, two seats each, with answer and message.
#pragma once

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ports/clock.hpp"
#include "ports/order_store.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {

using Steady = std::chrono::steady_clock;

inline double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

inline double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& at) {
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Load {
  OrderStore& store;
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> placed{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> next_seat{1};
  Instant started = instant_of_ms(
      std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
  Steady::time_point start = Steady::now();
};

inline PlaceOrder some_order(Load& load, std::mt19937_64& random) {
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

inline Task<void> caller(Load& load, std::mt19937_64& random, std::atomic<std::size_t>& callers) {
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

// Runs `concurrent` callers for so long; the orders a second that were acknowledged.
inline double run_load(Load& load, std::size_t concurrent, double seconds) {
  BenchLoop loop;
  std::atomic<std::size_t> callers{concurrent};
  std::mt19937_64 random(std::random_device{}());
  std::thread timer([&load, seconds] {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    load.stop = true;
  });
  for (std::size_t i = 0; i < concurrent; ++i) {
    loop.post([&load, &random, &callers] { detach(caller(load, random, callers)); });
  }
  loop.run_until(callers);
  timer.join();
  return static_cast<double>(load.placed.load()) / seconds_since(load.start);
}

}  // namespace onsale
