// ChaoticBus: a bus as a broker with several partitions is one, at its worst. publish() only keeps
// the message; later each consumer gets each order's messages in their order, but late, interleaved
// with other orders' in any order, some of them again, and some again from further back, as after a
// consumer that died before its commit. Topics in `lossy` lose what is published while it is set.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/event_bus.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {

class ChaoticBus final : public EventBus {
 public:
  ChaoticBus(Scheduler& loop, std::uint64_t seed) : loop_(loop), random_(seed) {}

  std::set<std::string> lossy;
  std::uint64_t deliveries = 0;
  std::uint64_t published = 0;

  // Everything has been taken by everyone, and nothing is on its way.
  [[nodiscard]] bool idle() const {
    return std::all_of(lines_.begin(), lines_.end(),
                       [](const auto& line) { return !line.second->under_way; });
  }

  void subscribe(std::string, std::string topic, Consumer consumer) override {
    consumers_.push_back({std::move(topic), std::move(consumer)});
  }
  Task<Status> publish(std::vector<Message> messages) override {
    for (const Message& message : messages) {
      const std::string topic{topic_of(message.type)};
      if (lossy.contains(topic)) continue;
      ++published;
      for (std::size_t i = 0; i < consumers_.size(); ++i) {
        if (consumers_[i].topic != topic) continue;
        auto& line = lines_[{i, message.order}];
        if (!line) line = std::make_shared<Line>();
        line->messages.push_back(message);
        if (!line->under_way) deliver_later(i, line);
      }
    }
    return ok();
  }

 private:
  // One order's messages to one consumer.
  struct Line {
    std::vector<Message> messages;
    std::size_t next = 0;
    bool under_way = false;
  };
  struct Subscription {
    std::string topic;
    Consumer consumer;
  };

  void deliver_later(std::size_t consumer, const std::shared_ptr<Line>& line) {
    line->under_way = true;
    const Milliseconds delay{static_cast<std::int64_t>(random_() % 400)};
    loop_.post_after(delay, [this, consumer, line] { detach(deliver(consumer, line)); });
  }
  Task<void> deliver(std::size_t consumer, std::shared_ptr<Line> line) {
    Message copy = line->messages[line->next];
    ++deliveries;
    Task<Status> handling = consumers_[consumer].consumer(std::move(copy));
    const Status handled = co_await std::move(handling);
    if (handled) ++line->next;
    // Now and then it comes again, or all of the order's do.
    const std::uint64_t fate = random_() % 10;
    if (handled && fate == 0) line->next = 0;
    if (handled && fate == 1) --line->next;
    line->under_way = false;
    if (line->next < line->messages.size()) deliver_later(consumer, line);
  }

  Scheduler& loop_;
  std::mt19937_64 random_;
  std::vector<Subscription> consumers_;
  std::map<std::pair<std::size_t, OrderId>, std::shared_ptr<Line>> lines_;
};

}  // namespace onsale
