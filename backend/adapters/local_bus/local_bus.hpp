// LocalBus: the EventBus of one process. publish() hands each message to every consumer of its topic
// and answers when all have handled it. Messages of one order go one after the other; those of
// different orders side by side, up to a limit, so that consumers' own writes share commits.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ports/event_bus.hpp"

namespace onsale {

class LocalBus final : public EventBus {
 public:
  explicit LocalBus(std::size_t orders_at_once_max = 256)
      : orders_at_once_max_(orders_at_once_max) {}

  void subscribe(std::string consumer_name, std::string topic, Consumer consumer) override;
  Task<Status> publish(std::vector<Message> messages) override;

 private:
  struct Subscription {
    std::string consumer_name;
    std::string topic;
    Consumer consumer;
  };
  struct Round;
  Task<void> carry(Round& round);

  std::size_t orders_at_once_max_;
  std::vector<Subscription> subscriptions_;  // written before the first publish() only
};

}  // namespace onsale
