// Listeners, threads, signals, the drain.
#include "runtime/http/server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "runtime/http/edge_loop.hpp"

namespace onsale::http {
namespace {

constexpr int kBacklog = 4096;

struct Bound {
  int descriptor = -1;
  std::uint16_t port = 0;
  int error = 0;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};

bool parse_address(const Endpoint& endpoint, Address& out) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  const std::string& text = endpoint.address == "localhost" ? "127.0.0.1" : endpoint.address;
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    out.bytes = sizeof(sockaddr_in);
    return true;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    out.bytes = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

Bound bind_one(const Address& address, bool share_port) {
  Bound bound;
  bound.descriptor =
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (bound.descriptor < 0) {
    bound.error = errno;
    return bound;
  }
  const int on = 1;
  const int off = 0;
  ::setsockopt(bound.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share_port) ::setsockopt(bound.descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (address.storage.ss_family == AF_INET6) {
    ::setsockopt(bound.descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  // Connections inherit it from their listener, which saves a system call for each.
  ::setsockopt(bound.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(bound.descriptor, reinterpret_cast<const sockaddr*>(&address.storage),
             address.bytes) != 0) {
    bound.error = errno;
    ::close(bound.descriptor);
    return bound;
  }
  sockaddr_storage name{};
  socklen_t name_bytes = sizeof name;
  ::getsockname(bound.descriptor, reinterpret_cast<sockaddr*>(&name), &name_bytes);
  bound.port =
      ntohs(name.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(name).sin_port
                                      : reinterpret_cast<const sockaddr_in6&>(name).sin6_port);
  return bound;
}

Failure cannot_listen(const Endpoint& endpoint, int error) {
  const std::string port = std::to_string(endpoint.port);
  switch (error) {
    case EADDRINUSE:
      return {Code::unavailable, "port " + port + " is in use; choose another with " +
                                     (endpoint.internal ? "--internal-port" : "--port")};
    case EACCES:
      return {Code::unavailable, "port " + port +
                                     " needs a privilege; choose one above 1023 with " +
                                     (endpoint.internal ? "--internal-port" : "--port")};
    case EADDRNOTAVAIL:
      return {Code::unavailable,
              "the address " + endpoint.address + " is not one of this machine's"};
    default:
      return {Code::unavailable, "cannot listen on " + endpoint.address + " port " + port + ": " +
                                     std::strerror(error)};
  }
}

}  // namespace

struct Server::Impl {
  EdgeShared shared;
  std::vector<std::unique_ptr<EdgeLoop>> loops;
  std::vector<std::uint16_t> ports;
  std::unique_ptr<boost::asio::signal_set> signals;
  std::function<void(int)> on_signal;
  std::function<bool()> busy;

  Status listen_on(const Endpoint& endpoint);
  void wait_for_signal();
  void end_when_idle() {
    if (!busy || !busy()) return end_at_once();
    constexpr Milliseconds kAskAgain{5};
    loops[0]->scheduler().post_after(kAskAgain, [this] { end_when_idle(); });
  }
  void end_at_once() {
    for (const auto& loop : loops) loop->scheduler().stop();
  }
};

Server::Server(ServerOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->shared.options = std::move(options);
  std::size_t loops = impl_->shared.options.loops;
  if (loops == 0) loops = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < loops; ++i) {
    impl_->loops.push_back(std::make_unique<EdgeLoop>(impl_->shared, i));
  }
  impl_->shared.all_drained = [impl = impl_.get()] {
    impl->loops[0]->scheduler().post([impl] { impl->end_when_idle(); });
  };
}

Server::~Server() = default;

Status Server::Impl::listen_on(const Endpoint& endpoint) {
  Address address;
  if (!parse_address(endpoint, address)) {
    return Failure{Code::unavailable, "not an IP address to listen on: " + endpoint.address};
  }
  // Sockets that share a port by SO_REUSEPORT may also share it with another office of the same
  // user; one that does not share finds out.
  const Bound probe = bind_one(address, false);
  if (probe.error != 0) return cannot_listen(endpoint, probe.error);
  ::close(probe.descriptor);

  std::uint16_t port = endpoint.port;
  for (const auto& loop : loops) {
    Endpoint exact = endpoint;
    exact.port = port;
    Address again;
    parse_address(exact, again);
    const Bound bound = bind_one(again, loops.size() > 1);
    if (bound.error != 0) return cannot_listen(exact, bound.error);
    port = bound.port;
    loop->add_listener(bound.descriptor, endpoint.internal);
    if (::listen(bound.descriptor, kBacklog) != 0) return cannot_listen(exact, errno);
  }
  ports.push_back(port);
  return ok();
}

Status Server::listen() {
  for (const Endpoint& endpoint : impl_->shared.options.endpoints) {
    Status listening = impl_->listen_on(endpoint);
    if (!listening) return listening;
  }
  return ok();
}

std::uint16_t Server::port(std::size_t endpoint) const { return impl_->ports.at(endpoint); }
std::size_t Server::loops() const { return impl_->loops.size(); }
Scheduler& Server::loop(std::size_t n) { return impl_->loops.at(n)->scheduler(); }

void Server::run(Handler& handler, std::function<void()> started) {
  Impl& impl = *impl_;
  impl.shared.handler = &handler;
  impl.shared.loops_live = impl.loops.size();
  std::atomic<std::size_t> to_start{impl.loops.size()};
  for (const auto& loop : impl.loops) {
    loop->scheduler().post([&impl, &to_start, &started, loop = loop.get()] {
      loop->start();
      if (to_start.fetch_sub(1) == 1 && started) impl.loops[0]->scheduler().post(started);
    });
  }
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < impl.loops.size(); ++i) {
    threads.emplace_back([loop = impl.loops[i].get()] { loop->scheduler().run(); });
  }
  impl.loops[0]->scheduler().run();
  for (std::thread& thread : threads) thread.join();
}

void Server::stop() {
  Impl& impl = *impl_;
  if (impl.shared.stops.fetch_add(1) != 0) {
    impl.end_at_once();
    return;
  }
  for (const auto& loop : impl.loops) {
    loop->scheduler().post([loop = loop.get()] { loop->begin_drain(); });
  }
  impl.loops[0]->scheduler().post_after(impl.shared.options.limits.drain_time_max,
                                        [&impl] { impl.end_at_once(); });
}

void Server::drain_also(std::function<bool()> busy) { impl_->busy = std::move(busy); }

bool Server::draining() const { return impl_->shared.stops.load() != 0; }

void Server::Impl::wait_for_signal() {
  signals->async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    on_signal(number);
    wait_for_signal();
  });
}

void Server::on_signals(std::function<void(int)> on_signal) {
  Impl& impl = *impl_;
  impl.on_signal = std::move(on_signal);
  impl.signals =
      std::make_unique<boost::asio::signal_set>(impl.loops[0]->scheduler().io(), SIGTERM, SIGINT);
  impl.wait_for_signal();
}

void Server::publish(const std::shared_ptr<StreamChannel>& channel, std::uint64_t from_cursor,
                     std::uint64_t to_cursor, SharedBytes frame) {
  for (const auto& loop : impl_->loops) {
    loop->scheduler().post([loop = loop.get(), channel, from_cursor, to_cursor, frame] {
      loop->hub().publish(channel.get(), from_cursor, to_cursor, frame);
    });
  }
}

void Server::end_streams(const std::shared_ptr<StreamChannel>& channel, SharedBytes last) {
  for (const auto& loop : impl_->loops) {
    loop->scheduler().post(
        [loop = loop.get(), channel, last] { loop->hub().end_streams(channel.get(), last); });
  }
}

ServerStats Server::stats() const {
  ServerStats sum;
  sum.connections = impl_->shared.connections.load(std::memory_order_relaxed);
  sum.in_flight = impl_->shared.in_flight.load(std::memory_order_relaxed);
  for (const auto& loop : impl_->loops) {
    const EdgeCounters& counters = loop->counters();
    sum.accepted += counters.accepted.value();
    sum.requests += counters.requests.value();
    sum.refused_connections += counters.refused_connections.value();
    sum.refused_in_flight += counters.refused_in_flight.value();
    sum.timed_out += counters.timed_out.value();
    sum.malformed += counters.malformed.value();
    const StreamHubStats streams = loop->hub().stats();
    sum.streams.viewers += streams.viewers;
    sum.streams.frames_sent += streams.frames_sent;
    sum.streams.bytes_sent += streams.bytes_sent;
    sum.streams.caught_up += streams.caught_up;
    sum.streams.cut_slow += streams.cut_slow;
    sum.streams.refused_full += streams.refused_full;
  }
  return sum;
}

}  // namespace onsale::http
