// What an office does around sales: open, restore, reset, count; and free what has lapsed.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "adapters/redis/calls.hpp"
#include "adapters/redis/errands.hpp"
#include "adapters/redis/library.hpp"
#include "adapters/redis/rebuilt_seat.hpp"
#include "adapters/redis/seat_ledger.hpp"

namespace onsale {

using redis::Command;
using redis::Errand;

namespace {

constexpr std::size_t kRestateStep = 256;
constexpr int kRestateRounds = 10;
constexpr Milliseconds kRetryPause{20};
constexpr Milliseconds kOpenWithin{10'000};

}  // namespace

Task<Status> RedisSeatLedger::open_event(EventId event, SeatNumbering numbering,
                                         std::vector<SeatId> blocked) {
  if (numbering.stride == 0) co_return Failure{Code::validation_failed, "a stride of 0"};
  for (const SeatId seat : blocked) {
    if (numbering.index_of(seat) >= numbering.count) co_return Code::seat_not_found;
  }
  bool is_new = false;
  {
    const Lock lock(mutex_);
    const auto known = opened_.find(event);
    is_new = known == opened_.end();
    if (!is_new) {
      const SeatNumbering& old = known->second.numbering;
      if (old.first != numbering.first || old.stride != numbering.stride ||
          old.count > numbering.count) {
        co_return Failure{Code::validation_failed, "an event's numbering only grows"};
      }
    }
    Opened& opened = opened_[event];
    opened.numbering = numbering;
    opened.blocked = blocked;
  }
  const Status open = co_await ensure_open(event, numbering);
  if (!open) {
    const Lock lock(mutex_);
    if (is_new && open.code() == Code::validation_failed) opened_.erase(event);
    co_return open;
  }
  for (const auto& lane : lanes_) lane->forget(event);
  bool drive = false;
  {
    const Lock lock(mutex_);
    Opened& opened = opened_[event];
    drive = options_.drive_expiry && !opened.driven;
    opened.driven = opened.driven || drive;
  }
  if (drive) {
    redis::Lane& lane = lane_of(event);
    lane.loop().post([this, event] { background_.spawn(drive_expiry(event)); });
  }
  Task<Status> blocking = block_available(event, std::move(blocked));
  co_return co_await std::move(blocking);
}

Task<Status> RedisSeatLedger::block_available(EventId event, std::vector<SeatId> seats) {
  for (std::size_t from = 0; from < seats.size(); from += kSeatsPerCallMax) {
    redis::CallWish wish{.kind = redis::CallKind::block_if_available, .event = event};
    for (std::size_t i = from; i < std::min(seats.size(), from + kSeatsPerCallMax); ++i) {
      const SeatId* end = wish.seats.end();
      if (std::find(wish.seats.begin(), wish.seats.end(), seats[i]) == end) {
        wish.seats.push_back(seats[i]);
      }
    }
    const redis::CallOutcome outcome = co_await call(wish);
    if (outcome.refused) co_return outcome.refused->code;
  }
  co_return ok();
}

// Makes sure that Redis has the event open, with at least these seats; rebuilds it if it must be.
Task<Status> RedisSeatLedger::ensure_open(EventId event, SeatNumbering numbering) {
  const auto give_up = std::chrono::steady_clock::now() + kOpenWithin;
  const auto command = [event, numbering](const redis::Binding&) {
    return Command(7)
        .add("FCALL")
        .add(redis::function("grow"))
        .add("1")
        .add(redis::meta_key_of(event))
        .add(numbering.first)
        .add(numbering.stride)
        .add(numbering.count)
        .take();
  };
  const auto look = [](const redis::Binding& binding) {
    return Command(3).add("HEXISTS").add(binding.seats_key).add("m").take();
  };
  while (!stopping_) {
    Task<Result<Errand::Found>> growing =
        redis::ask(lane_here(), options_.redis, event, command, redis::Needs::nothing);
    const Result<Errand::Found> grown = co_await std::move(growing);
    const std::string_view said = grown ? grown.value().reply.text() : "";
    if (said == "MISMATCH") {
      co_return Failure{Code::validation_failed, "an event's numbering only grows"};
    }
    bool open = false;
    if (said == "OK") {
      lane_here().forget(event);
      Task<Result<Errand::Found>> looking =
          redis::ask(lane_here(), options_.redis, event, look, redis::Needs::open_event);
      const Result<Errand::Found> found = co_await std::move(looking);
      open = found.has_value();
    } else if (grown) {
      co_await rebuild_when_needed(event);
    }
    if (open) co_return ok();
    if (std::chrono::steady_clock::now() > give_up) break;
    Task<void> waiting = redis::pause(lane_here(), kRetryPause);
    co_await std::move(waiting);
  }
  co_return Failure{Code::unavailable, "the event could not be opened in Redis"};
}

Task<Status> RedisSeatLedger::apply_steps(EventId event, std::vector<std::string> steps) {
  for (std::size_t from = 0; from < steps.size(); from += kRestateStep) {
    const std::size_t count = std::min(kRestateStep, steps.size() - from);
    const auto command = [&, from, count](const redis::Binding& binding) {
      Command step(9 + count);
      step.add("FCALL").add(redis::function("step")).add("3");
      step.add(binding.seats_key).add(binding.due_key).add(binding.feed_key);
      step.add(binding.epoch).add(options_.redis.feed_entries_max).add(now_text());
      for (std::size_t i = from; i < from + count; ++i) step.add(steps[i]);
      return step.take();
    };
    Task<Result<Errand::Found>> asking =
        redis::ask(lane_here(), options_.redis, event, command, redis::Needs::open_event);
    const Result<Errand::Found> done = co_await std::move(asking);
    if (!done) co_return done.error();
  }
  co_return ok();
}

Task<Status> RedisSeatLedger::restate(EventId event, Restated restated) {
  for (int round = 0; round < kRestateRounds; ++round) {
    const Result<Content> all = co_await content(event);
    if (!all) co_return all.error();
    std::vector<std::string> steps;
    for (std::uint32_t index = 0; index < all.value().numbering.count; ++index) {
      const auto found = all.value().records.find(index);
      const std::string_view record =
          found == all.value().records.end() ? std::string_view{} : found->second;
      const seat::State state = redis::decode_record(record);
      const std::optional<seat::State> next = restated(index, state);
      if (!next || *next == state) continue;
      steps.push_back(redis::encode_replace(index, record, redis::encode_record(*next)));
    }
    if (steps.empty()) co_return ok();
    Task<Status> stepping = apply_steps(event, std::move(steps));
    const Status done = co_await std::move(stepping);
    if (!done) co_return done.error();
    woken(event);
  }
  co_return Failure{Code::unavailable, "the event's seats would not stand still"};
}

Task<Status> RedisSeatLedger::restore(std::vector<SeatClaim> claims, Instant pin_deadline) {
  bool all_known = true;
  for (const EventId event : opened_events()) {
    std::unordered_map<SeatId, SeatClaim> claimed;
    for (const SeatClaim& claim : claims) {
      if (claim.event == event) claimed[claim.seat] = claim;
    }
    SeatNumbering numbering;
    {
      const Lock lock(mutex_);
      numbering = opened_[event].numbering;
    }
    for (const auto& [seat, claim] : claimed) {
      all_known = all_known && numbering.index_of(seat) < numbering.count;
    }
    // Redis' own time, so that a hold is judged by the clock that granted it.
    Task<Result<Instant>> asking = server_time(event);
    const Result<Instant> now = co_await std::move(asking);
    if (!now) co_return now.error();
    const Restated restated = [&](std::uint32_t index,
                                  const seat::State& state) -> std::optional<seat::State> {
      const auto claim = claimed.find(numbering.id_of(index));
      return redis::rebuilt(state, claim == claimed.end() ? nullptr : &claim->second, now.value(),
                            pin_deadline);
    };
    Task<Status> restating = restate(event, restated);
    const Status done = co_await std::move(restating);
    if (!done) co_return done;
  }
  if (!all_known) co_return Failure{Code::seat_not_found, "a claim names an unknown seat"};
  co_return ok();
}

Task<Status> RedisSeatLedger::reset(EventId event) {
  const Restated freed = [](std::uint32_t, const seat::State& state) -> std::optional<seat::State> {
    if (redis::owner_of(state)) return seat::Available{};
    return std::nullopt;
  };
  Task<Status> freeing = restate(event, freed);
  co_return co_await std::move(freeing);
}

Task<Result<SeatCounts>> RedisSeatLedger::counts(EventId event) {
  const Result<Content> all = co_await content(event);
  if (!all) co_return all.error();
  SeatCounts counts;
  counts.version = all.value().version;
  for (const auto& [index, record] : all.value().records) {
    const seat::State state = redis::decode_record(record);
    if (std::holds_alternative<seat::Held>(state)) ++counts.held;
    if (std::holds_alternative<seat::Pinned>(state)) ++counts.pinned;
    if (std::holds_alternative<seat::Sold>(state)) ++counts.sold;
    if (std::holds_alternative<seat::Blocked>(state)) ++counts.blocked;
  }
  counts.available =
      all.value().numbering.count - counts.held - counts.pinned - counts.sold - counts.blocked;
  co_return counts;
}

Task<Result<std::vector<SeatRecord>>> RedisSeatLedger::records(EventId event) {
  const Result<Content> all = co_await content(event);
  if (!all) co_return all.error();
  std::vector<SeatRecord> records;
  records.reserve(all.value().numbering.count);
  for (std::uint32_t index = 0; index < all.value().numbering.count; ++index) {
    const auto found = all.value().records.find(index);
    records.push_back({all.value().numbering.id_of(index),
                       redis::decode_record(found == all.value().records.end()
                                                ? std::string_view{}
                                                : std::string_view(found->second))});
  }
  co_return records;
}

// Frees some of what is due; answers in how many ms to come again.
Task<Result<std::int64_t>> RedisSeatLedger::expire(EventId event) {
  const auto command = [this, now = now_text()](const redis::Binding& binding) {
    static const std::string kExpire = redis::function("expire");
    return Command(10)
        .add("FCALL")
        .add(kExpire)
        .add("3")
        .add(binding.seats_key)
        .add(binding.due_key)
        .add(binding.feed_key)
        .add(binding.epoch)
        .add(options_.redis.feed_entries_max)
        .add(now)
        .add(options_.redis.expiries_per_step_max)
        .take();
  };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, command, redis::Needs::open_event);
  const Result<Errand::Found> found = co_await std::move(asking);
  if (!found) co_return found.error();
  const redisReply* freed = found.value().reply.element(0);
  const redisReply* next = found.value().reply.element(1);
  if (freed == nullptr || next == nullptr) co_return Code::internal_error;
  if (freed->integer > 0) {
    lapsed_ += static_cast<std::uint64_t>(freed->integer);
    woken(event);
  }
  co_return next->integer < 0 ? options_.redis.expire_every.count() : std::int64_t{next->integer};
}

Task<Status> RedisSeatLedger::sweep() {
  for (const EventId event : opened_events()) {
    for (;;) {
      const Result<std::int64_t> next = co_await expire(event);
      if (!next) co_return next.error();
      if (next.value() > 0) break;
    }
  }
  co_return ok();
}

Task<void> RedisSeatLedger::drive_expiry(EventId event) {
  constexpr std::int64_t kSoonest = 5;
  while (!stopping_) {
    const Result<std::int64_t> next = co_await expire(event);
    const std::int64_t every = options_.redis.expire_every.count();
    const Milliseconds wait{next ? std::clamp(next.value(), kSoonest, every) : every};
    Task<void> waiting = redis::pause(lane_of(event), wait);
    co_await std::move(waiting);
  }
}

}  // namespace onsale
