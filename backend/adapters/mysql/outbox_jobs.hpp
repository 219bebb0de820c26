// Relay: this node's part in sending what stands in the outbox. mysql_orders.hpp tells the rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "base/mutex.hpp"
#include "domain/order/message.hpp"
#include "ports/outbox.hpp"

namespace onsale::mysql {

// Thread-safe.
class Relay {
 public:
  Relay(Bits128 node, Milliseconds lease) : node_(node), lease_(lease) {}

  std::vector<Message> pending(Connection& connection, std::size_t max);
  // Inside a writer's transaction.
  void delete_sent(Connection& connection, const std::vector<MessageId>& ids);
  // After its commit.
  void forget(const std::vector<MessageId>& ids);

 private:
  bool sign_of_life_due();
  void show_life(Connection& connection);
  void take_over(Connection& connection);

  const Bits128 node_;
  const Milliseconds lease_;
  Mutex mutex_;
  std::int64_t shown_at_ms_ ONSALE_GUARDED_BY(mutex_) = 0;
  // Where the messages that pending() told lie, so that sent ones are found without an index by id.
  std::unordered_map<MessageId, std::int64_t> seq_of_ ONSALE_GUARDED_BY(mutex_);
};

OutboxBacklog count_backlog(Connection& connection);

}  // namespace onsale::mysql
