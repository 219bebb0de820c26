// Single seats, looked at and set right while the event is on sale: by HMGETs of some hundred seats
// and by the same conditional step that reset() uses.
#include <algorithm>
#include <utility>

#include "adapters/redis/calls.hpp"
#include "adapters/redis/errands.hpp"
#include "adapters/redis/library.hpp"
#include "adapters/redis/seat_ledger.hpp"

namespace onsale {

using redis::Command;
using redis::Errand;

// The records of seats by index, as they are written; empty: never touched.
Task<Result<std::vector<std::string>>> RedisSeatLedger::raw_records(
    EventId event, std::vector<std::uint32_t> indices) {
  const auto read_of = [&indices](const redis::Binding& binding) {
    Command command(3 + indices.size());
    command.add("HMGET").add(binding.seats_key).add("m");
    for (const std::uint32_t index : indices) command.add(redis::encode_index(index));
    return command.take();
  };
  Task<Result<Errand::Found>> asking =
      redis::ask(lane_here(), options_.redis, event, read_of, redis::Needs::open_event);
  const Result<Errand::Found> found = co_await std::move(asking);
  if (!found) co_return found.error();
  const redis::Reply& reply = found.value().reply;
  if (reply.text(0).empty()) {  // closed since it was bound
    lane_here().forget(event);
    co_return Code::unavailable;
  }
  std::vector<std::string> records;
  for (std::size_t i = 1; i < reply.size(); ++i) records.emplace_back(reply.text(i));
  records.resize(indices.size());
  co_return records;
}

Task<Result<std::vector<SeatRecord>>> RedisSeatLedger::look(EventId event, std::uint32_t from,
                                                            std::uint32_t max) {
  const std::optional<SeatNumbering> numbering = numbering_of(event);
  if (!numbering) co_return Code::event_not_found;
  std::vector<std::uint32_t> indices;
  const std::uint32_t end =
      from + std::min(max, numbering->count - std::min(from, numbering->count));
  for (std::uint32_t index = from; index < end; ++index) indices.push_back(index);
  if (indices.empty()) co_return std::vector<SeatRecord>{};
  auto reading = raw_records(event, std::move(indices));
  const Result<std::vector<std::string>> read = co_await std::move(reading);
  if (!read) co_return read.error();
  std::vector<SeatRecord> records;
  for (std::uint32_t index = from; index < end; ++index) {
    records.push_back({numbering->id_of(index), redis::decode_record((*read)[index - from])});
  }
  co_return records;
}

Task<Result<std::size_t>> RedisSeatLedger::correct(EventId event,
                                                   std::vector<SeatCorrection> corrections) {
  const std::optional<SeatNumbering> numbering = numbering_of(event);
  if (!numbering) co_return Code::event_not_found;
  std::vector<std::uint32_t> indices;
  for (const SeatCorrection& correction : corrections) {
    const std::uint32_t index = numbering->index_of(correction.seat);
    if (index >= numbering->count) co_return Code::seat_not_found;
    indices.push_back(index);
  }
  auto reading = raw_records(event, indices);
  const Result<std::vector<std::string>> before = co_await std::move(reading);
  if (!before) co_return before.error();
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < corrections.size(); ++i) {
    const SeatCorrection& correction = corrections[i];
    if (redis::decode_record((*before)[i]) != correction.seen) continue;
    steps.push_back(
        redis::encode_replace(indices[i], (*before)[i], redis::encode_record(correction.right)));
  }
  if (!steps.empty()) {
    Task<Status> stepping = apply_steps(event, std::move(steps));
    const Status done = co_await std::move(stepping);
    if (!done) co_return done.error();
    woken(event);
  }
  auto again = raw_records(event, std::move(indices));
  const Result<std::vector<std::string>> after = co_await std::move(again);
  if (!after) co_return after.error();
  std::size_t right = 0;
  for (std::size_t i = 0; i < corrections.size(); ++i) {
    if (redis::decode_record((*after)[i]) == corrections[i].right) ++right;
  }
  co_return right;
}

}  // namespace onsale
