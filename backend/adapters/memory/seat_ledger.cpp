// The rules of seat_ledger.hpp's contract, said once more in the plainest way.
#include "adapters/memory/seat_ledger.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

namespace onsale {
namespace {

// Which refusal tells the most, over several seats.
int gravity(Code code) {
  if (code == Code::seat_sold) return 4;
  if (code == Code::reservation_conflict) return 3;
  if (code == Code::hold_not_owned) return 2;
  return 1;
}

seat::State as_of(const seat::State& state, Instant now) {
  const seat::Decision lapsed = seat::decide(state, seat::Lapse{}, now);
  const auto* change = std::get_if<seat::Change>(&lapsed);
  return change != nullptr ? change->next : state;
}

BuyerId owner(const seat::State& state) {
  if (const auto* held = std::get_if<seat::Held>(&state)) return held->buyer;
  if (const auto* pinned = std::get_if<seat::Pinned>(&state)) return pinned->buyer;
  if (const auto* sold = std::get_if<seat::Sold>(&state)) return sold->buyer;
  return {};
}

SeatIds only(SeatId seat) {
  SeatIds seats;
  seats.push_back(seat);
  return seats;
}

}  // namespace

MemorySeatLedger::MemorySeatLedger(const Clock& clock, std::size_t feed_kept)
    : clock_(clock), feed_kept_(feed_kept) {}

MemorySeatLedger::Event* MemorySeatLedger::find(EventId event) {
  const auto found = events_.find(event);
  return found == events_.end() ? nullptr : &found->second;
}

MemorySeatLedger::Step MemorySeatLedger::judge(EventId event, const SeatIds& seats,
                                               const seat::Command& command, Instant now) {
  Step step;
  const auto refuse = [&step](Code code) {
    step.is_refused = true;
    step.refused.code = code;
  };
  step.event = find(event);
  if (step.event == nullptr) {
    refuse(Code::event_not_found);
    return step;
  }
  const auto unknown = [&](SeatId seat) { return !step.event->seats.contains(seat); };
  if (std::any_of(seats.begin(), seats.end(), unknown)) {
    refuse(Code::seat_not_found);
    return step;
  }
  const std::set<SeatId> distinct(seats.begin(), seats.end());
  if (seats.empty() || distinct.size() != seats.size()) {
    refuse(Code::validation_failed);
    return step;
  }
  for (const SeatId seat : seats) {
    const seat::State& state = step.event->seats.at(seat);
    const seat::Decision decision = seat::decide(state, command, now);
    if (const auto* change = std::get_if<seat::Change>(&decision)) {
      step.changes.emplace_back(seat, change->next);
    } else if (const auto* refusal = std::get_if<seat::Refusal>(&decision)) {
      if (!step.is_refused || gravity(refusal->code) > gravity(step.refused.code)) {
        refuse(refusal->code);
      }
      step.refused.seats.push_back({seat, seat::wire_status(as_of(state, now))});
    }
  }
  return step;
}

Version MemorySeatLedger::commit(EventId id, Event& event,
                                 const std::vector<std::pair<SeatId, seat::State>>& changes) {
  for (const auto& [seat, next] : changes) {
    event.version = event.version.next();
    event.seats[seat] = next;
    event.feed.push_back({event.version, event.numbering.index_of(seat), seat::wire_status(next)});
    if (event.feed.size() > feed_kept_) {
      event.forgotten = event.feed.front().version;
      event.feed.pop_front();
    }
  }
  if (!changes.empty() && wake_) wake_(id);
  return event.version;
}

std::size_t MemorySeatLedger::seats_of(const Event& event, BuyerId buyer, Instant now) const {
  return static_cast<std::size_t>(
      std::count_if(event.seats.begin(), event.seats.end(), [&](const auto& entry) {
        const seat::State state = as_of(entry.second, now);
        const bool owned = seat::wire_status(state) == seat::WireStatus::held ||
                           seat::wire_status(state) == seat::WireStatus::sold;
        return owned && owner(state) == buyer;
      }));
}

void MemorySeatLedger::sweep() {
  const Lock lock(mutex_);
  const Instant now = clock_.now();
  for (auto& [id, event] : events_) {
    std::vector<std::pair<SeatId, seat::State>> lapsed;
    for (const auto& [seat, state] : event.seats) {
      const seat::State now_state = as_of(state, now);
      if (now_state != state) lapsed.emplace_back(seat, now_state);
    }
    commit(id, event, lapsed);
  }
}

Task<LedgerAnswer<HoldGranted>> MemorySeatLedger::hold(HoldRequest request) {
  const Lock lock(mutex_);
  const Instant now = clock_.now();
  const seat::Hold wish{request.buyer, now + request.wanted, now + request.life_max};
  const Step step = judge(request.event, request.seats, wish, now);
  if (!step.allowed()) return LedgerAnswer<HoldGranted>{step.refused};
  if (!step.changes.empty() && seats_of(*step.event, request.buyer, now) + step.changes.size() >
                                   request.seats_per_buyer_max) {
    return LedgerAnswer<HoldGranted>{Code::limit_exceeded};
  }
  const Version version = commit(request.event, *step.event, step.changes);
  Instant soonest = Instant::max();
  for (const SeatId seat : request.seats) {
    soonest = std::min(soonest, std::get<seat::Held>(step.event->seats.at(seat)).expires_at);
  }
  return LedgerAnswer<HoldGranted>{HoldGranted{soonest, version}};
}

Task<LedgerAnswer<Instant>> MemorySeatLedger::extend(EventId event, SeatId seat, BuyerId buyer,
                                                     Milliseconds by) {
  const Lock lock(mutex_);
  const Instant now = clock_.now();
  const Step step = judge(event, only(seat), seat::Extend{buyer, now + by}, now);
  if (!step.allowed()) return LedgerAnswer<Instant>{step.refused};
  commit(event, *step.event, step.changes);
  return LedgerAnswer<Instant>{std::get<seat::Held>(step.event->seats.at(seat)).expires_at};
}

Task<LedgerAnswer<Unit>> MemorySeatLedger::release(EventId event, SeatId seat, BuyerId buyer) {
  const Lock lock(mutex_);
  const Step step = judge(event, only(seat), seat::Release{buyer}, clock_.now());
  if (!step.allowed()) return LedgerAnswer<Unit>{step.refused};
  commit(event, *step.event, step.changes);
  return LedgerAnswer<Unit>{Unit{}};
}

Task<Result<BuyerHolds>> MemorySeatLedger::holds_of(EventId event_id, BuyerId buyer) {
  const Lock lock(mutex_);
  const Event* event = find(event_id);
  if (event == nullptr) return Result<BuyerHolds>{Code::event_not_found};
  BuyerHolds mine{event->version, {}};
  for (const auto& [seat, stored] : event->seats) {
    const seat::State state = as_of(stored, clock_.now());
    if (owner(state) != buyer) continue;
    if (const auto* held = std::get_if<seat::Held>(&state)) {
      mine.holds.push_back({seat, held->expires_at, held->extendable_until, false});
    } else if (const auto* pinned = std::get_if<seat::Pinned>(&state)) {
      mine.holds.push_back({seat, pinned->expires_at, pinned->extendable_until, true});
    }
  }
  return Result<BuyerHolds>{std::move(mine)};
}

Task<LedgerAnswer<PinGranted>> MemorySeatLedger::pin(EventId event, SeatIds seats, BuyerId buyer,
                                                     OrderId order, Instant deadline) {
  const Lock lock(mutex_);
  const Step step = judge(event, seats, seat::Pin{buyer, order, deadline}, clock_.now());
  if (!step.allowed()) return LedgerAnswer<PinGranted>{step.refused};
  return LedgerAnswer<PinGranted>{PinGranted{commit(event, *step.event, step.changes)}};
}

Task<LedgerAnswer<Version>> MemorySeatLedger::settle(EventId event, SeatIds seats, OrderId order,
                                                     Settlement settlement) {
  const Lock lock(mutex_);
  seat::Command command;
  switch (settlement) {
    case Settlement::sell:
      command = seat::Sell{order};
      break;
    case Settlement::unpin:
      command = seat::Unpin{order};
      break;
    case Settlement::give_back:
      command = seat::GiveBack{order};
      break;
  }
  const Step step = judge(event, seats, command, clock_.now());
  if (!step.allowed()) return LedgerAnswer<Version>{step.refused};
  return LedgerAnswer<Version>{commit(event, *step.event, step.changes)};
}

Task<LedgerAnswer<Version>> MemorySeatLedger::confirm(EventId event, SeatId seat, BuyerId buyer,
                                                      OrderId order) {
  const Lock lock(mutex_);
  const Step step = judge(event, only(seat), seat::Confirm{buyer, order}, clock_.now());
  if (!step.allowed()) return LedgerAnswer<Version>{step.refused};
  return LedgerAnswer<Version>{commit(event, *step.event, step.changes)};
}

Task<Status> MemorySeatLedger::open_event(EventId id, SeatNumbering numbering,
                                          std::vector<SeatId> blocked) {
  const Lock lock(mutex_);
  Event& event = events_[id];
  const bool known = event.numbering.count != 0;
  if (known &&
      (event.numbering.first != numbering.first || event.numbering.stride != numbering.stride ||
       event.numbering.count > numbering.count)) {
    return Status{Failure{Code::validation_failed, "an event's numbering only grows"}};
  }
  for (const SeatId seat : blocked) {
    if (numbering.index_of(seat) == numbering.count) {
      if (!known) events_.erase(id);
      return Status{Code::seat_not_found};
    }
  }
  event.numbering = numbering;
  for (std::uint32_t index = 0; index < numbering.count; ++index) {
    event.seats.try_emplace(numbering.id_of(index), seat::Available{});
  }
  std::vector<std::pair<SeatId, seat::State>> changes;
  for (const SeatId seat : std::set<SeatId>(blocked.begin(), blocked.end())) {
    if (event.seats.at(seat) == seat::State{seat::Available{}}) {
      changes.emplace_back(seat, seat::Blocked{});
    }
  }
  commit(id, event, changes);
  return ok();
}

Task<Status> MemorySeatLedger::restore(std::vector<SeatClaim> claims, Instant pin_deadline) {
  const Lock lock(mutex_);
  std::map<EventId, std::map<SeatId, SeatClaim>> proof;
  for (const SeatClaim& claim : claims) {
    proof[claim.event].insert_or_assign(claim.seat, claim);
  }
  const Instant now = clock_.now();
  bool all_known = true;
  for (auto& [id, event] : events_) {
    const auto& claimed = proof[id];
    std::vector<std::pair<SeatId, seat::State>> changes;
    for (const auto& [seat, state] : event.seats) {
      const auto found = claimed.find(seat);
      seat::State next = state;
      const auto* pinned = std::get_if<seat::Pinned>(&state);
      if (found == claimed.end()) {
        if (std::holds_alternative<seat::Sold>(state)) next = seat::Available{};
        if (pinned != nullptr) {
          // As if the order had been taken back.
          const seat::Decision undone = seat::decide(state, seat::Unpin{pinned->order}, now);
          const auto* change = std::get_if<seat::Change>(&undone);
          next = change != nullptr ? change->next : seat::State{seat::Available{}};
        }
      } else if (found->second.sold) {
        next = seat::Sold{found->second.buyer, found->second.order};
      } else {
        seat::Pinned claim{found->second.buyer, found->second.order, pin_deadline, pin_deadline,
                           pin_deadline};
        if (pinned != nullptr && pinned->order == claim.order) {
          claim.expires_at = pinned->expires_at;
          claim.extendable_until = pinned->extendable_until;
        }
        next = claim;
      }
      if (next != state) changes.emplace_back(seat, next);
    }
    commit(id, event, changes);
    for (const auto& [seat, claim] : claimed) all_known = all_known && event.seats.contains(seat);
  }
  if (!all_known) return Status{Failure{Code::seat_not_found, "a claim names an unknown seat"}};
  return ok();
}

Task<Status> MemorySeatLedger::reset(EventId id) {
  const Lock lock(mutex_);
  Event* event = find(id);
  if (event == nullptr) return Status{Code::event_not_found};
  std::vector<std::pair<SeatId, seat::State>> changes;
  for (const auto& [seat, state] : event->seats) {
    const bool stays = std::holds_alternative<seat::Available>(state) ||
                       std::holds_alternative<seat::Blocked>(state);
    if (!stays) changes.emplace_back(seat, seat::Available{});
  }
  commit(id, *event, changes);
  return ok();
}

Task<LedgerAnswer<Version>> MemorySeatLedger::set_blocked(EventId event, SeatIds seats,
                                                          bool blocked) {
  const Lock lock(mutex_);
  const seat::Command command =
      blocked ? seat::Command{seat::Block{}} : seat::Command{seat::Unblock{}};
  const Step step = judge(event, seats, command, clock_.now());
  if (!step.allowed()) return LedgerAnswer<Version>{step.refused};
  return LedgerAnswer<Version>{commit(event, *step.event, step.changes)};
}

Task<Result<SeatCounts>> MemorySeatLedger::counts(EventId id) {
  const Lock lock(mutex_);
  const Event* event = find(id);
  if (event == nullptr) return Result<SeatCounts>{Code::event_not_found};
  SeatCounts counts;
  counts.version = event->version;
  for (const auto& [seat, state] : event->seats) {
    if (std::holds_alternative<seat::Available>(state)) ++counts.available;
    if (std::holds_alternative<seat::Held>(state)) ++counts.held;
    if (std::holds_alternative<seat::Pinned>(state)) ++counts.pinned;
    if (std::holds_alternative<seat::Sold>(state)) ++counts.sold;
    if (std::holds_alternative<seat::Blocked>(state)) ++counts.blocked;
  }
  return Result<SeatCounts>{counts};
}

Task<Result<std::vector<SeatRecord>>> MemorySeatLedger::records(EventId id) {
  const Lock lock(mutex_);
  const Event* event = find(id);
  if (event == nullptr) return Result<std::vector<SeatRecord>>{Code::event_not_found};
  std::vector<SeatRecord> all;
  for (const auto& [seat, state] : event->seats) all.push_back({seat, state});
  return Result<std::vector<SeatRecord>>{std::move(all)};
}

Task<Result<FeedBatch>> MemorySeatLedger::read(EventId id, Version after, std::size_t max) {
  const Lock lock(mutex_);
  const Event* event = find(id);
  if (event == nullptr) return Result<FeedBatch>{Code::event_not_found};
  FeedBatch batch;
  batch.version = event->version;
  batch.too_old = after < event->forgotten || after > event->version;
  if (batch.too_old) return Result<FeedBatch>{std::move(batch)};
  for (const SeatChange& change : event->feed) {
    if (change.version > after && batch.changes.size() < max) batch.changes.push_back(change);
  }
  return Result<FeedBatch>{std::move(batch)};
}

Task<Result<SeatSnapshot>> MemorySeatLedger::snapshot(EventId id) {
  const Lock lock(mutex_);
  const Event* event = find(id);
  if (event == nullptr) return Result<SeatSnapshot>{Code::event_not_found};
  SeatSnapshot cut;
  cut.version = event->version;
  for (std::uint32_t index = 0; index < event->numbering.count; ++index) {
    cut.statuses.push_back(seat::wire_status(event->seats.at(event->numbering.id_of(index))));
  }
  return Result<SeatSnapshot>{std::move(cut)};
}

void MemorySeatLedger::on_change(std::function<void(EventId)> wake) {
  const Lock lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace onsale
