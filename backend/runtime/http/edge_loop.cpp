// The rounds of one event loop.
#include "runtime/http/edge_loop.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "runtime/http/connection.hpp"

namespace onsale::http {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

namespace {

constexpr int kEventsPerWait = 128;
constexpr int kWaitsPerRound = 8;  // then posted work and timers get their turn
constexpr int kAcceptsPerTurn = 128;
constexpr std::size_t kSpareBlocksMax = 64;
constexpr std::size_t kSpareExchangesMax = 256;
constexpr std::size_t kRefusedOpenMax = 256;
constexpr std::size_t kOutBytesKept = 1024 * 1024;

// Fine enough for the shortest limit, coarse enough to cost nothing.
std::int64_t tick_of(const Limits& limits, const StreamHubLimits& streams) {
  const std::int64_t shortest =
      std::min({limits.header_time_max, limits.body_time_max, limits.idle_time_max,
                limits.write_time_max, limits.linger_time_max, streams.heartbeat_every,
                streams.write_stall_max})
          .count();
  return std::clamp<std::int64_t>(shortest / 4, 10, 250);
}

}  // namespace

struct EdgeLoop::Listener {
  Listener(asio::io_context& io, int listening, bool is_internal)
      : descriptor(io, listening), internal(is_internal) {}
  Descriptor descriptor;
  bool internal;
  bool paused = false;  // out of descriptors: the next tick tries again
};

struct EdgeLoop::Reactor {
  explicit Reactor(asio::io_context& io) : connections(io), viewers(io), ticker(io) {}
  Descriptor connections;  // the loop's epoll set
  Descriptor viewers;      // the hub's, owned by the hub
  asio::steady_timer ticker;
  std::vector<std::unique_ptr<Listener>> listeners;
};

EdgeLoop::EdgeLoop(EdgeShared& shared, std::size_t index) : shared_(shared), index_(index) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  check(epoll_ >= 0, "the kernel gave no epoll set");
  hub_ = std::make_unique<StreamHub>(shared.options.streams);
  reactor_ = std::make_unique<Reactor>(scheduler_.io());
  reactor_->connections.assign(epoll_);
  reactor_->viewers.assign(hub_->epoll_descriptor());
  scratch_ = {static_cast<char*>(std::malloc(kScratchBytes)), kScratchBytes};
  check(scratch_.data != nullptr, "out of memory for a loop");
  tick_ms_ = tick_of(shared.options.limits, shared.options.streams);
  date_.refresh(std::time(nullptr));
}

EdgeLoop::~EdgeLoop() {
  for (Slot& slot : slots_) delete slot.connection;
  reactor_->viewers.release();
  reactor_.reset();
  std::free(scratch_.data);
  for (char* block : spare_scratch_) std::free(block);
  while (free_exchanges_ != nullptr) {
    Exchange* exchange = free_exchanges_;
    free_exchanges_ = exchange->next_free;
    delete exchange;
  }
}

void EdgeLoop::add_listener(int descriptor, bool internal) {
  reactor_->listeners.push_back(std::make_unique<Listener>(scheduler_.io(), descriptor, internal));
}

void EdgeLoop::start() {
  watch();
  watch_hub();
  arm_tick();
  if (draining_) return;  // stopped before it started
  for (const auto& listener : reactor_->listeners) watch_listener(*listener);
}

// ---- rounds

void EdgeLoop::watch() {
  reactor_->connections.async_wait(Descriptor::wait_read,
                                   [this](const boost::system::error_code& error) {
                                     if (error) return;
                                     serve_ready();
                                     watch();
                                   });
}

void EdgeLoop::serve_ready() {
  in_round_ = true;
  epoll_event events[kEventsPerWait];
  for (int wait = 0; wait < kWaitsPerRound; ++wait) {
    const int ready = ::epoll_wait(epoll_, events, kEventsPerWait, 0);
    for (int i = 0; i < ready; ++i) {
      static_cast<Connection*>(events[i].data.ptr)->on_ready(events[i].events);
    }
    serve_deferred();
    // Few at once: the loop is not behind, and asking again would mostly be in vain.
    if (ready < 4 && deferred_.empty()) break;
  }
  in_round_ = false;
  bury();
  if (!deferred_.empty()) {
    Connection* waiting = deferred_.back();  // has the round go on after posted work
    deferred_.pop_back();
    waiting->deferred_ = false;
    run_later(waiting);
  }
}

void EdgeLoop::serve_deferred() {
  round_.swap(deferred_);
  for (Connection* connection : round_) connection->turn();
  round_.clear();
}

void EdgeLoop::run_later(Connection* connection) {
  if (!connection->deferred_) {
    connection->deferred_ = true;
    deferred_.push_back(connection);
  }
  if (in_round_ || round_posted_) return;
  round_posted_ = true;
  scheduler_.post([this] {
    round_posted_ = false;
    serve_deferred();
    bury();
  });
}

void EdgeLoop::bury() {
  if (graveyard_.empty()) return;
  auto kept = graveyard_.begin();
  for (Connection* connection : graveyard_) {
    if (connection->deferred_) {
      *kept++ = connection;  // still in a list; its turn is near
      continue;
    }
    Slot& slot = slots_[connection->slot_];
    slot = {};
    slot.next_free = free_slot_;
    free_slot_ = connection->slot_;
    if (!connection->counted_) --refused_open_;
    --live_;
    delete connection;
  }
  graveyard_.erase(kept, graveyard_.end());
  if (draining_) end_if_drained();
}

std::uint32_t EdgeLoop::enter(Connection* connection, int descriptor) {
  std::uint32_t at = free_slot_;
  if (at == kNever) {
    at = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    free_slot_ = slots_[at].next_free;
  }
  slots_[at] = {.due = kNever, .next_free = kNever, .connection = connection};
  ++live_;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = connection;
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  return at;
}

void EdgeLoop::forget(int descriptor) {
  epoll_event event{};
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, &event);
}

// ---- memory

Block EdgeLoop::take_scratch() {
  const Block taken = scratch_;
  if (spare_scratch_.empty()) {
    scratch_.data = static_cast<char*>(std::malloc(kScratchBytes));
    check(scratch_.data != nullptr, "out of memory for a loop");
  } else {
    scratch_.data = spare_scratch_.back();
    spare_scratch_.pop_back();
  }
  return taken;
}

void EdgeLoop::give_back(Block block) {
  if (block.capacity == kScratchBytes && spare_scratch_.size() < kSpareBlocksMax) {
    spare_scratch_.push_back(block.data);
  } else {
    std::free(block.data);
  }
}

Exchange* EdgeLoop::take_exchange() {
  if (free_exchanges_ == nullptr) return new Exchange;
  Exchange* exchange = free_exchanges_;
  free_exchanges_ = exchange->next_free;
  --free_exchange_count_;
  return exchange;
}

void EdgeLoop::give_back(Exchange* exchange) {
  if (free_exchange_count_ >= kSpareExchangesMax) {
    delete exchange;
    return;
  }
  exchange->next_free = free_exchanges_;
  free_exchanges_ = exchange;
  ++free_exchange_count_;
}

// ---- the coarse clock

void EdgeLoop::arm_tick() {
  reactor_->ticker.expires_after(std::chrono::milliseconds(tick_ms_));
  reactor_->ticker.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    tick();
    arm_tick();
  });
}

void EdgeLoop::tick() {
  ++now_;
  date_.refresh(std::time(nullptr));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].due > now_) continue;
    slots_[i].due = kNever;
    slots_[i].connection->on_deadline();
  }
  hub_->tick(tick_ms_);
  out_.give_back_memory(kOutBytesKept);
  for (const auto& listener : reactor_->listeners) {
    if (!listener->paused) continue;
    listener->paused = false;
    watch_listener(*listener);
  }
  bury();
  if (draining_) end_if_drained();
}

// ---- arrivals

void EdgeLoop::watch_listener(Listener& listener) {
  listener.descriptor.async_wait(Descriptor::wait_read,
                                 [this, &listener](const boost::system::error_code& error) {
                                   if (error || draining_) return;
                                   accept_ready(listener);
                                   bury();
                                   if (!listener.paused) watch_listener(listener);
                                 });
}

void EdgeLoop::accept_ready(Listener& listener) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage peer{};
    socklen_t peer_bytes = sizeof peer;
    const int descriptor =
        ::accept4(listener.descriptor.native_handle(), reinterpret_cast<sockaddr*>(&peer),
                  &peer_bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      counters_.accepted.add();
      admit(descriptor, peer, listener.internal);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      counters_.refused_connections.add();
      listener.paused = true;
      return;
    }
    if (errno == EAGAIN) return;  // others (ECONNABORTED, EINTR, …) concern one client only
  }
}

void EdgeLoop::admit(int descriptor, const sockaddr_storage& peer, bool internal) {
  const bool full = shared_.connections.load(std::memory_order_relaxed) >= limits().connections_max;
  if (!full) {
    new Connection(*this, descriptor, peer, internal, true);
    return;
  }
  counters_.refused_connections.add();
  if (refused_open_ >= kRefusedOpenMax) {
    ::close(descriptor);
    return;
  }
  ++refused_open_;
  (new Connection(*this, descriptor, peer, internal, false))->refuse_and_close();
}

// ---- viewers

void EdgeLoop::watch_hub() {
  reactor_->viewers.async_wait(Descriptor::wait_read,
                               [this](const boost::system::error_code& error) {
                                 if (error) return;
                                 hub_->serve_ready();
                                 watch_hub();
                               });
}

// ---- the end

void EdgeLoop::begin_drain() {
  if (draining_) return;
  draining_ = true;
  for (const auto& listener : reactor_->listeners) {
    accept_ready(*listener);  // who is already connected is still answered
    boost::system::error_code ignored;
    listener->descriptor.close(ignored);
    listener->paused = false;
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].connection != nullptr) slots_[i].connection->on_drain();
  }
  hub_->drain();
  bury();
  end_if_drained();
}

void EdgeLoop::end_if_drained() {
  if (drained_ || live_ != 0 || hub_->viewers() != 0) return;
  drained_ = true;
  if (shared_.loops_live.fetch_sub(1, std::memory_order_acq_rel) == 1) shared_.all_drained();
}

}  // namespace onsale::http
