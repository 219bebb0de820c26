// A gate on the way to a server: passes bytes both ways until a test says otherwise. It can go silent
// (half-open: nothing passes, nobody is told), let little through (one byte of an answer in 100 ms), and it can cut a connection at the very bytes that a
// test waits for, before they arrive, after, or so that they arrive late, when nobody waits any more.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace onsale {

class TcpGate {
 public:
  enum class Cut : std::uint8_t {
    none,
    before,  // the bytes do not arrive
    after,   // they arrive, their answer does not come back
    late,    // the client is cut off at once, the bytes arrive half a second later
  };

  explicit TcpGate(std::uint16_t to) : to_(to) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
              ::listen(listener_, 64) == 0,
          "no port for the gate");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~TcpGate() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
  }
  TcpGate(const TcpGate&) = delete;
  TcpGate& operator=(const TcpGate&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // The next `times` connections whose client sends `bytes` are cut.
  void cut_at(std::string bytes, Cut how, int times = 1) {
    const std::lock_guard lock(mutex_);
    bytes_ = std::move(bytes);
    how_ = how;
    left_ = times;
  }
  [[nodiscard]] int cuts() const { return cuts_.load(); }
  void go_silent(bool silent) { silent_ = silent; }
  void drip(bool drips) { drips_ = drips; }
  // Connections that pass now are reset.
  void cut_all() { ++generation_; }

 private:
  void accept_all() {
    while (!stopping_) {
      pollfd poll{listener_, POLLIN, 0};
      if (::poll(&poll, 1, 20) <= 0) continue;
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) continue;
      threads_.emplace_back([this, client] { pass(client); });
    }
  }

  void pass(int client) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(to_);
    const int generation = generation_.load();
    bool open = ::connect(server, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    while (open && !stopping_ && generation == generation_.load()) {
      if (silent_) {
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        continue;
      }
      pollfd ends[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (::poll(ends, 2, 20) <= 0 || silent_) continue;
      if (ends[0].revents != 0) open = from_client(client, server);
      if (open && ends[1].revents != 0) {
        open = copy(server, client, drips_ ? 1 : 65536);
        if (drips_) std::this_thread::sleep_for(std::chrono::milliseconds{100});
      }
    }
    const linger reset{1, 0};
    for (const int end : {client, server}) {
      ::setsockopt(end, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      ::close(end);
    }
  }

  static bool copy(int from, int to, std::size_t most) {
    char buffer[65536];
    const ssize_t got = ::recv(from, buffer, std::min(most, sizeof buffer), 0);
    return got > 0 && ::send(to, buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
  }

  bool from_client(int client, int server) {
    char buffer[65536];
    const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    const std::string_view bytes(buffer, static_cast<std::size_t>(got));
    const Cut how = cut_for(bytes);
    if (how == Cut::before) return false;
    if (how == Cut::late) {
      ::shutdown(client, SHUT_RDWR);
      std::this_thread::sleep_for(std::chrono::milliseconds{500});
    }
    const bool sent = ::send(server, buffer, bytes.size(), MSG_NOSIGNAL) == got;
    if (how != Cut::none) {
      // Its answer is awaited, so that what was asked for has happened, and kept back.
      static_cast<void>(::recv(server, buffer, sizeof buffer, 0));
      return false;
    }
    return sent;
  }

  Cut cut_for(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (left_ == 0 || bytes.find(bytes_) == std::string_view::npos) return Cut::none;
    --left_;
    ++cuts_;
    return how_;
  }

  const std::uint16_t to_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> silent_{false};
  std::atomic<bool> drips_{false};
  std::atomic<int> generation_{0};
  std::atomic<int> cuts_{0};
  std::mutex mutex_;
  std::string bytes_;
  Cut how_ = Cut::none;
  int left_ = 0;
  std::vector<std::thread> threads_;  // the acceptor's until it has ended
  std::thread acceptor_;
};

}  // namespace onsale
