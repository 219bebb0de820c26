// The second half of a visit: order, repeat with the same key, wait for the end; and the review
// after everything, when each acknowledgement is presented once more.
#include <algorithm>
#include <utility>

#include "rehearsal/buyer.hpp"

namespace onsale::rehearsal {

namespace {
constexpr Nanos poll_first = 100 * nanos_per_ms;
constexpr Nanos poll_max = nanos_per_second;
}  // namespace

Script<Buyer::End> Buyer::order(std::uint32_t hold, Nanos intended) {
  Request request{.call = Call::order, .method = "POST"};
  request.path = stage_.target.order() + "/orders";
  request.headers = "Idempotency-Key: " + random_key() + "\r\n";
  request.body = "{\"eventId\":" + std::to_string(stage_.options.event_id) + "," +
                 seats_json(stage_.history.holds[hold].seats) + "}";
  request.intended = intended;
  const Nanos begun = Loop::now();
  const auto patience = static_cast<Nanos>(stage_.options.patience_seconds * 1e9);
  bool was_unknown = false;
  stage_.history.holds[hold].order_sent = begun;
  ++orders_unknown_;  // until an answer says otherwise
  ++stage_.history.orders_unknown;
  while (true) {
    Request copy = request;
    const Answer answer = co_await office_.ask(std::move(copy));
    const bool waiting =
        answer.is(409) && read_problem(answer.response.body).code == "IDEMPOTENCY_IN_PROGRESS";
    const bool lost = answer.fate != Fate::answered || answer.response.status >= 500;
    if (lost || waiting) {
      // The same key asks "did you?" and "please do" in one.
      was_unknown = was_unknown || lost;
      if (Loop::now() - begun > patience) co_return End::unknown;
      Pause pause(stage_.loop, Loop::now() + think(200));
      request.intended = co_await pause;
      request.call = Call::replay;
      continue;
    }
    --orders_unknown_;
    --stage_.history.orders_unknown;
    if (was_unknown) ++stage_.tally.unknown_resolved;
    const auto body = answer.is(201) ? read_order(answer.response.body) : std::nullopt;
    if (!body) {
      if (answer.is(410) || answer.is(403) || answer.is(404) || answer.is(409)) {
        stage_.history.losses.push_back({.hold = hold,
                                         .code = read_problem(answer.response.body).code,
                                         .sent = begun,
                                         .answered = answer.answered_at});
      }
      co_return End::lapsed;
    }
    const std::uint32_t order = add_order(hold, *body, answer);
    if (chance(wishes_.retry_order)) {
      request.call = Call::replay;
      request.intended = 0;
      co_await replay(order, std::move(request), answer.response.body);
    }
    const End end = co_await follow_order(order);
    if (end != End::unknown) stage_.tally.settled.record(Loop::now() - answer.sent_at);
    co_return end;
  }
}

std::uint32_t Buyer::add_order(std::uint32_t hold, const OrderBody& body, const Answer& answer) {
  OrderRecord record{.buyer = number_, .hold = hold, .id = body.id};
  for (const std::uint64_t id : body.seat_ids) record.seats.push_back(stage_.seats.at(id));
  record.sent = answer.sent_at;
  record.acknowledged = answer.answered_at;
  const auto number = static_cast<std::uint32_t>(stage_.history.orders.size());
  stage_.history.orders.push_back(std::move(record));
  if (hold != none) stage_.history.holds[hold].order = number;
  orders_.push_back(number);
  ++stage_.tally.orders;
  return number;
}

Script<> Buyer::replay(std::uint32_t order, Request request, std::string first_body) {
  const Answer answer = co_await office_.ask(std::move(request));
  if (answer.fate != Fate::answered || answer.response.status >= 500) co_return;
  const bool same = answer.response.status == 201 && answer.response.body == first_body;
  const bool marked = answer.response.header("Idempotent-Replayed") == "true";
  if (same && marked) {
    ++stage_.tally.replays_identical;
    co_return;
  }
  ++stage_.history.broken_replays;
  stage_.history.remarks.push_back(
      "order " + stage_.history.orders[order].id + " asked for again with its key: answered " +
      std::to_string(answer.response.status) +
      (!same ? ", not the same bytes" : ", without Idempotent-Replayed: true"));
}

void Buyer::note_order(std::uint32_t order, const OrderBody& body, Nanos at) {
  OrderRecord& record = stage_.history.orders[order];
  if (record.confirmed != never && body.status != "CONFIRMED") {
    if (record.turned == never) record.turned = at;
    return;
  }
  if (body.status == "CONFIRMED" && record.confirmed == never) {
    record.confirmed = at;
    record.state = OrderState::confirmed;
    ++stage_.tally.confirmed;
    stage_.tally.seats_confirmed += record.seats.size();
  }
  if (body.status == "CANCELLED" && record.cancelled == never) {
    record.cancelled = at;
    record.state = OrderState::cancelled;
    ++stage_.tally.cancelled;
  }
}

Script<Buyer::End> Buyer::follow_order(std::uint32_t order) {
  const auto patience = static_cast<Nanos>(stage_.options.order_seconds_max * 1e9);
  const Nanos begun = Loop::now();
  Nanos interval = poll_first;
  while (Loop::now() - begun < patience) {
    Pause pause(stage_.loop, Loop::now() + interval / 2 +
                                 std::uniform_int_distribution<Nanos>(0, interval)(random_));
    interval = std::min(poll_max, interval * 3 / 2);
    Request request{.call = Call::poll, .method = "GET"};
    request.intended = co_await pause;
    request.path = stage_.target.order() + "/orders/" + stage_.history.orders[order].id;
    const Answer answer = co_await office_.ask(std::move(request));
    OrderRecord& record = stage_.history.orders[order];
    if (answer.is(404)) {
      record.missing = answer.answered_at;
      co_return End::unknown;
    }
    const auto body = answer.is(200) ? read_order(answer.response.body) : std::nullopt;
    if (!body) continue;
    note_order(order, *body, answer.answered_at);
    if (body->status == "CONFIRMED") co_return End::confirmed;
    if (body->status == "CANCELLED") co_return End::cancelled;
  }
  co_return End::unknown;
}

Script<> Buyer::review() {
  Request request{.call = Call::ask, .method = "GET"};
  request.path = stage_.target.order() + "/orders?limit=100";
  const Answer answer = co_await office_.ask(std::move(request));
  const auto listed = answer.is(200) ? read_orders(answer.response.body) : std::nullopt;
  if (listed) {
    for (const OrderBody& body : *listed) {
      const auto mine = std::find_if(orders_.begin(), orders_.end(), [&](std::uint32_t order) {
        return stage_.history.orders[order].id == body.id;
      });
      // One whose 201 never came: nothing was acknowledged, but it explains seats.
      const std::uint32_t order = mine != orders_.end() ? *mine : add_order(none, body, answer);
      note_order(order, body, answer.answered_at);
    }
    stage_.history.orders_unknown -= std::exchange(orders_unknown_, 0);
    for (const std::uint32_t order : orders_) {
      OrderRecord& record = stage_.history.orders[order];
      const bool found = std::any_of(listed->begin(), listed->end(),
                                     [&](const OrderBody& body) { return body.id == record.id; });
      if (!found && record.missing == never) record.missing = answer.answered_at;
    }
  }
  for (const std::uint32_t order : orders_) {
    Request again{.call = Call::poll, .method = "GET"};
    again.path = stage_.target.order() + "/orders/" + stage_.history.orders[order].id;
    const Answer told = co_await office_.ask(std::move(again));
    if (told.is(404)) stage_.history.orders[order].missing = told.answered_at;
    const auto body = told.is(200) ? read_order(told.response.body) : std::nullopt;
    if (body) note_order(order, *body, told.answered_at);
    // One that the visit followed to the end of its patience is not given more.
    const OrderRecord& record = stage_.history.orders[order];
    if (body && record.state == OrderState::open && record.hold == none) {
      co_await follow_order(order);
    }
  }
  office_.hang_up();
  reviewed_ = true;
}

}  // namespace onsale::rehearsal
