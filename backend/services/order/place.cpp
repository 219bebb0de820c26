// Placing an order: idempotency first, then the catalogue, then the pin, then one durable write.
// What fails after the pin unpins.
#include <algorithm>
#include <utility>

#include "services/order/order_service.hpp"

namespace onsale {
namespace {

constexpr const char* kRoute = "POST /orders";

bool names_a_seat_twice(SeatIds seats) {
  std::sort(seats.begin(), seats.end());
  return std::adjacent_find(seats.begin(), seats.end()) != seats.end();
}

IdempotencyScope scope_of(const PlaceRequest& request) {
  return {request.buyer, kRoute, request.key};
}

// The key of the calls in progress.
std::string slot_of(const PlaceRequest& request) {
  const auto buyer = uuid_chars(request.buyer.bits);
  std::string slot(buyer.data(), buyer.size());
  slot += request.key;
  return slot;
}

// The store's claims stand against the ledger's word: whose the seats are cannot be told from here.
Refused claimed_by_another(const SeatIds& seats) {
  Refused refused{Code::reservation_conflict, {}};
  for (const SeatId seat : seats) refused.seats.push_back({seat, seat::WireStatus::held});
  return refused;
}

}  // namespace

Task<PlaceAnswer> OrderService::place(PlaceRequest request, AnswerRenderer render) {
  if (request.seats.empty() || names_a_seat_twice(request.seats)) co_return Code::validation_failed;
  const std::string slot = slot_of(request);
  {
    const Lock lock(placing_mutex_);
    if (placing_.size() >= policy_.placing_max) co_return Code::unavailable;
    if (!placing_.insert(slot).second) co_return Code::idempotency_in_progress;
  }
  Task<PlaceAnswer> placing = place_once(request, render);
  PlaceAnswer answer = co_await std::move(placing);
  {
    const Lock lock(placing_mutex_);
    placing_.erase(slot);
  }
  if (!answer.granted()) stats_.refused.fetch_add(1, std::memory_order_relaxed);
  co_return answer;
}

Task<PlaceAnswer> OrderService::place_once(const PlaceRequest& request,
                                           const AnswerRenderer& render) {
  Task<std::optional<PlaceAnswer>> looking = stored_answer(request);
  std::optional<PlaceAnswer> stored = co_await std::move(looking);
  if (stored) co_return std::move(*stored);

  const Result<catalog::SaleState> sale =
      ports_.catalogue.sale_state(request.event, ports_.clock.now());
  if (!sale) co_return sale.code();
  const Result<Quote> quote = ports_.catalogue.quote(request.event, request.seats);
  if (!quote) co_return quote.code();
  if (*sale != catalog::SaleState::on_sale) co_return Code::not_on_sale;

  Task<PlaceAnswer> writing = pin_and_write(request, render, *quote);
  co_return co_await std::move(writing);
}

// nullopt: nothing is stored under this key.
Task<std::optional<PlaceAnswer>> OrderService::stored_answer(const PlaceRequest& request) {
  IdempotencyScope scope = scope_of(request);
  auto looking = ports_.orders.find_answer(std::move(scope));
  Result<std::optional<StoredAnswer>> found = co_await std::move(looking);
  if (!found) co_return PlaceAnswer(Code::unavailable);
  if (!*found) co_return std::nullopt;
  StoredAnswer& stored = **found;
  if (stored.body_hash != request.body_hash) co_return PlaceAnswer(Code::idempotency_key_reused);
  stats_.replayed.fetch_add(1, std::memory_order_relaxed);
  PlacedOrder replay{std::move(stored), true};
  co_return PlaceAnswer(std::move(replay));
}

Task<PlaceAnswer> OrderService::pin_and_write(const PlaceRequest& request,
                                              const AnswerRenderer& render, const Quote& quote) {
  Order order = new_order(request, quote);
  const OrderId id = order.id;
  {
    const Lock lock(placing_mutex_);
    pinning_.emplace(id, order.trace_id);
  }
  Task<PlaceAnswer> placing = pin_then_write(request, render, std::move(order));
  PlaceAnswer answer = co_await std::move(placing);
  {
    const Lock lock(placing_mutex_);
    pinning_.erase(id);
  }
  co_return answer;
}

Task<PlaceAnswer> OrderService::pin_then_write(const PlaceRequest& request,
                                               const AnswerRenderer& render, Order order) {
  Task<LedgerAnswer<PinGranted>> pinning = ports_.ledger.pin(
      order.event, order.seats, order.buyer, order.id, order.pay_by + policy_.pin_margin);
  const LedgerAnswer<PinGranted> pinned = co_await std::move(pinning);
  if (!pinned.granted()) {
    // Away in the middle of it: it may have pinned.
    if (pinned.refused().code == Code::unavailable) co_await unpin(order);
    co_return pinned.refused();
  }
  const std::uint32_t epoch = pinned.value().version.epoch();
  Task<PlaceAnswer> writing = write_pinned(request, render, std::move(order), epoch);
  co_return co_await std::move(writing);
}

Task<PlaceAnswer> OrderService::write_pinned(const PlaceRequest& request,
                                             const AnswerRenderer& render, Order order,
                                             std::uint32_t pinned_epoch) {
  RenderedAnswer rendered = render(order);
  StoredAnswer answer{request.body_hash, rendered.http_status, std::move(rendered.location),
                      std::move(rendered.body), order.created_at};
  PlaceOrder command{order, pinned_epoch, scope_of(request), answer, {}};
  command.messages.push_back(
      message_of(order, MessageType::order_created, order::Reason::none, order.created_at));
  auto writing = ports_.orders.place(std::move(command));
  const Result<PlaceOutcome> outcome = co_await std::move(writing);

  if (outcome && *outcome == PlaceOutcome::placed) {
    stats_.placed.fetch_add(1, std::memory_order_relaxed);
    const OrderId id = order.id;
    if (drive_soon(std::move(order)) == Drive::no_room) let_go(id);
    PlacedOrder placed{std::move(answer), false};
    co_return PlaceAnswer(std::move(placed));
  }
  co_await unpin(order);
  if (!outcome) co_return Code::unavailable;
  if (*outcome == PlaceOutcome::seat_claimed) co_return claimed_by_another(order.seats);
  if (*outcome == PlaceOutcome::pin_outdated) co_return Code::unavailable;
  // Another process answered under this key meanwhile.
  Task<std::optional<PlaceAnswer>> looking = stored_answer(request);
  std::optional<PlaceAnswer> stored = co_await std::move(looking);
  if (!stored) co_return Code::unavailable;
  co_return std::move(*stored);
}

Order OrderService::new_order(const PlaceRequest& request, const Quote& quote) {
  const Instant now = ports_.clock.now();
  Order order;
  order.id = OrderId{order_ids_.next(now, ports_.ids.random_bits())};
  order.buyer = request.buyer;
  order.event = request.event;
  order.seats = request.seats;
  order.total = quote.total;
  order.currency = quote.currency;
  order.attempt = AttemptId{uuid_v7(now, ports_.ids.random_bits())};
  order.created_at = now;
  order.pay_by = now + policy_.payments_deadline;
  order.updated_at = now;
  order.trace_id = request.trace_id;
  return order;
}

// If the ledger is away, the pin ends by itself at its deadline.
Task<void> OrderService::unpin(const Order& order) {
  Task<LedgerAnswer<Version>> settling =
      ports_.ledger.settle(order.event, order.seats, order.id, Settlement::unpin);
  const LedgerAnswer<Version> settled = co_await std::move(settling);
  static_cast<void>(settled);
}

}  // namespace onsale
