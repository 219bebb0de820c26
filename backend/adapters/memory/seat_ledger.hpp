// MemorySeatLedger: the seat ledger as plainly as it can be said, one std::map and one lock. It is
// the oracle that every fast ledger is compared with, and stands in for one in tests. O(n) wherever
// that reads better; loses everything at its end.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "domain/seat/decide.hpp"
#include "ports/clock.hpp"
#include "ports/seat_feed.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"

namespace onsale {

class MemorySeatLedger : public SeatLedger, public SeatLedgerAdmin, public SeatFeed {
 public:
  // `clock` outlives the ledger. `feed_kept`: how many changes of an event the feed remembers.
  explicit MemorySeatLedger(const Clock& clock, std::size_t feed_kept = 65536);

  // Frees what has lapsed by the clock; an office calls it at least every 500 ms.
  void sweep();

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
  struct Event {
    SeatNumbering numbering;
    Version version;
    Version forgotten;  // the newest change the feed no longer has
    std::map<SeatId, seat::State> seats;
    std::deque<SeatChange> feed;
  };
  struct Step {
    Event* event = nullptr;
    Refused refused;
    std::vector<std::pair<SeatId, seat::State>> changes;
    [[nodiscard]] bool allowed() const { return event != nullptr && !is_refused; }
    bool is_refused = false;
  };

  Event* find(EventId event) ONSALE_REQUIRES(mutex_);
  // Asks the rule for each seat; nothing is changed yet.
  Step judge(EventId event, const SeatIds& seats, const seat::Command& command, Instant now)
      ONSALE_REQUIRES(mutex_);
  Version commit(EventId id, Event& event,
                 const std::vector<std::pair<SeatId, seat::State>>& changes)
      ONSALE_REQUIRES(mutex_);
  [[nodiscard]] std::size_t seats_of(const Event& event, BuyerId buyer, Instant now) const
      ONSALE_REQUIRES(mutex_);

  const Clock& clock_;
  const std::size_t feed_kept_;
  Mutex mutex_;
  std::map<EventId, Event> events_ ONSALE_GUARDED_BY(mutex_);
  std::function<void(EventId)> wake_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
