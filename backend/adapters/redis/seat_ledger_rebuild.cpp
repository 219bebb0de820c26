// The rebuild of an event whose Redis has lost its memory of it.
//
// 1. begin_epoch(): from now on no order is placed for seats that were pinned in an earlier epoch.
// 2. rebuild_begin closes the event in Redis for everyone, in one step; what is left of its content
//    goes aside. A higher epoch supersedes a lower one: several nodes may do this at once.
// 3. The claims are read (after 1, so none is missed), the new content is worked out and filled in
//    beside the closed event: SOLD and PINNED exactly as claimed, holds that still live stay.
// 4. rebuild_finish gives the content its name of epoch and fence: the event is open.
// Every command goes to the server with the fence of step 2 or not at all.
#include <algorithm>
#include <map>
#include <utility>

#include "adapters/redis/calls.hpp"
#include "adapters/redis/errands.hpp"
#include "adapters/redis/library.hpp"
#include "adapters/redis/rebuilt_seat.hpp"
#include "adapters/redis/seat_ledger.hpp"
#include "base/steady.hpp"

namespace onsale {

using redis::Command;
using redis::Errand;

namespace {

constexpr std::size_t kIndexBytes = 4;
constexpr std::size_t kFillStep = 512;  // fields
constexpr Milliseconds kTakeOverAfter{2000};
constexpr Milliseconds kPauseAfterFailure{200};

Failure superseded() { return {Code::unavailable, "another rebuild has begun"}; }

}  // namespace

void RedisSeatLedger::look_again(EventId event) {
  for (const auto& lane : lanes_) lane->forget(event);
}

void RedisSeatLedger::found_closed(EventId event) {
  if (options_.proof == nullptr || stopping_) return;
  {
    const Lock lock(mutex_);
    const auto opened = opened_.find(event);
    if (opened == opened_.end() || opened->second.rebuilding) return;
    opened->second.rebuilding = true;
  }
  background_.spawn(rebuild_in_background(event));
}

Task<void> RedisSeatLedger::rebuild_in_background(EventId event) {
  const std::uint64_t before = rebuilt_;
  co_await rebuild_when_needed(event);
  if (rebuilt_ == before && !stopping_) {
    Task<void> waiting = redis::pause(lane_here(), kPauseAfterFailure);
    co_await std::move(waiting);
  }
  const Lock lock(mutex_);
  opened_[event].rebuilding = false;
}

// Whether another node is at it, and has not been for too long.
bool RedisSeatLedger::leave_it_to_another(EventId event, const Meta& meta) {
  const std::int64_t now = steady_ms();
  const Lock lock(mutex_);
  Opened& opened = opened_[event];
  if (opened.other_epoch != meta.epoch) {
    opened.other_epoch = meta.epoch;
    opened.other_since_ms = now;
  }
  return now - opened.other_since_ms < kTakeOverAfter.count();
}

Task<void> RedisSeatLedger::rebuild_when_needed(EventId event) {
  const Result<Meta> found = co_await meta(event);
  if (!found) co_return;
  if (found.value().open) {
    look_again(event);
    co_return;
  }
  if (found.value().rebuilding && leave_it_to_another(event, found.value())) co_return;
  const Status done = co_await rebuild(event);
  if (!done)
    trouble("rebuild of event " + std::to_string(event.value) + ": " + done.error().detail);
}

Task<Result<RedisSeatLedger::Meta>> RedisSeatLedger::meta(EventId event) {
  const auto command = [event](const redis::Binding&) {
    return Command(5)
        .add("HMGET")
        .add(redis::meta_key_of(event))
        .add("epoch")
        .add("fence")
        .add("state")
        .take();
  };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, command, redis::Needs::nothing);
  const Result<Errand::Found> found = co_await std::move(asking);
  if (!found) co_return found.error();
  const redis::Reply& reply = found.value().reply;
  Meta meta;
  meta.fence = found.value().fence;
  meta.known = !reply.text(0).empty();
  meta.epoch = redis::number<std::uint32_t>(reply.text(0));
  meta.open = reply.text(2) == "open" && reply.text(1) == meta.fence;
  meta.rebuilding = reply.text(2) == "rebuilding";
  co_return meta;
}

Task<Result<Instant>> RedisSeatLedger::server_time(EventId event) {
  if (options_.clock != nullptr) co_return options_.clock->now();
  const auto command = [](const redis::Binding&) { return Command(1).add("TIME").take(); };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, command, redis::Needs::nothing);
  const Result<Errand::Found> found = co_await std::move(asking);
  if (!found) co_return found.error();
  constexpr std::int64_t kThousand = 1000;
  const redis::Reply& reply = found.value().reply;
  co_return instant_of_ms(redis::number<std::int64_t>(reply.text(0)) * kThousand +
                          redis::number<std::int64_t>(reply.text(1)) / kThousand);
}

// The records that rebuild_begin has put aside, in slices so that Redis serves others in between.
Task<Result<std::map<std::uint32_t, std::string>>> RedisSeatLedger::forgotten_records(
    EventId event, std::string fence, bool& found_any) {
  std::map<std::uint32_t, std::string> records;
  std::string cursor = "0";
  do {
    const auto command = [event, cursor](const redis::Binding&) {
      return Command(5)
          .add("HSCAN")
          .add("old" + redis::tag_of(event))
          .add(cursor)
          .add("COUNT")
          .add("1000")
          .take();
    };
    Task<Result<Errand::Found>> asking =
        redis::ask(lane_here(), options_.redis, event, command, redis::Needs::nothing, fence);
    const Result<Errand::Found> found = co_await std::move(asking);
    if (!found) co_return found.error();
    const redis::Reply& reply = found.value().reply;
    const redisReply* fields = reply.element(1);
    if (fields == nullptr || fields->type != REDIS_REPLY_ARRAY) co_return Code::internal_error;
    cursor = reply.text(0);
    for (std::size_t i = 0; i + 1 < fields->elements; i += 2) {
      found_any = true;
      const std::string_view field = redis::Reply::text_of(*fields->element[i]);
      if (field.size() != kIndexBytes) continue;
      records.insert_or_assign(redis::decode_index(field),
                               std::string(redis::Reply::text_of(*fields->element[i + 1])));
    }
  } while (cursor != "0");
  co_return records;
}

Task<Status> RedisSeatLedger::rebuild(EventId event) {
  if (options_.proof == nullptr) co_return Failure{Code::unavailable, "no proof to rebuild from"};
  Opened opened;
  {
    const Lock lock(mutex_);
    const auto known = opened_.find(event);
    if (known == opened_.end()) co_return Code::event_not_found;
    opened = known->second;
  }
  const Result<Meta> before = co_await meta(event);
  if (!before) co_return before.error();
  const std::string fence = before.value().fence;
  const Result<std::uint32_t> epoch =
      co_await options_.proof->begin_epoch(event, before.value().epoch);
  if (!epoch) co_return epoch.error();

  const auto begin = [this, event, epoch = epoch.value(),
                      numbering = opened.numbering](const redis::Binding&) {
    return Command(10)
        .add("FCALL")
        .add(redis::function("rebuild_begin"))
        .add("1")
        .add(redis::meta_key_of(event))
        .add(redis::tag_of(event))
        .add(epoch)
        .add(numbering.first)
        .add(numbering.stride)
        .add(numbering.count)
        .add(now_text())
        .take();
  };
  Task<Result<Errand::Found>> beginning =
      redis::ask(lane_here(), options_.redis, event, begin, redis::Needs::nothing, fence);
  const Result<Errand::Found> begun = co_await std::move(beginning);
  if (!begun) co_return begun.error();
  if (begun.value().reply.text() == "SUPERSEDED") co_return superseded();
  const Instant now = instant_of_ms(redis::number<std::int64_t>(begun.value().reply.text()));

  const Result<std::vector<SeatClaim>> claims = co_await options_.proof->claims_of(event);
  if (!claims) co_return claims.error();
  bool remembered = false;
  Task<Result<std::map<std::uint32_t, std::string>>> reading =
      forgotten_records(event, fence, remembered);
  const auto records = co_await std::move(reading);
  if (!records) co_return records.error();

  std::map<std::uint32_t, seat::State> states;
  for (const auto& [index, record] : records.value()) {
    const seat::State state = redis::decode_record(record);
    const auto ends = redis::end_of(state);
    if (ends && now >= *ends) continue;
    states[index] = redis::rebuilt(state, nullptr, now, {});
  }
  if (!remembered) {  // what an operator has unblocked since is known to the old content only
    for (const SeatId seat : opened.blocked) {
      states[opened.numbering.index_of(seat)] = seat::Blocked{};
    }
  }
  const Instant pin_deadline = now + options_.pin_deadline_after_rebuild;
  for (const SeatClaim& claim : claims.value()) {
    const std::uint32_t index = opened.numbering.index_of(claim.seat);
    if (index >= opened.numbering.count) {
      trouble("a claim names seat " + std::to_string(claim.seat.value) + ", unknown to event " +
              std::to_string(event.value));
      continue;
    }
    const auto record = records.value().find(index);
    const seat::State was =
        record == records.value().end() ? seat::State{} : redis::decode_record(record->second);
    states[index] = redis::rebuilt(was, &claim, now, pin_deadline);
  }
  Task<Status> filling = fill_in(event, epoch.value(), fence, std::move(states));
  const Status filled = co_await std::move(filling);
  look_again(event);
  if (!filled) co_return filled;
  ++rebuilt_;
  woken(event);
  co_return ok();
}

Task<Status> RedisSeatLedger::fill_in(EventId event, std::uint32_t epoch, std::string fence,
                                      std::map<std::uint32_t, seat::State> states) {
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::pair<std::string, std::string>> due;
  std::map<BuyerId, std::string> lists;
  for (const auto& [index, state] : states) {
    if (std::holds_alternative<seat::Available>(state)) continue;
    const std::string seat = redis::encode_index(index);
    fields.emplace_back(seat, redis::encode_record(state));
    if (const auto owner = redis::owner_of(state)) lists[*owner] += seat;
    if (const auto ends = redis::end_of(state))
      due.emplace_back(std::to_string(ms_of(*ends)), seat);
  }
  for (auto& [buyer, list] : lists) {
    fields.emplace_back(redis::encode_id(buyer.bits), std::move(list));
  }
  const std::size_t steps = std::max(fields.size(), due.size()) / kFillStep + 1;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t from = step * kFillStep;
    const auto command = [&, from](const redis::Binding&) {
      const auto slice = [from](const auto& all) {
        return std::pair{std::min(from, all.size()), std::min(from + kFillStep, all.size())};
      };
      const auto [first_field, last_field] = slice(fields);
      const auto [first_due, last_due] = slice(due);
      const std::size_t set = 2 * (last_field - first_field);
      Command fill(7 + set + 2 * (last_due - first_due));
      fill.add("FCALL").add(redis::function("rebuild_fill")).add("1");
      fill.add(redis::meta_key_of(event)).add(redis::tag_of(event)).add(epoch).add(set);
      for (std::size_t i = first_field; i < last_field; ++i) {
        fill.add(fields[i].first).add(fields[i].second);
      }
      for (std::size_t i = first_due; i < last_due; ++i) fill.add(due[i].first).add(due[i].second);
      return fill.take();
    };
    Task<Result<Errand::Found>> asking =
        redis::ask(lane_here(), options_.redis, event, command, redis::Needs::nothing, fence);
    const Result<Errand::Found> filled = co_await std::move(asking);
    if (!filled) co_return filled.error();
    if (filled.value().reply.text() != "OK") co_return superseded();
  }
  const auto finish = [&](const redis::Binding&) {
    return Command(8)
        .add("FCALL")
        .add(redis::function("rebuild_finish"))
        .add("1")
        .add(redis::meta_key_of(event))
        .add(redis::tag_of(event))
        .add(epoch)
        .add(fence)
        .add(fields.size())
        .take();
  };
  Task<Result<Errand::Found>> finishing =
      redis::ask(lane_here(), options_.redis, event, finish, redis::Needs::nothing, fence);
  const Result<Errand::Found> finished = co_await std::move(finishing);
  if (!finished) co_return finished.error();
  if (finished.value().reply.text() != "OK") co_return superseded();
  co_return ok();
}

}  // namespace onsale
