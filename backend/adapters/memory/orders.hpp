// MemoryOrders: order store, outbox and inbox as plainly as they can be said: maps and one lock. The
// oracle of the conformance suites, and what services are tested on. Every call answers at once; a
// test that wants delays, failures or a crash between two calls wraps it. What is in it outlives the
// services on top, as a disk would.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/mutex.hpp"
#include "ports/order_store.hpp"
#include "ports/outbox.hpp"

namespace onsale {

class MemoryOrders : public OrderStore, public Outbox, public Inbox {
 public:
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
  void on_commit(std::function<void()> wake) override;

  Task<Result<bool>> seen(std::string consumer, MessageId id) override;
  Task<Status> record(std::string consumer, std::vector<MessageId> ids) override;

 private:
  using Scope = std::tuple<BuyerId, std::string, std::string>;

  void drop_claims(const Order& order) ONSALE_REQUIRES(mutex_);
  void add_messages(std::vector<Message> messages) ONSALE_REQUIRES(mutex_);
  void wake();

  Mutex mutex_;
  std::map<OrderId, Order> orders_ ONSALE_GUARDED_BY(mutex_);
  std::map<std::pair<EventId, SeatId>, OrderId> claims_ ONSALE_GUARDED_BY(mutex_);
  std::map<Scope, StoredAnswer> answers_ ONSALE_GUARDED_BY(mutex_);
  std::vector<Message> unsent_ ONSALE_GUARDED_BY(mutex_);
  std::set<std::pair<std::string, MessageId>> inbox_ ONSALE_GUARDED_BY(mutex_);
  std::function<void()> wake_ ONSALE_GUARDED_BY(mutex_);
};

}  // namespace onsale
