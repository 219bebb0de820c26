// EventBus: carries messages from the outbox to their consumers. In-process by default, Kafka later.
//
// Contract: publish() answers only when the bus has taken responsibility for every message (in
// process: every consumer has handled it); messages of one order reach a consumer in the order they
// were published; a message may come more than once (consumers deduplicate by inbox). A consumer
// that answers a failure gets the message again later; it is never skipped. Subscribe before
// publishing. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/order/message.hpp"
#include "runtime/task.hpp"

namespace onsale {

class EventBus {
 public:
  using Consumer = std::function<Task<Status>(Message)>;
  virtual ~EventBus() = default;
  virtual void subscribe(std::string consumer_name, std::string topic, Consumer consumer) = 0;
  virtual Task<Status> publish(std::vector<Message> messages) = 0;
};

}  // namespace onsale
