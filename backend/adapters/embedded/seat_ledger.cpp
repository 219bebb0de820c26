// The calls on seats: judge every seat, then change all of them, in one turn.
#include "adapters/embedded/seat_ledger.hpp"

#include <algorithm>

#include "adapters/embedded/replay.hpp"
#include "adapters/embedded/turn.hpp"

namespace onsale {
namespace {

SeatIds only(SeatId seat) {
  SeatIds seats;
  seats.push_back(seat);
  return seats;
}

}  // namespace

EmbeddedLedger::EmbeddedLedger(const Clock& clock, EmbeddedLedgerOptions options)
    : clock_(clock), options_(options), epoch_(options.first_epoch) {}

// The journal outlives its ledger, and a snapshot of it may be under way when nobody has called
// stop().
EmbeddedLedger::~EmbeddedLedger() {
  if (options_.journal != nullptr) options_.journal->abandon();
}

Task<LedgerAnswer<HoldGranted>> EmbeddedLedger::hold(HoldRequest request) {
  using Answer = LedgerAnswer<HoldGranted>;
  EventLedger* event = events_.find(request.event);
  if (event == nullptr) return Answer{Code::event_not_found};
  const Instant now = clock_.now();
  const seat::Command wish =
      seat::Hold{request.buyer, now + request.wanted, now + request.life_max};
  Plan plan;
  Refused refused;
  Turn turn(*this, *event);
  if (!turn.judge(request.seats, wish, now, plan, refused)) return Answer{refused};
  if (plan.changes != 0) {
    const std::uint32_t limit = request.seats_per_buyer_max;
    const auto wanted = static_cast<std::uint32_t>(plan.changes);
    if (wanted > limit || event->seats_of(request.buyer, now, limit) + wanted > limit) {
      return Answer{Code::limit_exceeded};
    }
    if (!accepting()) return Answer{Code::unavailable};
  }
  HoldGranted granted{now + request.wanted, turn.commit(plan)};
  if (plan.changes != plan.size) {
    for (std::size_t i = 0; i < plan.size; ++i) {
      const seat::State state = event->state_of(plan.items[i].index);
      granted.expires_at =
          i == 0 ? std::get<seat::Held>(state).expires_at
                 : std::min(granted.expires_at, std::get<seat::Held>(state).expires_at);
    }
  }
  return Answer{granted};
}

Task<LedgerAnswer<Instant>> EmbeddedLedger::extend(EventId event_id, SeatId seat, BuyerId buyer,
                                                   Milliseconds by) {
  using Answer = LedgerAnswer<Instant>;
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Answer{Code::event_not_found};
  const Instant now = clock_.now();
  Plan plan;
  Refused refused;
  Turn turn(*this, *event);
  if (!turn.judge(only(seat), seat::Extend{buyer, now + by}, now, plan, refused)) {
    return Answer{refused};
  }
  if (plan.changes != 0 && !accepting()) return Answer{Code::unavailable};
  turn.commit(plan);
  const seat::State state = event->state_of(plan.items[0].index);
  return Answer{std::get<seat::Held>(state).expires_at};
}

Task<LedgerAnswer<Unit>> EmbeddedLedger::release(EventId event, SeatId seat, BuyerId buyer) {
  const LedgerAnswer<Version> answer = change_seats(event, only(seat), seat::Release{buyer}, false);
  if (!answer.granted()) return LedgerAnswer<Unit>{answer.refused()};
  return LedgerAnswer<Unit>{Unit{}};
}

Task<Result<BuyerHolds>> EmbeddedLedger::holds_of(EventId event_id, BuyerId buyer) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Result<BuyerHolds>{Code::event_not_found};
  const Instant now = clock_.now();
  const Lock lock(event->lock);
  return Result<BuyerHolds>{BuyerHolds{event->version(), event->holds_of(buyer, now)}};
}

Task<LedgerAnswer<PinGranted>> EmbeddedLedger::pin(EventId event, SeatIds seats, BuyerId buyer,
                                                   OrderId order, Instant deadline) {
  const LedgerAnswer<Version> answer =
      change_seats(event, seats, seat::Pin{buyer, order, deadline}, false);
  if (!answer.granted()) return LedgerAnswer<PinGranted>{answer.refused()};
  return LedgerAnswer<PinGranted>{PinGranted{answer.value()}};
}

Task<LedgerAnswer<Version>> EmbeddedLedger::settle(EventId event, SeatIds seats, OrderId order,
                                                   Settlement settlement) {
  switch (settlement) {
    case Settlement::sell:
      return change_seats(event, seats, seat::Sell{order}, true);
    case Settlement::unpin:
      return change_seats(event, seats, seat::Unpin{order}, true);
    case Settlement::give_back:
      return change_seats(event, seats, seat::GiveBack{order}, true);
  }
  return LedgerAnswer<Version>{Code::internal_error};
}

Task<LedgerAnswer<Version>> EmbeddedLedger::confirm(EventId event, SeatId seat, BuyerId buyer,
                                                    OrderId order) {
  return change_seats(event, only(seat), seat::Confirm{buyer, order}, false);
}

// `must_not_wait`: the order store proves the change, so it is made even while the journal refuses.
LedgerAnswer<Version> EmbeddedLedger::change_seats(EventId event_id, const SeatIds& seats,
                                                   const seat::Command& command,
                                                   bool must_not_wait) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Code::event_not_found;
  const Instant now = clock_.now();
  Plan plan;
  Refused refused;
  Turn turn(*this, *event);
  if (!turn.judge(seats, command, now, plan, refused)) return refused;
  if (plan.changes != 0 && !must_not_wait && !accepting()) return Code::unavailable;
  return turn.commit(plan);
}

bool EmbeddedLedger::sweep(Instant now, std::size_t visits_max) {
  std::size_t visits = visits_max;
  if (sweep_left_ == 0) sweep_left_ = events_.all().size();
  for (; sweep_left_ != 0; --sweep_left_) {
    EventLedger* event = events_.nth(sweep_next_);
    if (event == nullptr) {
      sweep_next_ = 0;
      event = events_.nth(0);
    }
    for (bool done = false; !done;) {
      if (visits == 0) return false;
      std::size_t slice = std::min(visits, kSweepSlice);
      visits -= slice;
      std::size_t lapsed = 0;
      bool sleepers = false;
      {
        Turn turn(*this, *event);
        done = event->sweep(now, slice, lapsed, &late_);
        if (lapsed != 0) turn.mark_changed();
        sleepers = event->lock.has_sleepers();
      }
      if (!done) EventLock::give_way(sleepers);
      visits += slice;  // what was not needed
      lapsed_.fetch_add(lapsed, std::memory_order_relaxed);
    }
    ++sweep_next_;
  }
  return true;
}

Task<Result<FeedBatch>> EmbeddedLedger::read(EventId event_id, Version after, std::size_t max) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Result<FeedBatch>{Code::event_not_found};
  const Lock lock(event->lock);
  event->wake_seen();
  return Result<FeedBatch>{event->feed().read(after, max)};
}

Task<Result<SeatSnapshot>> EmbeddedLedger::snapshot(EventId event_id) {
  EventLedger* event = events_.find(event_id);
  if (event == nullptr) return Result<SeatSnapshot>{Code::event_not_found};
  SeatSnapshot cut;
  const Lock lock(event->lock);
  event->wake_seen();
  cut.version = event->version();
  cut.statuses.resize(event->numbering().count);
  for (std::uint32_t index = 0; index < event->numbering().count; ++index) {
    cut.statuses[index] = event->status_of(index);
  }
  return Result<SeatSnapshot>{std::move(cut)};
}

void EmbeddedLedger::on_change(std::function<void(EventId)> wake) { wake_ = std::move(wake); }

}  // namespace onsale
