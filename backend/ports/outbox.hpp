// Outbox and Inbox: the two ends of at-least-once delivery with exactly-once effect.
//
// Outbox: rows written by OrderStore in the same transaction as the state they tell of. pending()
// gives unsent rows in an order that keeps each order's own sequence; a row is marked sent only
// after the bus (every consumer, in-process) has acknowledged it. Rows are found by being unsent,
// never by "id > last" (ids commit out of order).
// Inbox: remembers (consumer, message) that has taken effect. Thread-safe, durable like OrderStore.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/order/message.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct OutboxBacklog {
  std::size_t unsent = 0;
  Instant oldest;  // of the unsent; meaningless when there is none
};

class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual Task<Result<std::vector<Message>>> pending(std::size_t max) = 0;
  virtual Task<Status> mark_sent(std::vector<MessageId> ids) = 0;
  virtual Task<Result<OutboxBacklog>> backlog() = 0;
  // Called after a commit that added rows, from any thread; quick, no call back. Set once.
  virtual void on_commit(std::function<void()> wake) = 0;
};

class Inbox {
 public:
  virtual ~Inbox() = default;
  virtual Task<Result<bool>> seen(std::string consumer, MessageId id) = 0;
  virtual Task<Status> record(std::string consumer, std::vector<MessageId> ids) = 0;
};

}  // namespace onsale
