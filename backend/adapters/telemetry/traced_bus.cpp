// Spans around publish() and around each consumer.
#include "adapters/telemetry/traced_bus.hpp"

#include <memory>

namespace onsale {

void TracedBus::subscribe(std::string consumer_name, std::string topic, Consumer consumer) {
  if (probe_ == nullptr) {
    inner_.subscribe(std::move(consumer_name), std::move(topic), std::move(consumer));
    return;
  }
  auto kept = std::make_shared<const Consumer>(std::move(consumer));
  std::string name = consumer_name;
  inner_.subscribe(std::move(consumer_name), std::move(topic),
                   [this, kept, name = std::move(name)](Message message) {
                     if (!probe_->follows(message.trace_id)) return (*kept)(std::move(message));
                     return consume(this, name, kept.get(), std::move(message));
                   });
}

Task<Status> TracedBus::consume(TracedBus* self, std::string name, const Consumer* consumer,
                                Message message) {
  const Instant began = self->clock_.now();
  Span span;
  span.trace = message.trace_id;
  span.parent = spans::publishing(message.id);
  span.kind = SpanKind::consumer;
  span.name = "consume " + std::string{name_of(message.type)};
  span.notes = {{"messaging.consumer.group.name", std::move(name)},
                {"messaging.destination.name", std::string{topic_of(message.type)}},
                {"messaging.message.id", message.id.to_string()},
                {"onsale.order", message.order.to_string()}};
  Task<Status> handling = (*consumer)(std::move(message));
  const Status done = co_await std::move(handling);
  span.began_us = ms_of(began) * 1000;
  span.took_us = (self->clock_.now() - began).count() * 1000;
  span.failed = !done;
  self->probe_->tell(std::move(span));
  co_return done;
}

Task<Status> TracedBus::publish(std::vector<Message> messages) {
  std::vector<Published> followed;
  if (probe_ != nullptr) {
    for (const Message& message : messages) {
      if (!probe_->follows(message.trace_id)) continue;
      followed.push_back({message.trace_id, message.order, message.id, message.type});
    }
  }
  if (followed.empty()) return inner_.publish(std::move(messages));
  return publish_told(std::move(messages), std::move(followed));
}

Task<Status> TracedBus::publish_told(std::vector<Message> messages,
                                     std::vector<Published> followed) {
  const Instant began = clock_.now();
  const std::size_t batch = messages.size();
  Task<Status> publishing = inner_.publish(std::move(messages));
  const Status done = co_await std::move(publishing);
  const std::int64_t took_us = (clock_.now() - began).count() * 1000;
  for (const Published& each : followed) {
    Span span;
    span.trace = each.trace;
    span.id = spans::publishing(each.id);
    span.parent = spans::saga(each.order);
    span.kind = SpanKind::producer;
    span.name = "publish " + std::string{name_of(each.type)};
    span.began_us = ms_of(began) * 1000;
    span.took_us = took_us;
    span.failed = !done;
    span.notes = {{"messaging.destination.name", std::string{topic_of(each.type)}},
                  {"messaging.message.id", each.id.to_string()},
                  {"messaging.batch.message_count", std::to_string(batch)},
                  {"onsale.order", each.order.to_string()}};
    probe_->tell(std::move(span));
  }
  co_return done;
}

}  // namespace onsale
