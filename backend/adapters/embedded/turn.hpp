// Turn: one call's turn at an event. Holds the event's lock from construction to destruction; judges
// every seat the call names, then makes all the changes or none; on its way out hands the changes to
// the journal, still under the lock, and wakes the feed's reader, no longer under it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <variant>

#include "adapters/embedded/event_ledger.hpp"
#include "adapters/embedded/journal.hpp"
#include "adapters/embedded/seat_ledger.hpp"
#include "domain/seat/decide.hpp"

namespace onsale {

// What a call would change. The items are left uninitialised on purpose: a call names one seat far
// more often than sixteen.
struct Plan {
  struct Item {
    Item() {}  // NOLINT(modernize-use-equals-default): the union deletes the defaulted one
    std::uint32_t index;
    bool changes;
    union {
      seat::State next;
    };
  };
  static_assert(std::is_trivially_destructible_v<seat::State>);

  std::array<Item, kSeatsPerCallMax> items;
  std::size_t size = 0;
  std::size_t changes = 0;
};

// Which refusal tells the most, over several seats (ports/seat_ledger.hpp).
inline int gravity(Code code) {
  if (code == Code::seat_sold) return 4;
  if (code == Code::reservation_conflict) return 3;
  if (code == Code::hold_not_owned) return 2;
  return 1;
}

class ONSALE_SCOPED_CAPABILITY Turn {
 public:
  Turn(EmbeddedLedger& ledger, EventLedger& event) ONSALE_ACQUIRE(event.lock)
      : ledger_(ledger), event_(event) {
    event_.lock.lock();
  }
  ~Turn() ONSALE_RELEASE() {
    write_down();
    const bool wake = changed_ && ledger_.wake_ && event_.wake_wanted();
    event_.lock.unlock();
    if (wake) ledger_.wake_(event_.id);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  // Finds the seats and asks the rule for each. False: refused, and `refused` says why.
  bool judge(const SeatIds& seats, const seat::Command& command, Instant now, Plan& plan,
             Refused& refused) ONSALE_NO_THREAD_ANALYSIS {
    const SeatNumbering& numbering = event_.numbering();
    plan.size = seats.size();
    for (std::size_t i = 0; i < plan.size; ++i) {
      plan.items[i].index = numbering.index_of(seats[i]);
      if (plan.items[i].index >= numbering.count) {
        refused.code = Code::seat_not_found;
        return false;
      }
    }
    if (plan.size == 0 || repeats(plan)) {
      refused.code = Code::validation_failed;
      return false;
    }
    bool allowed = true;
    for (std::size_t i = 0; i < plan.size; ++i) {
      Plan::Item& item = plan.items[i];
      const seat::Decision decision = seat::decide(event_.state_of(item.index), command, now);
      item.changes = false;
      if (const auto* change = std::get_if<seat::Change>(&decision)) {
        item.changes = true;
        new (&item.next) seat::State(change->next);
        ++plan.changes;
      } else if (const auto* refusal = std::get_if<seat::Refusal>(&decision)) {
        if (allowed || gravity(refusal->code) > gravity(refused.code)) {
          refused.code = refusal->code;
        }
        allowed = false;
        refused.seats.push_back({seats[i], event_.status_at(item.index, now)});
      }
    }
    return allowed;
  }

  // All of the plan happens.
  Version commit(const Plan& plan) ONSALE_NO_THREAD_ANALYSIS {
    for (std::size_t i = 0; i < plan.size; ++i) {
      if (plan.items[i].changes) put(plan.items[i].index, plan.items[i].next);
    }
    return event_.version();
  }

  // One seat changes.
  void put(std::uint32_t index, const seat::State& next) ONSALE_NO_THREAD_ANALYSIS {
    const Version version = event_.put(index, next);
    changed_ = true;
    if (ledger_.options_.journal == nullptr) return;
    if (records_size_ + journal::kChangeBytesMax > records_.size()) write_down();
    records_size_ +=
        journal::encode(event_.id, index, version, next, records_.data() + records_size_);
  }

  // The feed has grown by other means than put().
  void mark_changed() { changed_ = true; }

 private:
  static bool repeats(const Plan& plan) {
    for (std::size_t i = 1; i < plan.size; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (plan.items[i].index == plan.items[j].index) return true;
      }
    }
    return false;
  }
  void write_down() {
    if (records_size_ == 0) return;
    ledger_.options_.journal->append(event_.id, {records_.data(), records_size_});
    records_size_ = 0;
  }

  EmbeddedLedger& ledger_;
  EventLedger& event_;
  bool changed_ = false;
  std::size_t records_size_ = 0;
  std::array<char, kSeatsPerCallMax * journal::kChangeBytesMax> records_;  // not initialised
};

}  // namespace onsale
