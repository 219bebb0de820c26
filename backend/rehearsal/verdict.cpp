// Each promise has one function; all of them read the same per-seat view of the history.
//
// The heart is certainly_free(): was seat s free during the whole of [sent, answered]? Yes only if
// the feed's last change of s seen before `sent` said AVAILABLE (so it was true before `sent`), the
// feed's next change of s belongs to a hold of ours sent after `answered` (so nothing happened in
// between), no hold of ours that may have been alive then touches s, and the referee was watching
// all the while.
#include "rehearsal/verdict.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace onsale::rehearsal {

std::uint64_t Verdict::breaches() const {
  return oversold_seats + sold_to_nobody + lost_orders + unsold_orders + unfinished_orders +
         false_refusals + double_holds + revoked_holds + broken_replays + stale_viewers;
}

namespace {

enum class Proof : std::uint8_t { free, taken, unknown };

class Judge {
 public:
  Judge(const History& history, const SeatIndex& seats, const VerdictRules& rules)
      : history_(history), index_(seats), rules_(rules) {
    for (std::uint32_t i = 0; i < history.holds.size(); ++i) {
      for (const std::uint32_t seat : history.holds[i].seats) holds_[seat].push_back(i);
    }
    for (const ChangeRecord& change : history.changes) changes_[change.seat].push_back(&change);
    for (auto& [seat, list] : changes_) {
      std::sort(list.begin(), list.end(), [](const ChangeRecord* a, const ChangeRecord* b) {
        return a->version != b->version ? a->version < b->version : a < b;
      });
    }
    for (auto& [seat, list] : holds_) {
      std::sort(list.begin(), list.end(), [&](std::uint32_t a, std::uint32_t b) {
        const Nanos sent_a = history.holds[a].sent;
        const Nanos sent_b = history.holds[b].sent;
        return sent_a != sent_b ? sent_a < sent_b : a < b;
      });
    }
  }

  Verdict run() {
    judge_orders();
    judge_sold_seats();
    judge_refusals();
    judge_overlapping_holds();
    judge_losses();
    verdict_.broken_replays = history_.broken_replays;
    verdict_.stale_viewers = history_.stale_viewers;
    for (const std::string& remark : history_.remarks) find(remark);
    return std::move(verdict_);
  }

 private:
  void find(std::string text) {
    if (verdict_.findings.size() < Verdict::findings_max) {
      verdict_.findings.push_back(std::move(text));
    }
  }
  [[nodiscard]] std::string seat_name(std::uint32_t seat) const {
    return "seat " + std::to_string(index_.id(seat));
  }
  [[nodiscard]] bool excused_by_crash(Nanos acknowledged) const {
    return std::any_of(history_.outages.begin(), history_.outages.end(), [&](const Span& outage) {
      return acknowledged >= outage.from - rules_.crash_window &&
             acknowledged <= outage.to + rules_.crash_window;
    });
  }

  void judge_orders();
  void judge_sold_seats();
  void judge_refusals();
  void judge_overlapping_holds();
  void judge_losses();
  [[nodiscard]] Proof certainly_free(std::uint32_t seat, Nanos sent, Nanos answered) const;
  [[nodiscard]] bool surely_ended(const HoldRecord& hold, Nanos before,
                                  std::uint64_t free_version) const;
  [[nodiscard]] bool took_version(const HoldRecord& hold, std::uint64_t version) const;

  const History& history_;
  const SeatIndex& index_;
  const VerdictRules& rules_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>
      holds_;  // by seat, in order of `sent`
  std::unordered_map<std::uint32_t, std::vector<const ChangeRecord*>> changes_;
  Verdict verdict_;
};

void Judge::judge_orders() {
  std::unordered_map<std::uint32_t, const OrderRecord*> owners;
  std::unordered_set<std::uint32_t> oversold;
  for (const OrderRecord& order : history_.orders) {
    const bool missing = order.missing != never;
    const bool turned = order.turned != never;
    if (missing || turned) {
      ++verdict_.lost_orders;
      find("order " + order.id +
           (missing ? " was acknowledged and is now unknown (404)"
                    : " was CONFIRMED and is so no more"));
    } else if (order.state == OrderState::open && rules_.complete) {
      ++verdict_.unfinished_orders;
      find("order " + order.id + " came to no end");
    }
    if (order.confirmed == never) continue;
    bool all_sold = true;
    for (const std::uint32_t seat : order.seats) {
      const auto [place, is_first] = owners.try_emplace(seat, &order);
      if (!is_first && place->second->id != order.id && oversold.insert(seat).second) {
        ++verdict_.oversold_seats;
        find(seat_name(seat) + " is in two CONFIRMED orders: " + place->second->id + " and " +
             order.id);
      }
      if (history_.closing && history_.closing->board.at(seat) != SeatStatus::sold) {
        all_sold = false;
      }
    }
    if (!all_sold && !missing && !turned) {
      ++verdict_.unsold_orders;
      find("order " + order.id + " is CONFIRMED but the map does not show its seats SOLD");
    }
  }
}

void Judge::judge_sold_seats() {
  if (!rules_.sole_customer || !history_.closing || !history_.opening) return;
  if (history_.orders_unknown > 0) return;
  std::unordered_set<std::uint32_t> explained;
  for (const OrderRecord& order : history_.orders) {
    // An order whose end we could not see may well have sold its seats.
    if (order.state == OrderState::cancelled) continue;
    explained.insert(order.seats.begin(), order.seats.end());
  }
  for (std::uint32_t seat = 0; seat < history_.closing->board.size(); ++seat) {
    if (history_.closing->board.at(seat) == SeatStatus::sold && !explained.contains(seat) &&
        history_.opening->board.at(seat) == SeatStatus::available) {
      ++verdict_.sold_to_nobody;
      find(seat_name(seat) + " is SOLD but no acknowledged order has it");
    }
  }
}

bool Judge::took_version(const HoldRecord& hold, std::uint64_t version) const {
  return hold.granted && version <= hold.version && version + hold.seats.size() > hold.version;
}

bool Judge::surely_ended(const HoldRecord& hold, Nanos before, std::uint64_t free_version) const {
  if (hold.released != never && hold.released <= before) return true;
  if (hold.denied != never && hold.denied <= before) return true;
  if (hold.order != none) {
    const OrderRecord& order = history_.orders[hold.order];
    if (order.cancelled != never && order.cancelled <= before) return true;
  }
  // The feed freed the seat after this hold took it.
  if (hold.granted && hold.version != 0 && free_version > hold.version) return true;
  return hold.granted && hold.order_sent == never &&
         hold.lasts_until_max + rules_.expiry_slack <= before;
}

Proof Judge::certainly_free(std::uint32_t seat, Nanos sent, Nanos answered) const {
  // Seen before the call: the latest by version.
  const ChangeRecord* prior = nullptr;
  const ChangeRecord* next = nullptr;
  if (const auto list = changes_.find(seat); list != changes_.end()) {
    for (const ChangeRecord* change : list->second) {
      if (change->seen <= sent) {
        prior = change;
        next = nullptr;
      } else if (next == nullptr && change->status != SeatStatus::available) {
        next = change;
      }
    }
  }
  if (prior == nullptr && !history_.opening) return Proof::unknown;
  if (prior == nullptr && history_.opening_seen > sent) return Proof::unknown;
  const SeatStatus status = prior != nullptr ? prior->status : history_.opening->board.at(seat);
  const Nanos since = prior != nullptr ? prior->seen : history_.opening_seen;
  const Nanos until = next != nullptr ? next->seen : std::numeric_limits<Nanos>::max();
  for (const Span& span : history_.blind) {
    if (span.from <= until && span.to >= since) return Proof::unknown;
  }
  if (status != SeatStatus::available) return Proof::taken;  // for all we could know
  const std::uint64_t free_version = prior != nullptr ? prior->version : history_.opening->version;
  const auto holds = holds_.find(seat);
  bool next_is_ours_and_later = false;
  if (holds != holds_.end()) {
    for (const std::uint32_t number : holds->second) {
      const HoldRecord& hold = history_.holds[number];
      if (hold.sent <= answered && !surely_ended(hold, sent, free_version)) return Proof::taken;
      if (next != nullptr && hold.sent > answered && took_version(hold, next->version)) {
        next_is_ours_and_later = true;
      }
    }
  }
  if (next != nullptr) return next_is_ours_and_later ? Proof::free : Proof::unknown;
  if (!history_.closing) return Proof::unknown;
  return history_.closing->board.at(seat) == SeatStatus::available ? Proof::free : Proof::unknown;
}

void Judge::judge_refusals() {
  for (const RefusalRecord& refusal : history_.refusals) {
    bool all_free = !refusal.seats.empty();
    bool unknown = refusal.seats.empty();
    for (const std::uint32_t seat : refusal.seats) {
      const Proof proof = certainly_free(seat, refusal.sent, refusal.answered);
      if (proof != Proof::free) all_free = false;
      if (proof == Proof::unknown) unknown = true;
      if (proof == Proof::taken) {
        unknown = false;
        break;
      }
    }
    ++(unknown ? verdict_.refusals_unjudged : verdict_.refusals_judged);
    if (all_free) {
      ++verdict_.false_refusals;
      find("buyer " + std::to_string(refusal.buyer) + " was refused " +
           seat_name(refusal.seats.front()) + (refusal.said_sold ? " as sold" : " as held") +
           " although it was free during the whole call");
    }
  }
  verdict_.refusals_unjudged += history_.refusals_dropped;
}

void Judge::judge_overlapping_holds() {
  for (const auto& [seat, numbers] : holds_) {
    // The hold that provably lasts longest among those before: enough to find one overlap a pair.
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const HoldRecord& later = history_.holds[numbers[i]];
      if (!later.granted) continue;
      for (std::size_t j = i; j-- > 0;) {
        const HoldRecord& earlier = history_.holds[numbers[j]];
        if (!earlier.granted || earlier.buyer == later.buyer) continue;
        if (earlier.answered >= later.sent) continue;  // concurrent: no order between them
        const bool released =
            earlier.release_sent != never && earlier.release_sent < later.answered;
        const bool sold = earlier.order != none &&
                          history_.orders[earlier.order].confirmed != never &&
                          history_.orders[earlier.order].confirmed < later.sent;
        const bool ordered = earlier.order_sent != never && earlier.order_sent < later.answered;
        const bool alive = !released && !ordered && later.answered < earlier.lasts_until_min;
        if ((alive && !excused_by_crash(earlier.answered)) || sold) {
          ++verdict_.double_holds;
          find(seat_name(seat) + " was granted to buyer " + std::to_string(later.buyer) +
               (sold ? " after it was sold to buyer " : " while granted to buyer ") +
               std::to_string(earlier.buyer));
          break;
        }
        if (released || (!ordered && later.sent > earlier.lasts_until_max)) break;
      }
    }
  }
}

void Judge::judge_losses() {
  for (const LossRecord& loss : history_.losses) {
    const HoldRecord& hold = history_.holds[loss.hold];
    const bool in_time = loss.answered < hold.lasts_until_min;
    const bool given_up = hold.release_sent != never && hold.release_sent < loss.answered;
    const bool ordered_before = hold.order_sent != never && hold.order_sent < loss.sent;
    if (hold.granted && in_time && !given_up && !ordered_before &&
        !excused_by_crash(hold.answered)) {
      ++verdict_.revoked_holds;
      find("buyer " + std::to_string(hold.buyer) + " lost the hold of " +
           seat_name(hold.seats.front()) + " before its time (" + loss.code + ")");
    }
  }
}

}  // namespace

Verdict judge(const History& history, const SeatIndex& seats, const VerdictRules& rules) {
  return Judge(history, seats, rules).run();
}

}  // namespace onsale::rehearsal
