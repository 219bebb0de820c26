// EmbeddedLedger: the seat ledger of the one-machine office. Each event has its own EventLedger and
// its own lock, held for some 200 ns right on the caller's thread; so every Task it returns is
// already finished. Different events share nothing.
//
// How the promises of ports/seat_ledger.hpp are kept:
// - atomic: one call = one holding of the event's lock; first every seat is judged by
//   seat::decide(), then the limit, then all changes are made; nothing can fail in between.
// - expiry: `now` decides whether a hold counts, so a lapsed hold is free for a request at once;
//   sweep() writes it into the feed later.
// - restart: each change goes, under the same lock, to the journal if there is one. While the
//   journal cannot write (disk full) calls that would change a seat answer unavailable; those that
//   end a pin still go through, since the order store proves them.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <vector>

#include "adapters/embedded/event_table.hpp"
#include "adapters/embedded/journal.hpp"
#include "base/duration_counts.hpp"
#include "base/mutex.hpp"
#include "domain/seat/decide.hpp"
#include "ports/clock.hpp"
#include "ports/seat_feed.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale {

struct EmbeddedLedgerOptions {
  // Changes an event's feed remembers, rounded up to a power of two; 0: as many as it has seats, at
  // least 1,024 and at most 65,536.
  std::size_t feed_capacity = 0;
  // The largest event that can be opened, or believed when a journal tells of it.
  std::uint32_t seats_per_event_max = kSeatsPerEventMax;
  // The epoch of versions when no journal tells one.
  std::uint32_t first_epoch = 0;
  // Where changes are written down; nullptr: nowhere, a restart forgets all. Outlives the ledger.
  Journal* journal = nullptr;
};

class EmbeddedLedger final : public SeatLedger, public SeatLedgerAdmin, public SeatFeed {
 public:
  // `clock` outlives the ledger.
  explicit EmbeddedLedger(const Clock& clock, EmbeddedLedgerOptions options = {});
  ~EmbeddedLedger() override;

  // Takes back what the journal tells and begins to write it. Once, before anything else, if there
  // is a journal. Fails if the journal's folder cannot be used.
  Result<RecoveryReport> start();
  // The orderly end of a journalled ledger: all is written, versions may go on. No calls after it.
  Status stop();

  // Frees what has lapsed, with feed entries, at most a tick of 250 ms after its end. Call it from
  // one thread, every 100 ms or so; it holds an event's lock for no more than kSweepSlice claims at a
  // time. Looks at no more than `visits_max` claims; false if it stopped there (call again soon).
  static constexpr std::size_t kNoVisitLimit = std::numeric_limits<std::size_t>::max();
  bool sweep(Instant now, std::size_t visits_max = kNoVisitLimit);
  // Claims freed by sweeps so far.
  // How long after its end each of them was freed.
  [[nodiscard]] DurationSum late() const { return late_.sum(); }
  [[nodiscard]] std::uint64_t lapsed_total() const noexcept {
    return lapsed_.load(std::memory_order_relaxed);
  }

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

  // SeatFeed
  Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) override;
  Task<Result<SeatSnapshot>> snapshot(EventId event) override;
  void on_change(std::function<void(EventId)> wake) override;

 private:
  static constexpr std::size_t kSweepSlice = 64;

  class Replay;
  friend class Turn;  // one call's turn at an event: turn.hpp

  [[nodiscard]] EventLedger::Opening opening_of(EventId event, const SeatNumbering& numbering,
                                                Version version) const;
  // Whether a change may be made now: false while the journal cannot take it.
  [[nodiscard]] bool accepting() const noexcept {
    return options_.journal == nullptr || options_.journal->accepting();
  }
  LedgerAnswer<Version> change_seats(EventId event, const SeatIds& seats,
                                     const seat::Command& command, bool must_not_wait);

  const Clock& clock_;
  const EmbeddedLedgerOptions options_;
  EventTable events_;
  std::function<void(EventId)> wake_;  // set once, before traffic
  std::atomic<std::uint64_t> lapsed_{0};
  DurationCounts late_;
  std::size_t sweep_next_ = 0;  // the event a stopped sweep goes on with …
  std::size_t sweep_left_ = 0;  // … and how many it has not been to yet
  Mutex opening_;               // one open_event at a time
  std::uint32_t epoch_;         // of versions in this run
  std::unique_ptr<Replay> replay_;
};

}  // namespace onsale
