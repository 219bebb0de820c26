// Refusals without asking for each: what this node knows to be SOLD or BLOCKED it refuses from its own
// copy of the feed. Never a grant, and never HELD: a hold may end at any instant.
//
// SOLD and BLOCKED are not for ever either (a refund, a reset, an operator), so the copy alone is no
// answer. A refusal waits for one read of the feed that was sent after its request had come; if after
// it the seats are still gone, they were so at a moment while the buyer waited, which is all that
// asking for the seats would have proved. One read serves every refusal of the event that waits for
// it, and reads go one after the other: under a crowd Redis answers a read a round trip, however many
// are refused. In any doubt (no copy, another epoch, a gap, no answer, too many waiting) Redis is
// asked as for any hold.
//
// An event's copy begins when Redis itself refuses one of its seats as gone. Thread-safe; work runs on
// the loops of the callers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/mutex.hpp"
#include "domain/seat/numbering.hpp"
#include "ports/clock.hpp"
#include "ports/seat_feed.hpp"
#include "ports/seat_ledger.hpp"
#include "runtime/completion.hpp"
#include "runtime/scheduler.hpp"

namespace onsale::redis {

struct RefusalLimits {
  std::size_t waiting_max = 4096;  // of one event; beyond, Redis is asked
  std::size_t changes_a_read = 4096;
  std::size_t reads_a_round = 4;  // a copy further behind is given up
  // A snapshot reads the whole event: how often one may be taken.
  Milliseconds snapshot_every{10'000};
};

class Refusals {
 public:
  // All outlive it; spawned work ends once `group` is closed and its reads are answered.
  Refusals(SeatFeed& feed, TaskGroup& group, RefusalLimits limits = {});

  // Whether of() may be worth waiting for.
  [[nodiscard]] bool likely(EventId event, const SeatIds& seats);
  // The refusal that asking for a hold of these seats would bring; nullopt: ask.
  Task<std::optional<Refused>> of(EventId event, SeatIds seats);
  // What Redis answered to a hold.
  void learn(EventId event, const Refused& refused, const SeatNumbering& numbering);

  [[nodiscard]] std::uint64_t given() const { return given_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t reads() const { return reads_.load(std::memory_order_relaxed); }

 private:
  struct Waiter {
    Completion<bool> proved;
  };
  struct Copy {
    bool good = false;
    bool reading = false;  // a round or a snapshot is under way
    bool behind = false;   // Redis has refused a seat that is not gone here: to be read soon
    SeatNumbering numbering;
    Version version;
    std::vector<seat::WireStatus> statuses;  // by seat index
    std::vector<Waiter*> waiting;
    std::optional<std::int64_t> snapshot_at_ms;  // steady
  };

  std::optional<Refused> gone(EventId event, const SeatIds& seats) ONSALE_REQUIRES(mutex_);
  Task<void> read_rounds(EventId event);
  Task<bool> read_round(EventId event);
  Task<void> take_copy(EventId event);
  bool apply(EventId event, const FeedBatch& batch, bool& caught_up);
  void give_up(EventId event);

  SeatFeed& feed_;
  TaskGroup& group_;
  const RefusalLimits limits_;
  Mutex mutex_;
  std::map<EventId, Copy> copies_ ONSALE_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> given_{0};
  std::atomic<std::uint64_t> reads_{0};
};

}  // namespace onsale::redis
