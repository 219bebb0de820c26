// WakeListener: hears that feeds have grown, whoever made them grow. One connection a master asks for
// CLIENT TRACKING in broadcast mode over the prefix of feed keys: Redis then tells once a turn of its
// own loop which feeds have changed, however many calls there were. No PUBLISH, nothing on the path
// of a call.
//
// What is told may be lost with the connection; so after each (re)connection, and once a second,
// everyone is woken for every feed heard of so far. Belongs to one loop, but listening().
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "adapters/redis/options.hpp"
#include "adapters/redis/wire.hpp"
#include "base/ids.hpp"
#include "runtime/loop.hpp"
#include "runtime/tcp_link.hpp"

namespace onsale::redis {

class WakeListener {
 public:
  WakeListener(AsioScheduler& loop, const Options& options, std::function<void(EventId)> wake,
               std::function<void(std::string_view)> on_trouble);
  ~WakeListener();
  WakeListener(const WakeListener&) = delete;
  WakeListener& operator=(const WakeListener&) = delete;

  void start();
  void stop();
  // Whether what happens now will be heard. Any thread.
  [[nodiscard]] bool listening() const { return listening_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> listening_{false};
};

}  // namespace onsale::redis
