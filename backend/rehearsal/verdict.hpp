// Did the office keep its promises? Judged from the outside, from the acknowledgements alone.
//
// The verdict has no false alarm by construction: a finding needs proof that holds whatever happened
// between sending and answering, in whatever order the wires delivered. What cannot be proved either
// way (the referee's stream was down, an outcome is unknown, another customer may have been there)
// is not counted as a breach; how much that was is told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rehearsal/acknowledgements.hpp"

namespace onsale::rehearsal {

struct Verdict {
  // A seat in two or more orders that were each acknowledged CONFIRMED.
  std::uint64_t oversold_seats = 0;
  // The map turned a seat from AVAILABLE to SOLD, and no order of anybody here has it. Only with
  // sole_customer, and not while the outcome of an order is unknown.
  std::uint64_t sold_to_nobody = 0;
  // Acknowledged, then 404 to its own buyer; or CONFIRMED, and something else later.
  std::uint64_t lost_orders = 0;
  // CONFIRMED, but the closing map does not show each of its seats SOLD.
  std::uint64_t unsold_orders = 0;
  // Neither CONFIRMED nor CANCELLED long after the last fault.
  std::uint64_t unfinished_orders = 0;
  // 409 although each seat that it names was provably free during the whole call.
  std::uint64_t false_refusals = 0;
  // Two buyers were each granted one seat for the same moment.
  std::uint64_t double_holds = 0;
  // A granted hold was denied to its owner before its time (what a crash may lose is excused).
  std::uint64_t revoked_holds = 0;
  std::uint64_t broken_replays = 0;
  std::uint64_t stale_viewers = 0;

  std::uint64_t refusals_judged = 0;  // 409s that were either proved right or could be proved false
  std::uint64_t refusals_unjudged = 0;  // nothing provable, see above
  std::vector<std::string> findings;    // one line each, at most findings_max

  static constexpr std::size_t findings_max = 100;
  [[nodiscard]] std::uint64_t breaches() const;
  [[nodiscard]] bool clean() const { return breaches() == 0; }
};

struct VerdictRules {
  bool sole_customer = true;
  // Everybody was done: an order that is still open has had its time.
  bool complete = true;
  // A hold acknowledged this shortly before an outage may be lost with it (the journal's last
  // moments), and clocks of timers are this coarse.
  Nanos crash_window = nanos_per_second;
  Nanos expiry_slack = 2 * nanos_per_second;
};

Verdict judge(const History& history, const SeatIndex& seats, const VerdictRules& rules);

}  // namespace onsale::rehearsal
