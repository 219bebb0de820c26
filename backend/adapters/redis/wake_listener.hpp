// WakeListener: hears that feeds have grown, whoever made them grow. One connection a master asks for
// CLIENT TRACKING in broadcast mode over the prefix of feed keys: Redis then tells, once a turn of its
// own loop, which feeds have changed, however many calls there were. No PUBLISH; nothing on the path
// of a call.
//
// What is told may be lost with a connection: so after each new one, and once a second, wake_all().
// Belongs to one loop, but for listening().
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "adapters/redis/options.hpp"
#include "base/ids.hpp"
#include "runtime/loop.hpp"

namespace onsale::redis {

class WakeListener {
 public:
  struct Hooks {
    std::function<std::vector<Endpoint>()> masters;  // where to listen
    std::function<void(EventId)> wake;
    std::function<void()> wake_all;
  };
  WakeListener(AsioScheduler& loop, const Options& options, Hooks hooks);
  ~WakeListener();
  WakeListener(const WakeListener&) = delete;
  WakeListener& operator=(const WakeListener&) = delete;

  void start();
  void stop();
  // Whether every master is listened to, as far as we know. Any thread.
  [[nodiscard]] bool listening() const { return listening_.load(std::memory_order_relaxed); }

 private:
  class Ear;
  void look_around();

  AsioScheduler& loop_;
  const Options& options_;
  Hooks hooks_;
  std::map<Endpoint, std::unique_ptr<Ear>> ears_;
  int rounds_ = 0;
  bool stopped_ = false;
  std::atomic<bool> listening_{false};
  std::shared_ptr<bool> alive_;
};

}  // namespace onsale::redis
