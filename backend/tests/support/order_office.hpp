// The order side of an office on a test's own time: what is durable (Durable) outlives the services
// on top of it (OrderOffice), as after a kill. The invariants of the whole are asked of both.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/memory/orders.hpp"
#include "adapters/memory/provider_ledger.hpp"
#include "adapters/memory/seat_ledger.hpp"
#include "services/order/order_service.hpp"
#include "services/order/outbox_dispatcher.hpp"
#include "services/payment/payment_service.hpp"
#include "services/reservation/outcome_consumer.hpp"
#include "tests/support/leased_orders.hpp"
#include "tests/support/manual_scheduler.hpp"
#include "tests/support/mortal_ports.hpp"
#include "tests/support/plain_catalogue.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scripted_gateway.hpp"
#include "tests/support/seeded_ids.hpp"

namespace onsale {

// A bus that hands a message over at once; `down` while the test wants it so.
class PlainBus final : public EventBus {
 public:
  bool down = false;
  std::vector<Message> delivered;
  void subscribe(std::string, std::string topic, Consumer consumer) override {
    consumers_.emplace_back(std::move(topic), std::move(consumer));
  }
  Task<Status> publish(std::vector<Message> messages) override {
    for (const Message& message : messages) {
      if (down) co_return Code::unavailable;
      for (const auto& [topic, consumer] : consumers_) {
        if (topic != topic_of(message.type)) continue;
        Message copy = message;
        Task<Status> handling = consumer(std::move(copy));
        const Status handled = co_await std::move(handling);
        if (!handled) co_return handled;
      }
      delivered.push_back(message);
    }
    co_return ok();
  }

 private:
  std::vector<std::pair<std::string, Consumer>> consumers_;
};

struct Durable {
  ManualClock clock;
  ManualScheduler loop{clock};
  SeededIds ids;
  PlainCatalogue catalogue;
  MemoryOrders store;
  MemoryProviderLedger book;
  MemorySeatLedger seats{clock};
  ScriptedGateway gateway{book};

  Durable() {
    for (const std::uint64_t event : {1U, 2U}) {
      const SeatNumbering numbering{1, 1, 100};
      check(run_task(seats.open_event(EventId{event}, numbering, {})).has_value(), "no event");
    }
  }
  void hold(std::uint64_t buyer, const SeatIds& which, Milliseconds wanted = Milliseconds{60'000}) {
    HoldRequest request{EventId{1}, which, BuyerId{{0xB0, buyer}}, wanted, Milliseconds{900'000},
                        8};
    check(run_task(seats.hold(request)).granted(), "a test's hold was refused");
  }
  std::vector<Order> orders() {
    std::vector<Order> all;
    for (std::uint64_t n = 0; n < 20; ++n) {
      const OrderPage page = run_task(store.list(BuyerId{{0xB0, n}}, {}, 1000)).value();
      all.insert(all.end(), page.orders.begin(), page.orders.end());
    }
    return all;
  }
  seat::State seat(std::uint64_t id) {
    const auto records = run_task(seats.records(EventId{1})).value();
    for (const SeatRecord& record : records) {
      if (record.seat.value == id) return record.state;
    }
    return seat::Blocked{};
  }

  // What must hold once nothing moves any more; an empty text if it does.
  std::string broken_invariant() {
    std::map<std::pair<EventId, SeatId>, int> confirmed_for;
    for (const Order& order : orders()) {
      const std::string name = order.id.to_string() + " " + std::string(name_of(order.status));
      if (!order::is_final(order.status)) return "I12: not at an end: " + name;
      const AttemptState money = run_task(book.state_of(order.attempt)).value();
      const bool confirmed = order.status == order::Status::confirmed;
      if (confirmed != (money == AttemptState::captured)) {
        return "I2: " + name + " but money is " + std::string(name_of(money));
      }
      if (money == AttemptState::authorised) return "I2: never voided: " + name;
      if (confirmed && order.tickets.size() != order.seats.size()) return "no tickets: " + name;
      for (const SeatId id : order.seats) {
        if (confirmed && ++confirmed_for[{order.event, id}] > 1) return "I1: sold twice: " + name;
        if (order.event.value != 1) continue;
        const seat::State state = seat(id.value);
        const auto* sold = std::get_if<seat::Sold>(&state);
        if (confirmed != (sold != nullptr && sold->order == order.id)) return "I4: " + name;
        const auto* pinned = std::get_if<seat::Pinned>(&state);
        if (pinned != nullptr && pinned->order == order.id) return "still pinned: " + name;
      }
    }
    std::size_t claimed = 0;
    const auto claims_now = run_task(store.claims()).value();
    for (const SeatClaim& claim : claims_now) {
      if (!claim.sold) return "a claim of no order";
      ++claimed;
    }
    if (claimed != confirmed_for.size()) return "claims are not the confirmed seats";
    return "";
  }
};

// The saga as it runs on one machine, and as it runs on events alone: every test of it holds for both.
inline OrderPolicy saga_policy(bool fast_path) {
  OrderPolicy policy;
  policy.fast_path = fast_path;
  policy.announce_seats = fast_path;
  return policy;
}
inline std::string saga_name(bool fast_path) { return fast_path ? "FastPath" : "EventsAlone"; }

class OrderOffice {
 public:
  // With a bus of the test's own the reservation side answers on it, whatever the policy. With leases
  // it is one of several nodes.
  explicit OrderOffice(Durable& durable, OrderPolicy policy = {},
                       PaymentPolicy payments_policy = {}, Mortality mortality = {},
                       EventBus* other_bus = nullptr, SharedLeases* leases = nullptr, int node = 0)
      : life(mortality),
        durable_(durable),
        store_(life, durable.store),
        leased_(store_, life, leases, node),
        ledger_(life, durable.seats),
        gateway_(life, durable.gateway),
        payments(gateway_, durable.clock, durable.ids, payments_policy),
        consumer(ledger_, store_, answers_on(policy, other_bus)),
        dispatcher(store_, other_bus != nullptr ? *other_bus : bus, durable.clock, {}),
        orders({leased_, ledger_, durable.seats, durable.catalogue, payments, durable.clock,
                durable.ids, answers_on(policy, other_bus), leases != nullptr ? &leased_ : nullptr},
               policy) {
    consumer.subscribe_to(other_bus != nullptr ? *other_bus : bus);
    EventBus* const answers = answers_on(policy, other_bus);
    if (answers != nullptr) orders.subscribe_to(*answers);
  }
  ~OrderOffice() {
    orders.stop();
    payments.stop();
    dispatcher.stop();
    durable_.loop.run_until([this] { return orders.idle() && dispatcher.idle(); },
                            Milliseconds{600'000});
  }

  // As wiring does: the truth from the store first, then the background work.
  void start() {
    const Instant deadline = durable_.clock.now() + Milliseconds{40'000};
    auto claims = run_task(durable_.store.claims()).value();
    check(run_task(durable_.seats.restore(std::move(claims), deadline)).has_value(), "restore");
    durable_.loop.post([this] {
      orders.start();
      dispatcher.start();
    });
  }

  static PlaceRequest request(std::uint64_t buyer, const SeatIds& seats, const std::string& key) {
    return {BuyerId{{0xB0, buyer}}, EventId{1}, seats, key, "hash", TraceId{{1, 2}}};
  }
  static RenderedAnswer render(const Order& order) {
    return {201, "/orders/" + order.id.to_string(),
            "{\"orderId\":\"" + order.id.to_string() + "\"}"};
  }
  // Starts the call; the answer comes while the loop runs.
  void place_soon(PlaceRequest wanted, std::vector<PlaceAnswer>& answers) {
    durable_.loop.post([this, wanted = std::move(wanted), &answers] {
      detach(keep(orders.place(wanted, render), answers));
    });
  }
  PlaceAnswer place(PlaceRequest wanted) {
    std::vector<PlaceAnswer> answers;
    place_soon(std::move(wanted), answers);
    check(durable_.loop.run_until([&answers] { return !answers.empty(); }, Milliseconds{60'000}),
          "no answer");
    return answers.front();
  }
  PlaceAnswer place(std::uint64_t buyer, const SeatIds& seats, const std::string& key) {
    return place(request(buyer, seats, key));
  }
  Mortality life;

 private:
  EventBus* answers_on(const OrderPolicy& policy, EventBus* other_bus) {
    if (other_bus != nullptr) return other_bus;
    return policy.fast_path ? nullptr : &bus;
  }
  static Task<void> keep(Task<PlaceAnswer> placing, std::vector<PlaceAnswer>& answers) {
    PlaceAnswer answer = co_await std::move(placing);
    answers.push_back(std::move(answer));
  }
  Durable& durable_;
  MortalOrders store_;
  LeasedOrders leased_;
  MortalLedger ledger_;
  MortalGateway gateway_;

 public:
  PlainBus bus;
  PaymentService payments;
  OutcomeConsumer consumer;
  OutboxDispatcher dispatcher;
  OrderService orders;
};

}  // namespace onsale
