// RedisSeatLedger: the seat ledger of an office on several machines. Any number of nodes share one
// Redis (or a cluster: an event lives on one master); each call is one atomic step there.
//
// How the promises of ports/seat_ledger.hpp are kept:
// - atomic: a Redis Function (seat_library.lua) judges and changes; it runs alone.
// - Redis is a lease, not the proof of a sale. The keys of an event carry the epoch and the fence of
//   the server that wrote them; a server that has forgotten (emptied, restarted, promoted) is noticed
//   by the next call or within a probe, the event answers `unavailable`, and any node that has a
//   LedgerProof rebuilds it: SOLD and PINNED exactly as claimed, in a new epoch, then open again.
// - expiry: every node that opened the event asks Redis for what is due, 4 times a second; that it is
//   done several times does no harm.
// - unknown outcomes: a call without an answer is asked again (all are idempotent) until call_within.
//
// Exceptions to the letter of SeatLedgerAdmin: reset() and restore() change seats in steps of some
// hundred, each seat only if it still is what the step saw. counts() and records() read all seats of
// the event: not for a path that grows with traffic.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/redis/options.hpp"
#include "base/mutex.hpp"
#include "ports/clock.hpp"
#include "ports/ledger_proof.hpp"
#include "ports/seat_feed.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "ports/seat_repairs.hpp"
#include "runtime/loop.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {

namespace redis {
class Lane;
class Refusals;
struct CallOutcome;
struct CallWish;
class WakeListener;
}  // namespace redis

struct RedisSeatLedgerOptions {
  redis::Options redis;
  // What a Redis that forgot is rebuilt from; nullptr (a node that only reads): others rebuild.
  LedgerProof* proof = nullptr;
  // Of a pin rebuilt from its order: the order's own deadline is the saga's, this one bounds it.
  Milliseconds pin_deadline_after_rebuild{5 * 60'000};
  bool drive_expiry = true;
  bool refuse_from_copy = true;  // SOLD and BLOCKED, by what the feed has told (refusals.hpp)
  bool listen = true;  // to the feed's growth by other nodes; without: only this node's own calls
  // Tests only: time by this clock instead of Redis' own.
  const Clock* clock = nullptr;
  std::function<void(std::string_view)> log;  // trouble, for people; any thread
};

class RedisSeatLedger final : public SeatLedger,
                              public SeatLedgerAdmin,
                              public SeatRepairs,
                              public SeatFeed {
 public:
  // One lane a loop: a call awaited on a loop goes by that loop's own connection, all others by the
  // first loop's. Loops and proof outlive the ledger.
  RedisSeatLedger(std::vector<AsioScheduler*> loops, RedisSeatLedgerOptions options);
  ~RedisSeatLedger() override;

  // Begins to connect; the loops may turn already or later.
  void start();
  // Ends all background work and refuses what comes later. Blocks: from a thread that turns none of
  // the loops, while they still turn. Once, before the destructor.
  void stop();

  // Frees what is due now in every event opened here. The background work does it by itself.
  Task<Status> sweep();
  // Closes the event and rebuilds it from the proof in a new epoch, whatever state it is in.
  Task<Status> rebuild(EventId event);
  // Rebuilds that have opened an event again, so far.
  [[nodiscard]] std::uint64_t rebuilt_total() const noexcept {
    return rebuilt_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t lapsed_total() const noexcept {
    return lapsed_.load(std::memory_order_relaxed);
  }
  // Holds refused without asking for their seats, and the reads of the feed that proved them.
  [[nodiscard]] std::uint64_t refused_from_copy_total() const;
  [[nodiscard]] std::uint64_t refusal_reads_total() const;
  // Whether a server answers now (for readiness); false at the latest after call_within.
  Task<bool> reachable(EventId event);

  // SeatLedger
  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override;
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                     Milliseconds by) override;
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override;
  Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer) override;
  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override;
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override;
  Task<LedgerAnswer<Version>> confirm(EventId event, SeatId seat, BuyerId buyer,
                                      OrderId order) override;

  // SeatLedgerAdmin
  Task<Status> open_event(EventId event, SeatNumbering numbering,
                          std::vector<SeatId> blocked) override;
  Task<Status> restore(std::vector<SeatClaim> claims, Instant pin_deadline) override;
  Task<Status> reset(EventId event) override;
  Task<LedgerAnswer<Version>> set_blocked(EventId event, SeatIds seats, bool blocked) override;
  Task<Result<SeatCounts>> counts(EventId event) override;
  Task<Result<std::vector<SeatRecord>>> records(EventId event) override;

  // SeatRepairs
  Task<Result<std::vector<SeatRecord>>> look(EventId event, std::uint32_t from,
                                             std::uint32_t max) override;
  Task<Result<std::size_t>> correct(EventId event,
                                    std::vector<SeatCorrection> corrections) override;

  // SeatFeed
  Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) override;
  Task<Result<SeatSnapshot>> snapshot(EventId event) override;
  void on_change(std::function<void(EventId)> wake) override;

 private:
  struct Opened {
    SeatNumbering numbering;
    std::vector<SeatId> blocked;
    bool driven = false;              // its expiry, from here
    bool rebuilding = false;          // by this node's background work
    std::uint32_t other_epoch = 0;    // a rebuild of another node …
    std::int64_t other_since_ms = 0;  // … seen first at (steady)
  };
  // All of an event's seats at one version.
  struct Content {
    SeatNumbering numbering;
    Version version;
    std::map<std::uint32_t, std::string> records;  // by seat index; the others are available
  };

  redis::Lane& lane_here();
  redis::Lane& lane_of(EventId event);
  [[nodiscard]] std::string now_text() const;
  void woken(EventId event);
  void wake_followed();
  void trouble(std::string_view what) const;

  Task<redis::CallOutcome> call(redis::CallWish wish);
  void learn_of_refusal(EventId event, const Refused& refused);
  Task<Result<Content>> content(EventId event);
  Task<Result<std::vector<std::string>>> raw_records(EventId event,
                                                     std::vector<std::uint32_t> indices);
  std::optional<SeatNumbering> numbering_of(EventId event);
  Task<Result<Instant>> server_time(EventId event);
  using Restated = std::function<std::optional<seat::State>(std::uint32_t, const seat::State&)>;
  // Each changes a seat if it still is what the step says (encode_replace).
  Task<Status> apply_steps(EventId event, std::vector<std::string> steps);
  // Makes every seat what `restated` says of it, with feed entries.
  Task<Status> restate(EventId event, Restated restated);
  Task<Status> block_available(EventId event, std::vector<SeatId> seats);

  // The rebuild (seat_ledger_rebuild.cpp).
  struct Meta {
    bool known = false;
    bool open = false;  // under the server's own fence
    bool rebuilding = false;
    std::uint32_t epoch = 0;
    std::string fence;  // of the server that was asked
  };
  void found_closed(EventId event);
  Task<void> rebuild_in_background(EventId event);
  Task<Result<Meta>> meta(EventId event);
  Task<Result<std::map<std::uint32_t, std::string>>> forgotten_records(EventId event,
                                                                       std::string fence,
                                                                       bool& found_any);
  Task<Status> fill_in(EventId event, std::uint32_t epoch, std::string fence,
                       std::map<std::uint32_t, seat::State> states);
  [[nodiscard]] bool leave_it_to_another(EventId event, const Meta& meta);
  void look_again(EventId event);
  Task<void> rebuild_when_needed(EventId event);
  Task<Status> ensure_open(EventId event, SeatNumbering numbering);

  Task<void> drive_expiry(EventId event);
  Task<Result<std::int64_t>> expire(EventId event);

  [[nodiscard]] std::vector<EventId> opened_events();

  RedisSeatLedgerOptions options_;
  std::vector<AsioScheduler*> loops_;
  std::vector<std::unique_ptr<redis::Lane>> lanes_;
  std::unique_ptr<redis::WakeListener> listener_;
  TaskGroup background_;
  std::unique_ptr<redis::Refusals> refusals_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> rebuilt_{0};
  std::atomic<std::uint64_t> lapsed_{0};
  Mutex mutex_;
  std::map<EventId, Opened> opened_ ONSALE_GUARDED_BY(mutex_);
  std::set<EventId> followed_ ONSALE_GUARDED_BY(mutex_);  // whose feed is read here
  std::function<void(EventId)> wake_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
