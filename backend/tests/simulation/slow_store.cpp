// Each call: a moment on the way there, the deed, a moment on the way back. A crash can fall into
// either, so a commit may or may not be heard of.
#include "tests/simulation/slow_store.hpp"

namespace onsale::simulation {

Task<Result<PlaceOutcome>> SlowOrders::place(PlaceOrder command) {
  co_await a_moment();
  if (refused()) co_return away();
  PlaceOrder copy = command;
  Result<PlaceOutcome> outcome = co_await orders_.place(std::move(copy));
  if (outcome && *outcome == PlaceOutcome::placed) {
    witness_.committed(command);
    if (wake_) wake_();
  }
  co_await a_moment();
  if (weather_.dead) co_return away();
  co_return outcome;
}

Task<Result<AdvanceOutcome>> SlowOrders::advance(AdvanceOrder command) {
  co_await a_moment();
  if (refused()) co_return away();
  AdvanceOrder copy = command;
  Result<AdvanceOutcome> outcome = co_await orders_.advance(std::move(copy));
  if (outcome && *outcome == AdvanceOutcome::advanced) {
    witness_.committed(command);
    if (wake_) wake_();
  }
  co_await a_moment();
  if (weather_.dead) co_return away();
  co_return outcome;
}

Task<Result<Order>> SlowOrders::find(OrderId id) {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await orders_.find(id);
}

Task<Result<std::optional<StoredAnswer>>> SlowOrders::find_answer(IdempotencyScope scope) {
  co_await a_moment();
  if (refused()) co_return away();
  Result<std::optional<StoredAnswer>> answer = co_await orders_.find_answer(std::move(scope));
  co_return answer;
}

Task<Result<OrderPage>> SlowOrders::list(BuyerId buyer, std::optional<OrderId> after,
                                         std::size_t max) {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await orders_.list(buyer, after, max);
}

Task<Result<std::vector<Order>>> SlowOrders::open_orders(std::optional<OrderId> after,
                                                         std::size_t max) {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await orders_.open_orders(after, max);
}

Task<Result<std::vector<SeatClaim>>> SlowOrders::claims() {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await orders_.claims();
}

Task<Result<std::size_t>> SlowOrders::purge_answers(Instant before, std::size_t max) {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await orders_.purge_answers(before, max);
}

Task<Result<std::vector<Order>>> SlowOrders::cancel_all(EventId event, Instant at) {
  co_await a_moment();
  if (refused()) co_return away();
  Result<std::vector<Order>> cancelled = co_await orders_.cancel_all(event, at);
  if (cancelled) {
    witness_.committed_reset(event, *cancelled);
    if (wake_) wake_();
  }
  co_await a_moment();
  if (weather_.dead) co_return away();
  co_return cancelled;
}

Task<Result<std::vector<Message>>> SlowOrders::pending(std::size_t max) {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await outbox_.pending(max);
}

Task<Status> SlowOrders::mark_sent(std::vector<MessageId> ids) {
  co_await a_moment();
  if (refused()) co_return away();
  Status marked = co_await outbox_.mark_sent(std::move(ids));
  co_return marked;
}

Task<Result<OutboxBacklog>> SlowOrders::backlog() {
  co_await a_moment();
  if (refused()) co_return away();
  co_return co_await outbox_.backlog();
}

Task<Result<bool>> SlowOrders::seen(std::string consumer, MessageId id) {
  co_await a_moment();
  if (refused()) co_return away();
  Result<bool> known = co_await inbox_.seen(std::move(consumer), id);
  co_return known;
}

Task<Status> SlowOrders::record(std::string consumer, std::vector<MessageId> ids) {
  co_await a_moment();
  if (refused()) co_return away();
  Status recorded = co_await inbox_.record(std::move(consumer), std::move(ids));
  co_await a_moment();
  if (weather_.dead) co_return away();
  co_return recorded;
}

Task<Result<payment::Movement>> ProviderLine::apply(ProviderEntry entry) {
  if (!weather_.dead) return book_.apply(std::move(entry));
  if (dice_.chance(0.5)) late_(std::move(entry));
  return Result<payment::Movement>{Code::unavailable};
}

Task<Result<AttemptState>> ProviderLine::state_of(AttemptId attempt) {
  if (!weather_.dead) return book_.state_of(attempt);
  return Result<AttemptState>{Code::unavailable};
}

}  // namespace onsale::simulation
