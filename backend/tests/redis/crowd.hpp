// A crowd over Redis nodes: threads that hold, pin, place and sell random seats, as an office would,
// and watch for what must never be: a hold granted on a seat that an order has.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "ports/seat_ledger.hpp"
#include "tests/redis/redis_node.hpp"
#include "tests/support/memory_proof.hpp"

namespace onsale {

struct Tally {
  std::atomic<std::uint64_t> granted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> unavailable{0};
  std::atomic<std::uint64_t> sold{0};
  std::atomic<std::uint64_t> outdated{0};  // orders refused because their pin was of an old epoch
  std::atomic<std::uint64_t> stolen{0};    // must stay 0
};

class Crowd {
 public:
  struct Stage {
    std::vector<RedisSeatLedger*> nodes;
    MemoryProof* proof = nullptr;
    std::vector<EventId> events;
    std::uint32_t seats = 0;
    std::size_t threads = 8;
  };
  explicit Crowd(Stage stage) : stage_(std::move(stage)) {
    for (std::size_t i = 0; i < stage_.threads; ++i) {
      threads_.emplace_back([this, i] { run(i + 1); });
    }
  }
  ~Crowd() { end(); }
  void end() {
    over_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  const Tally& tally() const { return tally_; }

 private:
  static constexpr std::size_t kKept = 15;  // sold seats of a thread
  struct Bought {
    RedisSeatLedger* node;
    SeatClaim sale;
  };

  void run(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::deque<Bought> mine;
    while (!over_) one_buyer(random, mine);
  }

  // Whether some order had the seat all the time that `work` took, and `work` was granted.
  template <typename Work>
  bool take(EventId event, SeatId seat, Work work) {
    const auto before = stage_.proof->claim_of(event, seat);
    const bool granted = work();
    if (!granted) return false;
    const auto after = stage_.proof->claim_of(event, seat);
    if (before && after && before->order == after->order) ++tally_.stolen;
    return true;
  }

  void one_buyer(std::mt19937_64& random, std::deque<Bought>& mine) {
    RedisSeatLedger& node = *stage_.nodes[random() % stage_.nodes.size()];
    const EventId event = stage_.events[random() % stage_.events.size()];
    const SeatId seat{1 + random() % stage_.seats};
    const BuyerId buyer{{random(), random()}};
    const OrderId order{{random(), random()}};
    SeatIds seats;
    seats.push_back(seat);
    const bool held = take(event, seat, [&] {
      const HoldRequest request{event, seats, buyer, Milliseconds{60'000}, Milliseconds{900'000},
                                8};
      return count(wait_for(node.hold(request)));
    });
    if (!held) return;
    if (random() % 4 == 0) {
      (void)wait_for(node.release(event, seat, buyer));
      return;
    }
    const Instant deadline =
        std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now()) +
        Milliseconds{60'000};
    const auto pinned = wait_for(node.pin(event, seats, buyer, order, deadline));
    if (!count(pinned)) return;
    const SeatClaim claim{event, seat, order, buyer, false};
    if (!stage_.proof->place(claim, pinned.value().version.epoch())) {
      ++tally_.outdated;
      return;
    }
    SeatClaim sale = claim;
    sale.sold = true;
    for (int tries = 0; tries < 5; ++tries) {
      const auto done = wait_for(node.settle(event, seats, order, Settlement::sell));
      if (done.granted()) break;
      if (done.refused().code == Code::reservation_expired) {
        ++tally_.stolen;  // an order that is placed cannot lose its seat
        break;
      }
    }
    stage_.proof->claim(sale);  // the database is the proof, whatever Redis has heard of it
    ++tally_.sold;
    mine.push_back({&node, sale});
    if (mine.size() > kKept) {  // a refund, so that seats do not run out
      const Bought old = mine.front();
      mine.pop_front();
      SeatIds back;
      back.push_back(old.sale.seat);
      stage_.proof->give_up(old.sale.event, old.sale.seat);
      for (int tries = 0; tries < 2000; ++tries) {  // as the order's saga would
        const auto given =
            wait_for(old.node->settle(old.sale.event, back, old.sale.order, Settlement::give_back));
        if (given.granted()) break;
        std::this_thread::sleep_for(Milliseconds{2});
      }
    }
  }

  template <typename T>
  bool count(const LedgerAnswer<T>& answer) {
    if (answer.granted()) {
      ++tally_.granted;
      return true;
    }
    if (answer.refused().code == Code::unavailable) {
      ++tally_.unavailable;
      std::this_thread::sleep_for(Milliseconds{2});
    } else {
      ++tally_.refused;
    }
    return false;
  }

  Stage stage_;
  Tally tally_;
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

}  // namespace onsale
