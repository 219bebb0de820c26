// What every EventBus must do, told as cases over a bench that knows how its bus is opened, fed and
// waited for. In-process a message is handled when publish() answers; over a broker some time later.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "ports/event_bus.hpp"

namespace onsale::conformance {

class BusBench {
 public:
  virtual ~BusBench() = default;
  virtual EventBus& bus() = 0;
  // After the subscriptions, before the first message.
  virtual void open() = 0;
  virtual Status publish_now(std::vector<Message> messages) = 0;
  // Waits until `done()` or the bench's patience is over; tells whether it was done.
  virtual bool eventually(std::function<bool()> done) = 0;
};

struct BusCase {
  const char* name;
  void (*run)(BusBench&);
};
const std::vector<BusCase>& event_bus_cases();
// For the names that GoogleTest prints.
inline void PrintTo(const BusCase& bus_case, std::ostream* out) { *out << bus_case.name; }

// A whole message, as it may travel: the n-th, of that order.
Message bus_message(std::uint64_t n, std::uint64_t order,
                    MessageType type = MessageType::order_created);
// As the outbox does: again and again until the bus has taken them.
bool publish_until_taken(BusBench& bench, const std::vector<Message>& messages);

// Cases that buses made wrong on purpose must fail.
void an_orders_messages_come_in_their_order(BusBench& bench);
void a_failed_message_comes_again(BusBench& bench);

}  // namespace onsale::conformance
