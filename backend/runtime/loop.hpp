// AsioScheduler: the real event loop, one io_context turned by one thread. The HTTP edge and every
// adapter that wants Asio (a driver's socket, a timer) hang their work on io(); all others see only
// the Scheduler.
#pragma once

#include <memory>

#include "runtime/scheduler.hpp"

namespace boost::asio {
class io_context;
}

namespace onsale {

class AsioScheduler final : public Scheduler {
 public:
  AsioScheduler();
  ~AsioScheduler() override;  // a bug while run() is on some thread's stack
  AsioScheduler(const AsioScheduler&) = delete;
  AsioScheduler& operator=(const AsioScheduler&) = delete;

  void post(std::function<void()> work) override;
  void post_after(Milliseconds delay, std::function<void()> work) override;

  // Turns the loop on the calling thread until stop(). At most one thread, at most once.
  void run();
  // Any thread. Work not yet run is dropped.
  void stop();

  // For code inside runtime/ and drivers that speak Asio. Only the turning thread may touch objects
  // made on it (the context skips the locks of its reactor); post() is the way in from elsewhere.
  boost::asio::io_context& io();

 private:
  std::unique_ptr<boost::asio::io_context> io_;
};

}  // namespace onsale
