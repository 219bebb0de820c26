// One producer for all, one Group for each consumer name.
#include "adapters/kafka/kafka_bus.hpp"

#include <atomic>
#include <unordered_map>
#include <utility>

#include "adapters/kafka/cloud_event.hpp"
#include "adapters/kafka/group.hpp"
#include "adapters/kafka/producer.hpp"
#include "base/assert.hpp"

namespace onsale {
namespace {

using OneOrder = std::vector<Message>;

std::vector<OneOrder> by_order(std::vector<Message> messages) {
  std::vector<OneOrder> orders;
  std::unordered_map<OrderId, std::size_t> place;
  for (Message& message : messages) {
    const auto [found, added] = place.try_emplace(message.order, orders.size());
    if (added) orders.emplace_back();
    orders[found->second].push_back(std::move(message));
  }
  return orders;
}

kafka::Record record_of(const Message& message, const std::string& prefix) {
  return {.topic = prefix + std::string{topic_of(message.type)},
          .key = message.order.to_string(),
          .value = cloud_event::encode(message),
          .headers = {{"content-type", std::string{cloud_event::kContentType}},
                      {"traceparent", cloud_event::traceparent_of(message)}}};
}

}  // namespace

struct KafkaBus::Parts {
  Parts(KafkaOptions the_options, std::vector<Scheduler*> the_loops)
      : options(std::move(the_options)), loops(std::move(the_loops)), producer(options) {}

  KafkaOptions options;
  std::vector<Scheduler*> loops;
  kafka::Producer producer;
  std::vector<std::unique_ptr<kafka::Group>> groups;  // torn down before the producer
  bool started = false;
  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> failures{0};
};

KafkaBus::KafkaBus(KafkaOptions options, std::vector<Scheduler*> loops)
    : parts_(std::make_unique<Parts>(std::move(options), std::move(loops))) {}
KafkaBus::~KafkaBus() = default;

void KafkaBus::subscribe(std::string consumer_name, std::string topic, Consumer consumer) {
  check(!parts_->started, "subscribe before the bus is started");
  for (auto& group : parts_->groups) {
    if (group->name() != consumer_name) continue;
    group->add(topic, std::move(consumer));
    return;
  }
  parts_->groups.push_back(std::make_unique<kafka::Group>(parts_->options, std::move(consumer_name),
                                                          parts_->producer, parts_->loops));
  parts_->groups.back()->add(topic, std::move(consumer));
}

Status KafkaBus::start() {
  check(!parts_->started, "a bus is started once");
  parts_->started = true;
  if (Status started = parts_->producer.start(); !started) return started;
  for (auto& group : parts_->groups) {
    if (Status started = group->start(); !started) {
      stop();
      return started;
    }
  }
  return ok();
}

void KafkaBus::stop() {
  for (auto& group : parts_->groups) group->stop();
  parts_->producer.stop();
}

bool KafkaBus::idle() const {
  for (const auto& group : parts_->groups) {
    if (!group->idle()) return false;
  }
  return parts_->producer.idle();
}

// Wave by wave: the first message of each order, then the second of those whose first was
// acknowledged. So no message of an order overtakes one that has to be sent again.
Task<Status> KafkaBus::publish(std::vector<Message> messages) {
  std::vector<OneOrder> orders = by_order(std::move(messages));
  bool all = true;
  for (std::size_t wave = 0; !orders.empty(); ++wave) {
    std::vector<kafka::Record> records;
    records.reserve(orders.size());
    for (const OneOrder& order : orders) {
      records.push_back(record_of(order[wave], parts_->options.topic_prefix));
    }
    Task<std::vector<bool>> sending = parts_->producer.send(std::move(records));
    const std::vector<bool> acknowledged = co_await std::move(sending);
    std::vector<OneOrder> going_on;
    std::size_t sent = 0;
    for (std::size_t i = 0; i < orders.size(); ++i) {
      if (!acknowledged[i]) continue;
      ++sent;
      if (orders[i].size() > wave + 1) going_on.push_back(std::move(orders[i]));
    }
    parts_->published.fetch_add(sent, std::memory_order_relaxed);
    parts_->failures.fetch_add(orders.size() - sent, std::memory_order_relaxed);
    all = all && sent == orders.size();
    orders = std::move(going_on);
  }
  if (!all) co_return Status(Failure{Code::unavailable, "Kafka has not taken every message"});
  co_return ok();
}

KafkaStats KafkaBus::stats() const {
  KafkaStats stats;
  stats.reachable = parts_->producer.reachable();
  stats.published = parts_->published.load(std::memory_order_relaxed);
  stats.publish_failures = parts_->failures.load(std::memory_order_relaxed);
  for (const auto& group : parts_->groups) {
    const kafka::GroupStats& of = group->stats();
    stats.consumers.push_back({.name = group->name(),
                               .handled = of.handled.load(std::memory_order_relaxed),
                               .retries = of.retries.load(std::memory_order_relaxed),
                               .dead_letters = of.dead_letters.load(std::memory_order_relaxed),
                               .rebalances = of.rebalances.load(std::memory_order_relaxed),
                               .in_flight = of.in_flight.load(std::memory_order_relaxed),
                               .lag = of.lag.load(std::memory_order_relaxed)});
  }
  return stats;
}

}  // namespace onsale
