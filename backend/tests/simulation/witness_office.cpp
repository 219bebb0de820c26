// The witness looks at the office as a whole: over a crash, after every step, and in the calm at
// the end, when everything must be explained.
#include <algorithm>
#include <iostream>

#include "domain/order/order.hpp"
#include "tests/simulation/witness.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::simulation {
namespace {

std::string text(SeatId seat) { return "seat " + std::to_string(seat.value); }

}  // namespace

void Witness::office_ended(bool damaged) {
  damaged_ = damaged;
  being_ordered_.clear();
}

void Witness::office_back(EventId event, const std::vector<SeatRecord>& records, Instant now) {
  for (const SeatRecord& record : records) {
    event_of_[record.seat] = event;
    const auto* held = std::get_if<seat::Held>(&record.state);
    const auto promise = promises_.find(record.seat);
    if (promise != promises_.end() && promise->second.until > now && promise->second.firm &&
        promise->second.number <= flushed_ && !damaged_) {
      if (held == nullptr || held->buyer != promise->second.buyer ||
          held->expires_at != promise->second.until) {
        fail("I8: the hold of " + text(record.seat) + " was on the disk and did not survive", now);
      } else {
        ++counters.holds_kept;
      }
    }
    if (const Order* order = owner(record.seat, now)) {
      const auto* sold = std::get_if<seat::Sold>(&record.state);
      const auto* pinned = std::get_if<seat::Pinned>(&record.state);
      const bool its = (sold != nullptr && sold->order == order->id) ||
                       (pinned != nullptr && pinned->order == order->id);
      if (!its)
        fail("I4: " + text(record.seat) + " of a live order came back as something else", now);
      if (order->status == order::Status::confirmed && sold == nullptr) {
        fail("I4: a CONFIRMED order's " + text(record.seat) + " is not SOLD after a restart", now);
      }
    } else if (std::holds_alternative<seat::Sold>(record.state)) {
      const auto claims = claims_.find(record.seat);
      if (claims == claims_.end() || claims->second.empty()) {
        fail("I4: " + text(record.seat) + " came back SOLD to nobody", now);
      }
    }
    // From here on the office's own word counts: what nobody knew for sure is settled.
    promises_.erase(record.seat);
    if (held != nullptr && held->expires_at > now) {
      promises_[record.seat] = {held->buyer, held->expires_at, happened_ + 1, false};
    }
  }
  ++happened_;
}

void Witness::look(EventId, const std::vector<SeatRecord>& records, const SeatCounts& counts,
                   Instant now) {
  SeatCounts counted;
  for (const SeatRecord& record : records) {
    if (const auto* held = std::get_if<seat::Held>(&record.state)) {
      ++counted.held;
      if (held->expires_at + Milliseconds{1000} < now) {
        fail("I8: " + text(record.seat) + " is still HELD " +
                 std::to_string((now - held->expires_at).count()) + " ms after its end",
             now);
      }
    } else if (const auto* pinned = std::get_if<seat::Pinned>(&record.state)) {
      ++counted.pinned;
      if (pinned->deadline + Milliseconds{1000} < now) {
        fail("I8: " + text(record.seat) + " is still PINNED after its deadline", now);
      }
    } else if (std::holds_alternative<seat::Sold>(record.state)) {
      ++counted.sold;
      const auto claims = claims_.find(record.seat);
      const auto order = orders_.find(std::get<seat::Sold>(record.state).order);
      // Between the two halves of a reset the orders are gone and the seats not yet free.
      const bool being_reset = order != orders_.end() && order->second.reset;
      if ((claims == claims_.end() || claims->second.empty()) && !being_reset) {
        fail("I4: " + text(record.seat) + " is SOLD to no order", now);
      }
    } else if (std::holds_alternative<seat::Blocked>(record.state)) {
      ++counted.blocked;
    } else {
      ++counted.available;
    }
    if (const Order* order = owner(record.seat, now);
        order != nullptr && order->status == order::Status::confirmed) {
      const auto* sold = std::get_if<seat::Sold>(&record.state);
      if (sold == nullptr || sold->order != order->id) {
        fail("I4: a CONFIRMED order's " + text(record.seat) + " is not SOLD to it", now);
      }
    }
  }
  counted.version = counts.version;
  if (!(counted == counts)) fail("I11: the counts do not add up", now);
}

void Witness::calm(EventId, const std::vector<SeatRecord>& records) {
  for (const SeatRecord& record : records) {
    if (std::holds_alternative<seat::Pinned>(record.state)) {
      fail("I12: " + text(record.seat) + " is still pinned in the calm");
    }
    const auto claims = claims_.find(record.seat);
    const bool confirmed = claims != claims_.end() && !claims->second.empty();
    if (std::holds_alternative<seat::Sold>(record.state) != confirmed) {
      fail("I4: SOLD and CONFIRMED disagree about " + text(record.seat));
    }
  }
}

void Witness::calm_orders(OrderStore& store, std::size_t unsent, ProviderLedger& book) {
  ++counters.calms;
  if (unsent != 0) fail("I9: " + std::to_string(unsent) + " messages are unsent in the calm");
  const auto entries = run_task(book.entries());
  std::map<AttemptId, AttemptState> money;
  for (const ProviderEntry& entry : *entries) {
    AttemptState& state = money.try_emplace(entry.attempt, AttemptState::none).first->second;
    state = payment::move(state, entry.operation).next;
  }
  for (const auto& [id, durable] : orders_) {
    const Result<Order> found = run_task(store.find(id));
    if (!found) {
      fail("I3: order " + id.to_string() + " is lost");
      continue;
    }
    if (!order::is_final(found->status)) {
      fail("I12: order " + id.to_string() + " is still " +
           std::string{order::name_of(found->status)} + " in the calm");
      continue;
    }
    const auto known = money.find(found->attempt);
    const AttemptState state = known == money.end() ? AttemptState::none : known->second;
    const bool taken = state == AttemptState::captured;
    if (taken != (found->status == order::Status::confirmed) || state == AttemptState::authorised) {
      fail("I2: order " + id.to_string() + " is " + std::string{order::name_of(found->status)} +
           " and its money " + std::string{name_of(state)});
    }
    if (known != money.end()) money.erase(known);
    if (!durable.reset && durable.delivered != durable.messages.size()) {
      fail("I9: " + std::to_string(durable.messages.size() - durable.delivered) +
           " messages of order " + id.to_string() + " never came");
    }
  }
  for (const auto& [attempt, state] : money) {
    if (state == AttemptState::captured || state == AttemptState::authorised) {
      fail("I2: money of an attempt that no order knows");
    }
  }
}

void Witness::viewer_saw(EventId event, bool consecutive, bool equal) {
  if (!consecutive)
    fail("I10: a viewer of event " + std::to_string(event.value) + " was told versions with a gap");
  if (!equal)
    fail("I10: a viewer of event " + std::to_string(event.value) +
         " sees something else than the truth");
}

}  // namespace onsale::simulation
