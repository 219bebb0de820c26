// The event loop over one io_context.
#include "runtime/loop.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace onsale {

namespace asio = boost::asio;

// One thread turns each context, so the reactor's own locks are dropped; the queue of posted work
// keeps its lock, because other threads post.
AsioScheduler::AsioScheduler()
    : io_(std::make_unique<asio::io_context>(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO)) {}
AsioScheduler::~AsioScheduler() = default;

void AsioScheduler::post(std::function<void()> work) { asio::post(*io_, std::move(work)); }

void AsioScheduler::post_after(Milliseconds delay, std::function<void()> work) {
  // A timer belongs to the reactor: it is made on the loop's own thread.
  const auto due = std::chrono::steady_clock::now() + delay;
  auto arm = [this, due, work = std::move(work)]() mutable {
    auto timer = std::make_unique<asio::steady_timer>(*io_, due);
    asio::steady_timer& ref = *timer;
    ref.async_wait(
        [timer = std::move(timer), work = std::move(work)](const boost::system::error_code& error) {
          if (!error) work();
        });
  };
  if (current() == this) {
    arm();
  } else {
    asio::post(*io_, std::move(arm));
  }
}

void AsioScheduler::run() {
  const auto stay = asio::make_work_guard(*io_);
  set_current(this);
  io_->run();
  set_current(nullptr);
}

void AsioScheduler::stop() { io_->stop(); }

asio::io_context& AsioScheduler::io() { return *io_; }

}  // namespace onsale
