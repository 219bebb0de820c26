// The cases. A consumer may be called on any thread of its bus and more than once with a message:
// what the cases count is each message's first success.
#include "tests/conformance/event_bus_conformance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace onsale::conformance {
namespace {

constexpr int kPublishTries = 50;

// What has taken effect at one consumer, each message once, in the order of first success.
class Effects {
 public:
  void add(const Message& message) {
    const std::lock_guard lock(mutex_);
    if (seen_.insert(message.id).second) came_.push_back(message);
  }
  [[nodiscard]] std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return came_.size();
  }
  [[nodiscard]] bool has(std::uint64_t n) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(came_.begin(), came_.end(),
                       [n](const Message& one) { return one.id.bits.lo == n; });
  }
  // The numbers of an order's messages as they came.
  [[nodiscard]] std::vector<std::uint64_t> of_order(std::uint64_t order) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> numbers;
    for (const Message& one : came_) {
      if (one.order.bits.lo == order) numbers.push_back(one.id.bits.lo);
    }
    return numbers;
  }

 private:
  mutable std::mutex mutex_;
  std::set<MessageId> seen_;
  std::vector<Message> came_;
};

EventBus::Consumer into(std::shared_ptr<Effects> effects) {
  return [effects](Message message) -> Task<Status> {
    effects->add(message);
    return ok();
  };
}

void each_topic_reaches_its_consumers(BusBench& bench) {
  const auto orders = std::make_shared<Effects>();
  const auto seats = std::make_shared<Effects>();
  const auto both = std::make_shared<Effects>();
  bench.bus().subscribe("a", "order.events", into(orders));
  bench.bus().subscribe("b", "seat.events", into(seats));
  bench.bus().subscribe("c", "order.events", into(both));
  bench.bus().subscribe("c", "seat.events", into(both));
  bench.open();
  EXPECT_TRUE(
      publish_until_taken(bench, {bus_message(1, 1), bus_message(2, 1, MessageType::seats_sold),
                                  bus_message(3, 2, MessageType::order_confirmed)}));
  EXPECT_TRUE(bench.eventually(
      [&] { return orders->count() == 2 && seats->count() == 1 && both->count() == 3; }));
  EXPECT_TRUE(orders->has(1) && orders->has(3) && seats->has(2));
}

void a_message_arrives_as_it_was_sent(BusBench& bench) {
  const auto came = std::make_shared<std::vector<Message>>();
  const auto mutex = std::make_shared<std::mutex>();
  bench.bus().subscribe("a", "order.events", [came, mutex](Message message) -> Task<Status> {
    const std::lock_guard lock(*mutex);
    came->push_back(std::move(message));
    return ok();
  });
  bench.open();
  Message sent = bus_message(1, 1, MessageType::payment_failed);
  sent.reason = order::Reason::payment_declined;
  EXPECT_TRUE(publish_until_taken(bench, {sent}));
  EXPECT_TRUE(bench.eventually([&] {
    const std::lock_guard lock(*mutex);
    return !came->empty();
  }));
  const std::lock_guard lock(*mutex);
  if (came->empty()) return;
  const Message& got = came->front();
  EXPECT_EQ(got.id, sent.id);
  EXPECT_EQ(got.type, sent.type);
  EXPECT_EQ(got.order, sent.order);
  EXPECT_EQ(got.event, sent.event);
  EXPECT_EQ(got.seats.size(), sent.seats.size());
  EXPECT_EQ(got.buyer, sent.buyer);
  EXPECT_EQ(got.total, sent.total);
  EXPECT_EQ(got.currency, sent.currency);
  EXPECT_EQ(got.reason, sent.reason);
  EXPECT_EQ(got.at, sent.at);
  EXPECT_EQ(got.trace_id, sent.trace_id);
}

void what_follows_a_failure_does_not_overtake_it(BusBench& bench) {
  const auto effects = std::make_shared<Effects>();
  // The first message fails until another order's has come through.
  bench.bus().subscribe("a", "order.events", [effects](Message message) -> Task<Status> {
    if (message.id.bits.lo == 1 && !effects->has(3)) return Status(Code::unavailable);
    effects->add(message);
    return ok();
  });
  bench.open();
  EXPECT_TRUE(
      publish_until_taken(bench, {bus_message(1, 1), bus_message(2, 1), bus_message(3, 2)}));
  EXPECT_TRUE(bench.eventually([&] { return effects->count() == 3; }))
      << "order 1 waits, order 2 does not";
  EXPECT_EQ(effects->of_order(1), (std::vector<std::uint64_t>{1, 2}));
}

void one_consumers_failure_is_not_anothers(BusBench& bench) {
  const auto failing = std::make_shared<Effects>();
  const auto well = std::make_shared<Effects>();
  const auto tries = std::make_shared<std::atomic<int>>(0);
  bench.bus().subscribe("a", "order.events", [failing, tries](Message message) -> Task<Status> {
    if (++*tries < 3) return Status(Code::unavailable);
    failing->add(message);
    return ok();
  });
  bench.bus().subscribe("b", "order.events", into(well));
  bench.open();
  EXPECT_TRUE(publish_until_taken(bench, {bus_message(1, 1)}));
  EXPECT_TRUE(bench.eventually([&] { return failing->count() == 1 && well->count() == 1; }));
}

void nothing_to_publish_is_published(BusBench& bench) {
  bench.open();
  EXPECT_TRUE(bench.publish_now({}));
}

}  // namespace

void an_orders_messages_come_in_their_order(BusBench& bench) {
  constexpr std::uint64_t kMessages = 200;
  constexpr std::uint64_t kOrders = 7;
  const auto effects = std::make_shared<Effects>();
  bench.bus().subscribe("a", "order.events", into(effects));
  bench.open();
  std::vector<Message> messages;
  messages.reserve(kMessages);
  for (std::uint64_t n = 1; n <= kMessages; ++n)
    messages.push_back(bus_message(n, 1 + n % kOrders));
  EXPECT_TRUE(publish_until_taken(bench, messages));
  EXPECT_TRUE(bench.eventually([&] { return effects->count() == kMessages; }));
  for (std::uint64_t order = 1; order <= kOrders; ++order) {
    const auto numbers = effects->of_order(order);
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << "order " << order;
  }
}

void a_failed_message_comes_again(BusBench& bench) {
  const auto effects = std::make_shared<Effects>();
  const auto tries = std::make_shared<std::atomic<int>>(0);
  bench.bus().subscribe("a", "order.events", [effects, tries](Message message) -> Task<Status> {
    if (message.id.bits.lo == 1 && ++*tries < 4) return Status(Code::unavailable);
    effects->add(message);
    return ok();
  });
  bench.open();
  EXPECT_TRUE(publish_until_taken(bench, {bus_message(1, 1), bus_message(2, 2)}));
  EXPECT_TRUE(bench.eventually([&] { return effects->count() == 2; }));
}

Message bus_message(std::uint64_t n, std::uint64_t order, MessageType type) {
  Message message;
  message.id = MessageId{{1, n}};
  message.order = OrderId{{2, order}};
  message.type = type;
  message.event = EventId{1};
  message.seats = {SeatId{n}};
  message.buyer = BuyerId{{3, order}};
  message.total = {1000};
  message.currency = "KRW";
  message.at = instant_of_ms(1'795'370'413'123);
  message.trace_id = TraceId{{4, n}};
  return message;
}

bool publish_until_taken(BusBench& bench, const std::vector<Message>& messages) {
  for (int i = 0; i < kPublishTries; ++i) {
    if (bench.publish_now(messages)) return true;
  }
  return false;
}

const std::vector<BusCase>& event_bus_cases() {
  static const std::vector<BusCase> cases{
      {"EachTopicReachesItsConsumers", each_topic_reaches_its_consumers},
      {"AMessageArrivesAsItWasSent", a_message_arrives_as_it_was_sent},
      {"AnOrdersMessagesComeInTheirOrder", an_orders_messages_come_in_their_order},
      {"AFailedMessageComesAgain", a_failed_message_comes_again},
      {"WhatFollowsAFailureDoesNotOvertakeIt", what_follows_a_failure_does_not_overtake_it},
      {"OneConsumersFailureIsNotAnothers", one_consumers_failure_is_not_anothers},
      {"NothingToPublishIsPublished", nothing_to_publish_is_published},
  };
  return cases;
}

}  // namespace onsale::conformance
