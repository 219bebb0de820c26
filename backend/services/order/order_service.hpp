// OrderService: from "I want these seats" to CONFIRMED or CANCELLED. It places orders (idempotency
// first, pin, one durable write) and drives each to its end (the saga); services/order/saga.cpp
// tells that story step by step.
//
// What is promised:
// - One key, one order: while the first call runs its twins are idempotency_in_progress; afterwards
//   they get its answer byte for byte. Another body under the key: idempotency_key_reused. Refusals
//   before the order exists are not stored: nothing happened, the key stays free.
// - Anything that fails after the pin unpins.
// - Every order reaches CONFIRMED or CANCELLED: driven by the call that placed it, or, after a crash
//   or when that was too much at once, by the sweep.
// Thread-safe. A saga runs on the loop that placed the order; start() and stop() see to the rest.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "domain/payment/backoff.hpp"
#include "ports/catalogue.hpp"
#include "ports/clock.hpp"
#include "ports/event_bus.hpp"
#include "ports/order_store.hpp"
#include "ports/payments.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "runtime/scheduler.hpp"
#include "runtime/task.hpp"
#include "services/order/order_stats.hpp"

namespace onsale {

struct PlaceRequest {
  BuyerId buyer;
  EventId event;
  SeatIds seats;
  std::string key;        // Idempotency-Key, checked by the edge
  std::string body_hash;  // of the request's body
  TraceId trace_id;
};

// The answer to be stored under the key; made once, by the edge, which alone knows the wire.
struct RenderedAnswer {
  int http_status = 0;
  std::string location;
  std::string body;
};
using AnswerRenderer = std::function<RenderedAnswer(const Order&)>;

struct PlacedOrder {
  StoredAnswer answer;
  bool replayed = false;
};
using PlaceAnswer = LedgerAnswer<PlacedOrder>;

struct OrderPolicy {
  Milliseconds payments_deadline{30'000};
  // A pin outlives pay_by by this: time to write down and sell what was authorised at the last.
  Milliseconds pin_margin{10'000};
  std::size_t placing_max = 4096;         // calls between their key and their answer
  std::size_t sagas_max = 4096;           // driven at once
  std::size_t sagas_queued_max = 65'536;  // waiting; more are left to the sweep
  // How often the sweep looks whether there is anything to pick up, and how often it reads all open
  // orders even if nothing was left behind knowingly.
  Milliseconds sweep_every{1000};
  Milliseconds full_sweep_every{5000};
  std::size_t sweep_page = 256;
  Milliseconds sweep_older_than{1000};  // younger orders are left to the call that placed them
  Milliseconds answers_kept{24 * 3600 * 1000};
  std::size_t purge_batch = 500;
  Milliseconds purge_every{10'000};
  payment::Backoff retry;  // of a saga's step whose port is away
  // True: the saga settles the seats itself, at once; what events tell suffices too. False: seats are
  // settled by the reservation side alone, which hears of the payment by event and answers by event;
  // an answer that is not there after answer_wait is asked for again.
  bool fast_path = true;
  Milliseconds answer_wait{5000};
  // Whether the saga itself tells SEATS_SOLD and SEATS_RELEASED; not where the reservation side does.
  bool announce_seats = true;
};

struct OrderPorts {
  OrderStore& orders;
  SeatLedger& ledger;
  SeatLedgerAdmin& ledger_admin;
  Catalogue& catalogue;
  Payments& payments;
  Clock& clock;
  IdSource& ids;
  // Without the fast path: where seats are asked for again. Without it they are settled directly.
  EventBus* asks = nullptr;
};

class OrderService {
 public:
  OrderService(OrderPorts ports, OrderPolicy policy);
  ~OrderService();  // a bug unless idle()
  OrderService(const OrderService&) = delete;
  OrderService& operator=(const OrderService&) = delete;

  // Recovery of every open order, the sweep and the purge, on the loop that calls. Once.
  void start();
  // Sagas stop between two steps; what is open stays open in the store, for the next start. From
  // any thread; wait for idle() before destroying. Steps in flight end within their own deadlines.
  void stop();
  [[nodiscard]] bool idle() const { return group_.running() == 0; }

  Task<PlaceAnswer> place(PlaceRequest request, AnswerRenderer render);
  // Someone else's is order_not_found.
  Task<Result<Order>> find(BuyerId buyer, OrderId id);
  Task<Result<OrderPage>> list(BuyerId buyer, std::optional<OrderId> after, std::size_t max);
  // Internal: asks payment for an order's one attempt, now. What the saga asked already is told.
  Task<Result<AuthoriseOutcome>> authorise(OrderId id);
  // How seat.events reach this service: drives an order that waits for its seats to its next state,
  // whoever was driving it before. `unavailable`: bring it again. What the order's state in the store
  // does not wait for changes nothing. The bus must not outlive this object.
  void subscribe_to(EventBus& bus);
  Task<Status> on_seats_answered(Message message);
  // Cancels every order of the event, frees every seat, then voids and refunds. ok: orders and
  // seats are done; money follows in the background, also over a crash.
  Task<Status> reset_event(EventId event);

  [[nodiscard]] const OrderStats& stats() const { return stats_; }

 private:
  // services/order/place.cpp
  Task<PlaceAnswer> place_once(const PlaceRequest& request, const AnswerRenderer& render);
  Task<std::optional<PlaceAnswer>> stored_answer(const PlaceRequest& request);
  Task<PlaceAnswer> pin_and_write(const PlaceRequest& request, const AnswerRenderer& render,
                                  const Quote& quote);
  Task<PlaceAnswer> write_pinned(const PlaceRequest& request, const AnswerRenderer& render,
                                 Order order, std::uint32_t pinned_epoch);
  Order new_order(const PlaceRequest& request, const Quote& quote);
  Task<void> unpin(const Order& order);

  // services/order/saga.cpp
  enum class Drive : std::uint8_t { taken, driven_already, no_room };
  Drive drive_soon(Order order);
  std::optional<OrderId> next_after(OrderId ended);
  Task<void> drive_in_turn(Order order);
  Task<void> drive(Order order);
  Task<bool> step(Order& order);
  Task<bool> authorise_step(Order& order);
  Task<bool> sell_step(Order& order);
  Task<bool> cancel_step(Order& order);
  Task<bool> finish_sale(Order& order, Version sold = {});
  Task<bool> finish_cancelling(Order& order);
  Task<bool> decide_not_to_sell(Order& order, order::Reason reason);
  Task<bool> advance(Order& order, AdvanceOrder command);
  AdvanceOrder transition(const Order& order, order::Status to);
  Message message_of(const Order& order, MessageType type, order::Reason reason, Instant at);

  // services/order/answers.cpp
  [[nodiscard]] bool waits_for_answer(const Order& order) const;
  [[nodiscard]] bool answer_overdue(const Order& order) const;
  [[nodiscard]] bool is_driven_here(OrderId id);
  Task<void> ask_for_seats(Order order);

  // services/order/recovery.cpp
  Task<void> sweep_until_stopped();
  [[nodiscard]] bool worth_sweeping();
  Task<void> sweep(Instant created_before);
  Task<void> purge_until_stopped();
  Task<void> sleep_unless_stopped(Milliseconds delay);

  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_acquire); }

  OrderPorts ports_;
  OrderPolicy policy_;
  OrderStats stats_;
  UuidV7Sequence order_ids_;  // a buyer's list is in the order of placing
  TaskGroup group_;
  std::atomic<bool> stopped_{false};

  Mutex placing_mutex_;
  std::unordered_set<std::string> placing_ ONSALE_GUARDED_BY(placing_mutex_);

  Mutex driving_mutex_;
  std::unordered_set<OrderId> driving_ ONSALE_GUARDED_BY(driving_mutex_);  // running and queued
  std::deque<OrderId> queued_ ONSALE_GUARDED_BY(driving_mutex_);
  std::size_t running_ ONSALE_GUARDED_BY(driving_mutex_) = 0;
  bool left_behind_ ONSALE_GUARDED_BY(driving_mutex_) = false;  // there was no room for some order
  Instant swept_at_;                                            // the sweep's own
};

}  // namespace onsale
