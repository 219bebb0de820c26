// The rules by which the witness judges.
#include "tests/simulation/witness.hpp"

#include <algorithm>
#include <iostream>

#include "domain/order/order.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::simulation {
namespace {

std::string text(SeatId seat) { return "seat " + std::to_string(seat.value); }

std::uint64_t fold(const SeatIds& seats) {
  std::uint64_t folded = 0;
  for (const SeatId seat : seats) folded = folded * 1'000'003 + seat.value;
  return folded;
}

}  // namespace

void Witness::fail(const std::string& what, Instant now) {
  if (violations_.size() < 20)
    violations_.push_back("at " + std::to_string(ms_of(now)) + ": " + what);
}

void Witness::note(SeatId seat, const std::string& what, Instant now) const {
  if (seat == watched_) std::cerr << ms_of(now) << " " << text(seat) << ": " << what << "\n";
}

const Witness::Promise* Witness::live(SeatId seat, Instant now) const {
  const auto found = promises_.find(seat);
  return found != promises_.end() && found->second.until > now ? &found->second : nullptr;
}

const Order* Witness::owner(SeatId seat, Instant now) const {
  const auto found = claims_.find(seat);
  if (found == claims_.end()) return nullptr;
  for (const OrderId id : found->second) {
    const Order& order = orders_.at(id).order;
    if (order.status == order::Status::confirmed) return &order;
    const bool open =
        order.status == order::Status::created || order.status == order::Status::authorised;
    // Past the pin's deadline an open order may be fenced out: it then cancels itself.
    if (open && order.pay_by + rules_.pin_margin > now) return &order;
  }
  return nullptr;
}

bool Witness::explained_held(SeatId seat, BuyerId asking, Instant now) const {
  if (const Promise* promise = live(seat, now); promise != nullptr && promise->buyer != asking) {
    return true;
  }
  const auto claims = claims_.find(seat);
  if (claims != claims_.end() && !claims->second.empty()) return true;  // CANCELLING too
  const auto ordering = being_ordered_.find(seat);
  return ordering != being_ordered_.end() && ordering->second > 0;
}

std::uint32_t Witness::seats_of(BuyerId buyer, EventId event, Instant now) const {
  std::set<SeatId> seats;
  for (const auto& [seat, promise] : promises_) {
    if (promise.buyer == buyer && promise.until > now && event_of_.at(seat) == event) {
      seats.insert(seat);
    }
  }
  for (const auto& [seat, ids] : claims_) {
    for (const OrderId id : ids) {
      const Order& order = orders_.at(id).order;
      if (order.buyer == buyer && order.event == event && owner(seat, now) == &order) {
        seats.insert(seat);
      }
    }
  }
  return static_cast<std::uint32_t>(seats.size());
}

void Witness::hold_granted(BuyerId buyer, EventId event, const SeatIds& seats, Milliseconds wanted,
                           const HoldGranted& granted, Instant now) {
  ++counters.holds;
  trace.add(fold(seats) ^ static_cast<std::uint64_t>(ms_of(granted.expires_at)));
  ++happened_;
  Instant soonest = Instant::max();
  for (const SeatId seat : seats) {
    event_of_[seat] = event;
    last_grant_[seat] = {buyer, now};
    note(seat,
         "held by " + std::to_string(buyer.bits.hi) + " for " + std::to_string(wanted.count()),
         now);
    const Promise* before = live(seat, now);
    if (before != nullptr && before->buyer != buyer) {
      if (before->firm) {
        fail("I8: " + text(seat) + " was taken away " +
                 std::to_string((before->until - now).count()) + " ms before its end",
             now);
      }
      before = nullptr;
    }
    if (const Order* order = owner(seat, now)) {
      fail("I6: " + text(seat) + " was held while order " + order->id.to_string() + " (" +
               std::string{order::name_of(order->status)} + ") has it",
           now);
    }
    if (before == nullptr) {
      promises_[seat] = {buyer, now + wanted, happened_, true};
      soonest = std::min(soonest, now + wanted);
    } else {
      soonest = std::min(soonest, before->until);
    }
  }
  if (granted.expires_at != soonest) {
    fail("I8: a hold of " + text(seats[0]) + " and " + std::to_string(seats.size() - 1) +
             " more was told an end " + std::to_string((granted.expires_at - soonest).count()) +
             " ms off what it has, " + std::to_string((soonest - now).count()) + " ms from now",
         now);
  }
  if (granted.expires_at <= now) fail("I8: a hold that has ended already was granted", now);
  if (seats_of(buyer, event, now) > rules_.seats_per_buyer_max) {
    fail("a buyer has more seats than the limit", now);
  }
}

void Witness::hold_refused(BuyerId buyer, EventId event, const SeatIds& seats,
                           const Refused& refused, Instant now) {
  ++counters.refusals;
  trace.add(fold(seats) ^ static_cast<std::uint64_t>(refused.code) << 56U);
  switch (refused.code) {
    case Code::unavailable:
      return;
    case Code::limit_exceeded:
      if (seats_of(buyer, event, now) + seats.size() <= rules_.seats_per_buyer_max) {
        // Orders being placed or undone may count too.
        for (const auto& [seat, ids] : claims_) {
          for (const OrderId id : ids) {
            if (orders_.at(id).order.buyer == buyer) return;
          }
        }
        for (const auto& [seat, count] : being_ordered_) {
          if (count > 0) return;
        }
        fail("I8: refused for the limit with seats to spare", now);
      }
      return;
    case Code::seat_sold:
    case Code::reservation_conflict:
      break;
    default:
      fail("a hold was refused with code " + std::to_string(static_cast<int>(refused.code)), now);
      return;
  }
  if (refused.seats.empty()) fail("a refusal names no seat", now);
  for (const RefusedSeat& one : refused.seats) {
    const bool named = std::ranges::any_of(seats, [&](SeatId seat) { return seat == one.seat; });
    if (!named) fail("a refusal names " + text(one.seat) + ", which was not asked for", now);
    if (one.status == seat::WireStatus::sold) {
      const auto claims = claims_.find(one.seat);
      if (claims == claims_.end() || claims->second.empty()) {
        fail("I4: " + text(one.seat) + " is SOLD to no order", now);
      }
    } else if (!explained_held(one.seat, buyer, now)) {
      fail("I8: false refusal of " + text(one.seat) + ", which nobody has", now);
    }
  }
}

void Witness::extended(BuyerId buyer, SeatId seat, Instant until, Instant now) {
  ++counters.extends;
  ++happened_;
  trace.add(seat.value << 3U ^ static_cast<std::uint64_t>(ms_of(until)));
  const Promise* before = live(seat, now);
  if (before == nullptr || before->buyer != buyer) {
    if (before == nullptr || before->firm)
      fail("I7: extended " + text(seat) + " without a hold of it", now);
  } else if (until < before->until) {
    fail("I8: an extend brought the end nearer", now);
  }
  note(seat, "extended by " + std::to_string(buyer.bits.hi) + " to " + std::to_string(ms_of(until)),
       now);
  promises_[seat] = {buyer, until, happened_, true};
  if (owner(seat, now) != nullptr) fail("I7: extended " + text(seat) + ", which an order has", now);
}

void Witness::extend_refused(BuyerId buyer, SeatId seat, Code code, Instant now) {
  if (code == Code::unavailable) return;
  const Promise* before = live(seat, now);
  if (before != nullptr && before->firm && before->buyer == buyer && being_ordered_[seat] == 0) {
    fail("I8: the owner may not extend " + text(seat), now);
  }
}

void Witness::released(BuyerId buyer, SeatId seat, Instant now) {
  ++counters.releases;
  ++happened_;
  trace.add(seat.value << 5U);
  note(seat, "released by " + std::to_string(buyer.bits.hi), now);
  const Promise* before = live(seat, now);
  if (before != nullptr && before->firm && before->buyer != buyer) {
    fail("I7: somebody else released " + text(seat), now);
  }
  if (before != nullptr && before->buyer == buyer) promises_.erase(seat);
}

void Witness::release_refused(BuyerId buyer, SeatId seat, Code code, Instant now) {
  if (code == Code::unavailable) return;
  const Promise* before = live(seat, now);
  if (before != nullptr && before->firm && before->buyer == buyer && being_ordered_[seat] == 0) {
    fail("the owner may not release " + text(seat), now);
  }
}

void Witness::holds_listed(BuyerId buyer, EventId event, const BuyerHolds& listed, Instant now) {
  for (const auto& entry : promises_) {
    const SeatId seat = entry.first;
    const Promise& promise = entry.second;
    if (promise.buyer != buyer || promise.until <= now || event_of_.at(seat) != event) continue;
    const bool told = std::ranges::any_of(listed.holds, [&](const LiveHold& hold) {
      return hold.seat == seat && hold.expires_at == promise.until;
    });
    if (!told) fail("I6: the cart has lost " + text(seat), now);
  }
}

Witness::OrderCall Witness::order_begins(BuyerId buyer, EventId event, const SeatIds& seats,
                                         const std::string& key, const std::string& body_hash,
                                         Instant now) {
  OrderCall call{buyer, event, seats, key, body_hash, now, true, {}};
  for (const SeatId seat : seats) {
    const Promise* promise = live(seat, now);
    const bool mine = promise != nullptr && promise->buyer == buyer;
    // An order of the same buyer may have it already, or be about to (a repetition).
    const bool ordered =
        (claims_.contains(seat) && !claims_.at(seat).empty()) || being_ordered_[seat] > 0;
    if (!mine && !ordered) call.not_had.push_back(seat);
    // What is near its end may lapse before the pin.
    const bool surely =
        mine && !ordered && promise->firm && promise->until >= now + Milliseconds{200};
    call.had_all_seats = call.had_all_seats && surely;
  }
  for (const SeatId seat : seats) {
    note(seat, "being ordered by " + std::to_string(buyer.bits.hi), now);
    ++being_ordered_[seat];
  }
  return call;
}

void Witness::order_placed(const OrderCall& call, const StoredAnswer& answer, bool replayed,
                           Instant now) {
  for (const SeatId seat : call.seats) --being_ordered_[seat];
  trace.add(std::hash<std::string>{}(answer.body));
  const auto id = OrderId::parse(answer.location);
  if (!id || !orders_.contains(*id)) {
    fail("I3: an order was acknowledged that is not durable", now);
    return;
  }
  const auto known = keys_.try_emplace({call.buyer, call.key}, *id).first;
  if (known->second != *id) fail("I5: one key, two orders", now);
  if (replayed) {
    ++counters.replays;
  } else {
    ++counters.orders;
    if (acked_.contains(*id)) fail("I5: a repetition was not said to be one", now);
    for (const SeatId seat : call.not_had) {
      // Held since, while the call was looking for its key, is as good as held before.
      const auto grant = last_grant_.find(seat);
      const bool held_since = grant != last_grant_.end() && grant->second.first == call.buyer &&
                              grant->second.second >= call.started;
      if (!held_since) {
        fail("I7: an order of " + text(seat) + " without a live hold of one's own", now);
      }
    }
  }
  const auto [entry, first] =
      acked_.try_emplace(*id, Acknowledged{call.buyer, call.event, call.seats, call.key,
                                           call.body_hash, answer.body, false});
  if (!first && entry->second.body != answer.body) fail("I5: the replay differs", now);
  if (entry->second.body_hash != call.body_hash)
    fail("I5: another body got this key's answer", now);
}

bool Witness::ordering() const {
  return std::ranges::any_of(being_ordered_, [](const auto& entry) { return entry.second > 0; });
}

void Witness::order_refused(const OrderCall& call, const Refused& refused, Instant now) {
  for (const SeatId seat : call.seats) {
    note(seat, "order refused with code " + std::to_string(static_cast<int>(refused.code)), now);
    --being_ordered_[seat];
  }
  trace.add(fold(call.seats) ^ static_cast<std::uint64_t>(refused.code) << 48U);
  switch (refused.code) {
    case Code::unavailable:
    case Code::idempotency_in_progress:
      return;
    case Code::idempotency_key_reused:
      if (const auto known = keys_.find({call.buyer, call.key}); known != keys_.end()) {
        const auto acked = acked_.find(known->second);
        if (acked != acked_.end() && acked->second.body_hash == call.body_hash) {
          fail("I5: the same body was called another one", now);
        }
      }
      return;
    default:
      break;
  }
  if (const auto known = keys_.find({call.buyer, call.key});
      known != keys_.end() && acked_.contains(known->second) &&
      acked_.at(known->second).body_hash == call.body_hash) {
    fail("I5: a key with a stored answer was refused with code " +
             std::to_string(static_cast<int>(refused.code)),
         now);
    return;
  }
  if (call.had_all_seats) {
    bool still = true;  // nothing of it lapsed or was ordered meanwhile
    for (const SeatId seat : call.seats) {
      const Promise* promise = live(seat, now);
      if (promise == nullptr || promise->buyer != call.buyer || !promise->firm) still = false;
      if (claims_.contains(seat) && !claims_.at(seat).empty()) still = false;
      if (being_ordered_[seat] > 0) still = false;
    }
    if (still) {
      fail("I8: an order of live holds was refused with code " +
               std::to_string(static_cast<int>(refused.code)),
           now);
    }
  }
}

void Witness::order_read(OrderId id, const Result<Order>& answer) {
  if (!answer) {
    if (answer.code() != Code::unavailable)
      fail("I3: acknowledged order " + id.to_string() + " is lost");
    return;
  }
  auto& acked = acked_.at(id);
  const bool reset = orders_.at(id).reset;
  if (acked.seen_confirmed && answer->status != order::Status::confirmed && !reset) {
    fail("I3: order " + id.to_string() + " was CONFIRMED and is " +
         std::string{order::name_of(answer->status)});
  }
  if (answer->status == order::Status::confirmed) acked.seen_confirmed = true;
}

std::optional<OrderId> Witness::order_of_key(BuyerId buyer, const std::string& key) const {
  const auto found = keys_.find({buyer, key});
  return found == keys_.end() ? std::nullopt : std::optional{found->second};
}

void Witness::committed(const PlaceOrder& placed) {
  Durable& durable = orders_[placed.order.id];
  durable.order = placed.order;
  for (const Message& message : placed.messages)
    durable.messages.emplace_back(message.id, message.type);
  for (const SeatId seat : placed.order.seats) {
    note(seat,
         "order " + placed.order.id.to_string() + " of " +
             std::to_string(placed.order.buyer.bits.hi),
         placed.order.created_at);
    auto& claims = claims_[seat];
    for (const OrderId other :
         claims) {  // one that is being cancelled may not have heard of it yet
      if (orders_.at(other).order.status != order::Status::cancelling) {
        fail("I1: two live orders claim " + text(seat), placed.order.created_at);
      }
    }
    claims.insert(placed.order.id);
    promises_.erase(seat);  // the order's from now on
  }
  keys_.try_emplace({placed.scope.buyer, placed.scope.key}, placed.order.id);
}

void Witness::committed(const AdvanceOrder& advanced) {
  Durable& durable = orders_.at(advanced.id);
  if (order::is_final(durable.order.status) && !durable.reset) {
    fail("an order left its end", advanced.at);
  }
  durable.order.status = advanced.to;
  for (const SeatId seat : durable.order.seats) {
    note(
        seat,
        "order " + advanced.id.to_string() + " becomes " + std::string{order::name_of(advanced.to)},
        advanced.at);
  }
  durable.order.tickets = advanced.tickets;
  for (const Message& message : advanced.messages) {
    durable.messages.emplace_back(message.id, message.type);
  }
  if (advanced.to == order::Status::confirmed) {
    ++counters.confirmed;
    if (advanced.tickets.size() != durable.order.seats.size())
      fail("a seat without a ticket", advanced.at);
  }
  if (advanced.to == order::Status::cancelled) {
    ++counters.cancelled;
    for (const SeatId seat : durable.order.seats) claims_[seat].erase(advanced.id);
  }
}

void Witness::committed_reset(EventId event, const std::vector<Order>& cancelled) {
  ++counters.resets;
  for (const Order& order : cancelled) {
    Durable& durable = orders_.at(order.id);
    durable.order.status = order.status;
    durable.reset = true;
    for (const SeatId seat : order.seats) claims_[seat].erase(order.id);
  }
  std::erase_if(promises_, [&](const auto& entry) { return event_of_.at(entry.first) == event; });
}

void Witness::captured(const PaymentAttempt& attempt, const std::vector<SeatRecord>& records) {
  const auto found = orders_.find(attempt.order);
  if (found == orders_.end()) {
    fail("I2: money for an order that does not exist");
    return;
  }
  for (const SeatId seat : found->second.order.seats) {
    const auto record = std::ranges::find(records, seat, &SeatRecord::seat);
    const auto* sold = record == records.end() ? nullptr : std::get_if<seat::Sold>(&record->state);
    if ((sold == nullptr || sold->order != attempt.order) && !found->second.reset) {
      fail("I2: money is taken before " + text(seat) + " is sold to its order");
    }
  }
}

void Witness::delivered(const Message& message, bool first) {
  if (!first) return;
  ++counters.messages;
  Durable& durable = orders_.at(message.order);
  if (durable.reset) return;
  const auto& messages = durable.messages;
  if (durable.delivered >= messages.size() || messages[durable.delivered].first != message.id) {
    fail("I9: message " + std::string{name_of(message.type)} + " of order " +
             message.order.to_string() + " came out of order",
         message.at);
  }
  ++durable.delivered;
}

}  // namespace onsale::simulation
