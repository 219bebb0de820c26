// TracedBus: an EventBus that tells a Probe of each message's way out and of each consumer's work.
// It changes nothing else: the contract is the inner bus's. The inner bus, `probe` and `clock` outlive it.
//
// The span of a message's way out has the id that its traceparent names (spans::publishing), so the
// consumer's span finds its parent across processes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/clock.hpp"
#include "ports/event_bus.hpp"
#include "ports/probe.hpp"

namespace onsale {

class TracedBus final : public EventBus {
 public:
  // `probe` may be absent: then this is the inner bus.
  TracedBus(EventBus& inner, Probe* probe, const Clock& clock)
      : inner_(inner), probe_(probe), clock_(clock) {}

  void subscribe(std::string consumer_name, std::string topic, Consumer consumer) override;
  Task<Status> publish(std::vector<Message> messages) override;

 private:
  struct Published {
    TraceId trace;
    OrderId order;
    MessageId id;
    MessageType type;
  };
  static Task<Status> consume(TracedBus* self, std::string name, const Consumer* consumer,
                              Message message);
  Task<Status> publish_told(std::vector<Message> messages, std::vector<Published> followed);

  EventBus& inner_;
  Probe* const probe_;
  const Clock& clock_;
};

}  // namespace onsale
