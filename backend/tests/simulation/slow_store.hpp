// Between the simulated office and what is durable: adapters that take their time, fail when the
// weather says so, and are deaf and dumb once the office is dead. Whatever they commit they tell the
// witness at that very moment; the answer may still never reach the office.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ports/order_store.hpp"
#include "ports/outbox.hpp"
#include "ports/provider_ledger.hpp"
#include "runtime/scheduler.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/weather.hpp"
#include "tests/simulation/witness.hpp"

namespace onsale::simulation {

// Orders, outbox and inbox of the durable world, as one office reaches them.
class SlowOrders final : public OrderStore, public Outbox, public Inbox {
 public:
  SlowOrders(OrderStore& orders, Outbox& outbox, Inbox& inbox, Scheduler& loop, Weather& weather,
             Dice& dice, Witness& witness)
      : orders_(orders),
        outbox_(outbox),
        inbox_(inbox),
        loop_(loop),
        weather_(weather),
        dice_(dice),
        witness_(witness) {}

  Task<Result<PlaceOutcome>> place(PlaceOrder command) override;
  Task<Result<AdvanceOutcome>> advance(AdvanceOrder command) override;
  Task<Result<Order>> find(OrderId id) override;
  Task<Result<std::optional<StoredAnswer>>> find_answer(IdempotencyScope scope) override;
  Task<Result<OrderPage>> list(BuyerId buyer, std::optional<OrderId> after,
                               std::size_t max) override;
  Task<Result<std::vector<Order>>> open_orders(std::optional<OrderId> after,
                                               std::size_t max) override;
  Task<Result<std::vector<SeatClaim>>> claims() override;
  Task<Result<std::size_t>> purge_answers(Instant before, std::size_t max) override;
  Task<Result<std::vector<Order>>> cancel_all(EventId event, Instant at) override;

  Task<Result<std::vector<Message>>> pending(std::size_t max) override;
  Task<Status> mark_sent(std::vector<MessageId> ids) override;
  Task<Result<OutboxBacklog>> backlog() override;
  void on_commit(std::function<void()> wake) override { wake_ = std::move(wake); }

  Task<Result<bool>> seen(std::string consumer, MessageId id) override;
  Task<Status> record(std::string consumer, std::vector<MessageId> ids) override;

 private:
  [[nodiscard]] bool refused() {
    return weather_.dead || (weather_.store_refuses > 0 && dice_.chance(weather_.store_refuses));
  }
  Scheduler::Sleep a_moment() {
    const std::int64_t most = weather_.store_delay_max.count();
    return loop_.sleep_for(Milliseconds{weather_.dead ? 0 : dice_.between(0, most)});
  }
  static Failure away() { return {Code::unavailable, "the simulated store is away"}; }

  OrderStore& orders_;
  Outbox& outbox_;
  Inbox& inbox_;
  Scheduler& loop_;
  Weather& weather_;
  Dice& dice_;
  Witness& witness_;
  std::function<void()> wake_;
};

// The provider's book at the other end of the line. A call that is under way when the office dies may
// still take effect there, later: `late` takes those.
class ProviderLine final : public ProviderLedger {
 public:
  using Late = std::function<void(ProviderEntry)>;
  ProviderLine(ProviderLedger& book, const Weather& weather, Dice& dice, Late late)
      : book_(book), weather_(weather), dice_(dice), late_(std::move(late)) {}

  Task<Result<payment::Movement>> apply(ProviderEntry entry) override;
  Task<Result<AttemptState>> state_of(AttemptId attempt) override;
  Task<Result<std::vector<ProviderEntry>>> entries() override { return book_.entries(); }

 private:
  ProviderLedger& book_;
  const Weather& weather_;
  Dice& dice_;
  Late late_;
};

}  // namespace onsale::simulation
