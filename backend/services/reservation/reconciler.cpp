// Two looks and a repair; see the header.
#include "services/reservation/reconciler.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace onsale {
namespace {

constexpr Milliseconds kStopLatency{100};
constexpr Milliseconds kBetweenLooks{2};  // others have the ledger in between

std::optional<OrderId> order_in(const seat::State& state) {
  if (const auto* pinned = std::get_if<seat::Pinned>(&state)) return pinned->order;
  if (const auto* sold = std::get_if<seat::Sold>(&state)) return sold->order;
  return std::nullopt;
}

bool is_sold_to(const seat::State& state, OrderId order) {
  const auto* sold = std::get_if<seat::Sold>(&state);
  return sold != nullptr && sold->order == order;
}

// Which order has a question about this seat; nullopt: the two stores agree.
std::optional<OrderId> in_question(const seat::State& state, const SeatClaim* claim) {
  const std::optional<OrderId> has = order_in(state);
  if (claim == nullptr) return has;
  const bool right = claim->sold ? is_sold_to(state, claim->order) : has == claim->order;
  if (right) return std::nullopt;
  return claim->order;
}

}  // namespace

std::string_view name_of(Repair repair) {
  switch (repair) {
    case Repair::sold_again:
      return "sold_again";
    case Repair::pinned_again:
      return "pinned_again";
    case Repair::given_back:
      return "given_back";
  }
  return "";
}

Reconciler::Reconciler(ReconcilerPorts ports, ReconcilerPolicy policy, Events events, Tell tell)
    : ports_(ports), policy_(policy), events_(std::move(events)), tell_(std::move(tell)) {}

void Reconciler::start() { group_.spawn(reconcile_until_stopped()); }

void Reconciler::stop() {
  stopped_ = true;
  group_.close();
}

Task<void> Reconciler::reconcile_until_stopped() {
  while (!stopped_) {
    co_await sleep_unless_stopped(policy_.every);
    if (!stopped_) co_await reconcile();
  }
}

Task<void> Reconciler::reconcile() {
  std::vector<Suspect> suspects;
  for (const EventId event : events_()) {
    if (stopped_) co_return;
    Task<Status> looking = look_at(event, suspects);
    const Status looked = co_await std::move(looking);
    static_cast<void>(
        looked);  // a store that is away has its own alarms; the next round looks again
  }
  stats_.suspects.fetch_add(suspects.size(), std::memory_order_relaxed);
  if (!suspects.empty()) co_await sleep_unless_stopped(policy_.settle);
  for (const Suspect& suspect : suspects) {
    if (stopped_) co_return;
    co_await judge(suspect);
  }
  stats_.rounds.fetch_add(1, std::memory_order_relaxed);
}

Task<Status> Reconciler::look_at(EventId event, std::vector<Suspect>& suspects) {
  auto claiming = ports_.proof.claims_of(event);
  const Result<std::vector<SeatClaim>> claims = co_await std::move(claiming);
  if (!claims) co_return claims.error();
  std::unordered_map<SeatId, const SeatClaim*> claimed;
  for (const SeatClaim& claim : *claims) claimed[claim.seat] = &claim;
  for (std::uint32_t from = 0; !stopped_; from += policy_.seats_at_once) {
    auto looking = ports_.seats.look(event, from, policy_.seats_at_once);
    const Result<std::vector<SeatRecord>> seats = co_await std::move(looking);
    if (!seats) co_return seats.error();
    for (std::uint32_t i = 0; i < seats->size(); ++i) {
      const SeatRecord& seat = (*seats)[i];
      const auto claim = claimed.find(seat.seat);
      const auto order = in_question(seat.state, claim == claimed.end() ? nullptr : claim->second);
      if (order && suspects.size() < policy_.suspects_max) {
        suspects.push_back({event, from + i, *order});
      }
    }
    if (seats->size() < policy_.seats_at_once) break;
    co_await sleep_unless_stopped(kBetweenLooks);
  }
  co_return ok();
}

// The second look. The order last, so that its word is the newer one.
Task<void> Reconciler::judge(Suspect suspect) {
  auto looking = ports_.seats.look(suspect.event, suspect.index, 1);
  const Result<std::vector<SeatRecord>> seats = co_await std::move(looking);
  if (!seats || seats->empty()) co_return;
  const SeatRecord seat = seats->front();
  Task<Result<Order>> finding = ports_.orders.find(suspect.order);
  const Result<Order> order = co_await std::move(finding);
  const bool has_it = order_in(seat.state) == suspect.order;
  if (!order) {
    if (order.code() != Code::order_not_found || !is_sold_to(seat.state, suspect.order)) co_return;
    co_await give_back(suspect, seat);
    co_return;
  }
  const SeatIds& its_seats = order->seats;
  const bool names_it = order->event == suspect.event &&
                        std::find(its_seats.begin(), its_seats.end(), seat.seat) != its_seats.end();
  switch (order->status) {
    case order::Status::created:
    case order::Status::authorised:
    case order::Status::confirmed:
      if (names_it) co_await judge_live(suspect, *order, seat);
      co_return;
    case order::Status::cancelling:
      co_return;
    case order::Status::cancelled:
      if (has_it) co_await give_back(suspect, seat);
      co_return;
  }
}

Task<void> Reconciler::judge_live(const Suspect& suspect, const Order& order,
                                  const SeatRecord& seat) {
  if (order.status == order::Status::confirmed) {
    if (is_sold_to(seat.state, order.id)) co_return;
    const seat::Sold sold{order.buyer, order.id};
    if (!co_await correct(suspect, seat, sold)) co_return;
    repaired(Repair::sold_again, suspect, seat.seat);
    // A reset may have come between: then it is the reset that holds.
    Task<Result<Order>> finding = ports_.orders.find(order.id);
    const Result<Order> now = co_await std::move(finding);
    const bool cancelled = now && (now->status == order::Status::cancelling ||
                                   now->status == order::Status::cancelled);
    if (cancelled) co_await give_back(suspect, seat);
    co_return;
  }
  const Instant deadline = order.pay_by + policy_.pin_margin;
  const bool is_free = std::holds_alternative<seat::Available>(seat.state);
  if (!is_free || ports_.clock.now() >= deadline) co_return;
  const seat::Pinned pinned{order.buyer, order.id, deadline, deadline, deadline};
  if (co_await correct(suspect, seat, pinned)) {
    repaired(Repair::pinned_again, suspect, seat.seat);
  }
}

// By the saga's own verb, fenced by the order.
Task<void> Reconciler::give_back(const Suspect& suspect, const SeatRecord& seat) {
  SeatIds seats{seat.seat};
  Task<LedgerAnswer<Version>> settling =
      ports_.ledger.settle(suspect.event, seats, suspect.order, Settlement::give_back);
  const LedgerAnswer<Version> settled = co_await std::move(settling);
  if (settled.granted()) repaired(Repair::given_back, suspect, seat.seat);
}

Task<bool> Reconciler::correct(const Suspect& suspect, const SeatRecord& seat, seat::State right) {
  std::vector<SeatCorrection> one{{seat.seat, seat.state, right}};
  auto correcting = ports_.seats.correct(suspect.event, std::move(one));
  const Result<std::size_t> corrected = co_await std::move(correcting);
  co_return corrected && *corrected == 1;
}

void Reconciler::repaired(Repair repair, const Suspect& suspect, SeatId seat) {
  stats_.repaired[static_cast<std::size_t>(repair)].fetch_add(1, std::memory_order_relaxed);
  if (tell_) tell_({repair, suspect.event, seat, suspect.order});
}

Task<void> Reconciler::sleep_unless_stopped(Milliseconds delay) {
  Scheduler* const loop = Scheduler::current();
  check(loop != nullptr, "the reconciler needs a loop to wait on");
  while (delay.count() > 0 && !stopped_) {
    const Milliseconds slice = std::min(delay, kStopLatency);
    co_await loop->sleep_for(slice);
    delay -= slice;
  }
}

}  // namespace onsale
