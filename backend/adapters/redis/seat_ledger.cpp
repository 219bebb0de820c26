// The calls on seats, and the ledger's life.
#include "adapters/redis/seat_ledger.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "adapters/redis/calls.hpp"
#include "adapters/redis/errands.hpp"
#include "adapters/redis/lane.hpp"
#include "adapters/redis/library.hpp"
#include "adapters/redis/refusals.hpp"
#include "adapters/redis/wake_listener.hpp"

namespace onsale {

using redis::Call;
using redis::CallKind;
using redis::CallOutcome;
using redis::CallWish;
using redis::Command;
using redis::Errand;

namespace {

constexpr Milliseconds kStopPoll{2};

SeatIds only(SeatId seat) {
  SeatIds seats;
  seats.push_back(seat);
  return seats;
}

template <typename T>
LedgerAnswer<T> answer(const CallOutcome& outcome, T value) {
  if (outcome.refused) return LedgerAnswer<T>{*outcome.refused};
  return LedgerAnswer<T>{std::move(value)};
}

}  // namespace

RedisSeatLedger::RedisSeatLedger(std::vector<AsioScheduler*> loops, RedisSeatLedgerOptions options)
    : options_(std::move(options)), loops_(std::move(loops)) {
  check(!loops_.empty(), "a Redis ledger wants a loop");
  if (options_.refuse_from_copy) {
    refusals_ = std::make_unique<redis::Refusals>(*this, background_);
  }
  for (AsioScheduler* loop : loops_) {
    redis::Lane::Hooks hooks;
    hooks.on_closed = [this](EventId event) { found_closed(event); };
    hooks.is_known = [this](EventId event) {
      const Lock lock(mutex_);
      return opened_.contains(event);
    };
    hooks.on_change = [this](EventId event) {
      if (listener_ == nullptr || !listener_->listening()) woken(event);
    };
    hooks.now = [this] { return now_text(); };
    hooks.on_trouble = [this](std::string_view what) { trouble(what); };
    lanes_.push_back(std::make_unique<redis::Lane>(*loop, options_.redis, std::move(hooks)));
  }
  if (options_.listen) {
    redis::WakeListener::Hooks hooks;
    hooks.masters = [lane = lanes_.front().get()] { return lane->ready_masters(); };
    hooks.wake = [this](EventId event) { woken(event); };
    hooks.wake_all = [this] { wake_followed(); };
    listener_ =
        std::make_unique<redis::WakeListener>(*loops_.front(), options_.redis, std::move(hooks));
  }
}

RedisSeatLedger::~RedisSeatLedger() = default;

void RedisSeatLedger::start() {
  for (const auto& lane : lanes_) {
    lane->loop().post([&lane = *lane] { lane.start(); });
  }
  if (listener_) loops_.front()->post([this] { listener_->start(); });
}

void RedisSeatLedger::stop() {
  stopping_ = true;
  background_.close();
  std::atomic<std::size_t> left{lanes_.size() + (listener_ ? 1 : 0)};
  for (const auto& lane : lanes_) {
    lane->loop().post([&lane = *lane, &left] {
      lane.stop();
      --left;
    });
  }
  if (listener_) {
    loops_.front()->post([this, &left] {
      listener_->stop();
      --left;
    });
  }
  while (left != 0 || background_.running() != 0) std::this_thread::sleep_for(kStopPoll);
}

redis::Lane& RedisSeatLedger::lane_here() {
  for (const auto& lane : lanes_) {
    if (&lane->loop() == Scheduler::current()) return *lane;
  }
  return *lanes_.front();
}

redis::Lane& RedisSeatLedger::lane_of(EventId event) {
  return *lanes_[std::hash<EventId>{}(event) % lanes_.size()];
}

std::string RedisSeatLedger::now_text() const {
  return options_.clock == nullptr ? std::string() : std::to_string(ms_of(options_.clock->now()));
}

void RedisSeatLedger::woken(EventId event) {
  std::function<void(EventId)> wake;
  {
    const Lock lock(mutex_);
    wake = wake_;
  }
  if (wake) wake(event);
}

void RedisSeatLedger::wake_followed() {
  std::vector<EventId> events;
  {
    const Lock lock(mutex_);
    events.assign(followed_.begin(), followed_.end());
  }
  for (const EventId event : events) woken(event);
}

void RedisSeatLedger::trouble(std::string_view what) const {
  if (options_.log) options_.log(what);
}

std::vector<EventId> RedisSeatLedger::opened_events() {
  const Lock lock(mutex_);
  std::vector<EventId> events;
  for (const auto& [event, opened] : opened_) events.push_back(event);
  return events;
}

Task<CallOutcome> RedisSeatLedger::call(CallWish wish) {
  Call under_way;
  under_way.wish = wish;
  under_way.give_up = std::chrono::steady_clock::now() + options_.redis.call_within;
  lane_here().submit(under_way);
  CallOutcome outcome = co_await under_way.done;
  co_return outcome;
}

std::optional<SeatNumbering> RedisSeatLedger::numbering_of(EventId event) {
  const Lock lock(mutex_);
  const auto found = opened_.find(event);
  if (found == opened_.end()) return std::nullopt;
  return found->second.numbering;
}

void RedisSeatLedger::learn_of_refusal(EventId event, const Refused& refused) {
  if (refusals_ == nullptr) return;
  const std::optional<SeatNumbering> numbering = numbering_of(event);
  if (numbering) refusals_->learn(event, refused, *numbering);
}

std::uint64_t RedisSeatLedger::refused_from_copy_total() const {
  return refusals_ == nullptr ? 0 : refusals_->given();
}
std::uint64_t RedisSeatLedger::refusal_reads_total() const {
  return refusals_ == nullptr ? 0 : refusals_->reads();
}

Task<LedgerAnswer<HoldGranted>> RedisSeatLedger::hold(HoldRequest request) {
  if (refusals_ != nullptr && refusals_->likely(request.event, request.seats)) {
    auto refusing = refusals_->of(request.event, request.seats);
    const std::optional<Refused> refused = co_await std::move(refusing);
    if (refused) co_return *refused;
  }
  CallWish wish{.kind = CallKind::hold,
                .event = request.event,
                .seats = request.seats,
                .buyer = request.buyer,
                .wanted = request.wanted,
                .life_max = request.life_max,
                .limit = request.seats_per_buyer_max};
  const CallOutcome outcome = co_await call(wish);
  if (outcome.refused) learn_of_refusal(request.event, *outcome.refused);
  co_return answer(outcome, HoldGranted{outcome.expires_at, outcome.version});
}

Task<LedgerAnswer<Instant>> RedisSeatLedger::extend(EventId event, SeatId seat, BuyerId buyer,
                                                    Milliseconds by) {
  CallWish wish{
      .kind = CallKind::extend, .event = event, .seats = only(seat), .buyer = buyer, .wanted = by};
  const CallOutcome outcome = co_await call(wish);
  co_return answer(outcome, outcome.expires_at);
}

Task<LedgerAnswer<Unit>> RedisSeatLedger::release(EventId event, SeatId seat, BuyerId buyer) {
  CallWish wish{.kind = CallKind::release, .event = event, .seats = only(seat), .buyer = buyer};
  const CallOutcome outcome = co_await call(wish);
  co_return answer(outcome, Unit{});
}

Task<LedgerAnswer<PinGranted>> RedisSeatLedger::pin(EventId event, SeatIds seats, BuyerId buyer,
                                                    OrderId order, Instant deadline) {
  CallWish wish{.kind = CallKind::pin,
                .event = event,
                .seats = seats,
                .buyer = buyer,
                .order = order,
                .deadline = deadline};
  const CallOutcome outcome = co_await call(wish);
  co_return answer(outcome, PinGranted{outcome.version});
}

Task<LedgerAnswer<Version>> RedisSeatLedger::settle(EventId event, SeatIds seats, OrderId order,
                                                    Settlement settlement) {
  CallWish wish{.event = event, .seats = seats, .order = order};
  switch (settlement) {
    case Settlement::sell:
      wish.kind = CallKind::sell;
      break;
    case Settlement::unpin:
      wish.kind = CallKind::unpin;
      break;
    case Settlement::give_back:
      wish.kind = CallKind::give_back;
      break;
  }
  const CallOutcome outcome = co_await call(wish);
  co_return answer(outcome, outcome.version);
}

Task<LedgerAnswer<Version>> RedisSeatLedger::confirm(EventId event, SeatId seat, BuyerId buyer,
                                                     OrderId order) {
  CallWish wish{.kind = CallKind::confirm,
                .event = event,
                .seats = only(seat),
                .buyer = buyer,
                .order = order};
  const CallOutcome outcome = co_await call(wish);
  co_return answer(outcome, outcome.version);
}

Task<LedgerAnswer<Version>> RedisSeatLedger::set_blocked(EventId event, SeatIds seats,
                                                         bool blocked) {
  CallWish wish{
      .kind = blocked ? CallKind::block : CallKind::unblock, .event = event, .seats = seats};
  const CallOutcome outcome = co_await call(wish);
  co_return answer(outcome, outcome.version);
}

Task<Result<BuyerHolds>> RedisSeatLedger::holds_of(EventId event, BuyerId buyer) {
  const auto command = [buyer, now = now_text()](const redis::Binding& binding) {
    static const std::string kHoldsOf = redis::function("holds_of");
    return Command(6)
        .add("FCALL_RO")
        .add(kHoldsOf)
        .add("1")
        .add(binding.seats_key)
        .add(redis::encode_id(buyer.bits))
        .add(now)
        .take();
  };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, command, redis::Needs::open_event);
  const Result<Errand::Found> found = co_await std::move(asking);
  if (!found) co_return found.error();
  const redis::Reply& reply = found.value().reply;
  const redis::Binding& binding = found.value().binding;
  BuyerHolds mine;
  mine.version = Version::of(binding.epoch, redis::number<std::uint32_t>(reply.text(0)));
  const Instant now = instant_of_ms(redis::number<std::int64_t>(reply.text(1)));
  for (std::size_t i = 2; i + 1 < reply.size(); i += 2) {
    const SeatId seat = binding.numbering.id_of(redis::decode_index(reply.text(i)));
    const seat::State state = redis::decode_record(reply.text(i + 1));
    const auto* held = std::get_if<seat::Held>(&state);
    const auto* pinned = std::get_if<seat::Pinned>(&state);
    if (held != nullptr && now < held->expires_at) {
      mine.holds.push_back({seat, held->expires_at, held->extendable_until, false});
    } else if (pinned != nullptr && now < pinned->deadline) {
      mine.holds.push_back({seat, pinned->expires_at, pinned->extendable_until, true});
    }
  }
  std::sort(mine.holds.begin(), mine.holds.end(),
            [](const LiveHold& a, const LiveHold& b) { return a.seat < b.seat; });
  co_return mine;
}

Task<bool> RedisSeatLedger::reachable(EventId event) {
  const auto command = [event](const redis::Binding&) {
    return Command(2).add("EXISTS").add(redis::meta_key_of(event)).take();
  };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, command, redis::Needs::nothing);
  const Result<Errand::Found> found = co_await std::move(asking);
  co_return found.has_value();
}

}  // namespace onsale
