// For the tests of the edge: a real Server on loopback with a small handler behind it, and a
// client that writes raw bytes and reads whole answers, each wait with a deadline.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/http/server.hpp"

namespace onsale::http {

inline constexpr int kPatienceMs = 10'000;  // how long a test waits for what must come

// A latch a handler can wait on; opened from the test's thread.
class Gate {
 public:
  struct Awaiter {
    Gate& gate;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) const {
      const std::lock_guard lock(gate.mutex_);
      if (gate.open_) return false;
      gate.waiting_.push_back({Scheduler::current(), waiting});
      ++gate.arrived_;
      return true;
    }
    void await_resume() const {}
  };
  Awaiter pass() { return Awaiter{*this}; }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    for (const Waiter& waiter : waiting_) {
      waiter.scheduler->post([handle = waiter.handle] { handle.resume(); });
    }
    waiting_.clear();
  }
  int arrived() const { return arrived_; }

 private:
  struct Waiter {
    Scheduler* scheduler;
    std::coroutine_handle<> handle;
  };
  std::mutex mutex_;
  bool open_ = false;
  std::vector<Waiter> waiting_;
  std::atomic<int> arrived_{0};
};

// A channel whose catch-up tells from where to where.
class CountingChannel final : public StreamChannel {
 public:
  std::uint64_t catch_up(std::uint64_t cursor, std::string& out) override {
    const std::uint64_t head = head_;
    if (cursor < head) {
      out += "catch-up " + std::to_string(cursor) + "-" + std::to_string(head) + "\n\n";
    }
    return head > cursor ? head : cursor;
  }
  std::string farewell() const override { return "farewell\n\n"; }
  std::atomic<std::uint64_t> head_{0};
};

class TestHandler final : public Handler {
 public:
  Task<void> handle(const Request& request, Response& response) override {
    ++handled;
    if (request.path == "/gate") return wait_at_gate(response);
    if (request.path == "/later") return answer_later(request, response);
    if (request.path == "/echo") {
      response.body(request.body);
    } else if (request.path == "/large") {
      response.body(large);
    } else if (request.path == "/nothing") {
      response.status(204);
    } else if (request.path == "/not-modified") {
      response.status(304);
    } else if (request.path == "/close") {
      response.body("closing");
      response.close();
    } else if (request.path == "/stream") {
      response.content_type("text/event-stream");
      response.stream(channel, channel->head_, "first\n\n");
    } else {
      response.content_type("text/plain");
      std::string& out = response.body_buffer();
      out.append(request.method_text).append(" ").append(request.target);
      out.append("|").append(request.path).append("|").append(request.query);
      out.append("|").append(request.trace_id.to_string());
      out.append("|").append(request.peer_address);
    }
    return Task<void>::ready();
  }
  void refuse(Code code, std::string_view detail, TraceId trace_id, Response& response) override {
    response.status(status_of(code));
    response.content_type("application/problem+json");
    response.body_buffer().append(detail).append("|").append(trace_id.to_string());
  }

  static int status_of(Code code) {
    switch (code) {
      case Code::content_too_large:
        return 413;
      case Code::uri_too_long:
        return 414;
      case Code::headers_too_large:
        return 431;
      case Code::request_timeout:
        return 408;
      case Code::expectation_failed:
        return 417;
      case Code::not_implemented:
        return 501;
      case Code::unavailable:
        return 503;
      default:
        return 400;
    }
  }

  Gate gate;
  std::atomic<int> handled{0};
  SharedBytes large = std::make_shared<const std::string>(8 * 1024 * 1024, 'x');
  std::shared_ptr<CountingChannel> channel = std::make_shared<CountingChannel>();

 private:
  Task<void> wait_at_gate(Response& response) {
    co_await gate.pass();
    response.body("through");
  }
  // Suspends once and looks at the request afterwards: its views must still stand.
  Task<void> answer_later(const Request& request, Response& response) {
    co_await Scheduler::current()->sleep_for(Milliseconds{5});
    response.body_buffer().append(request.query).append("=").append(request.body);
  }
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  bool closed = false;  // the connection ended before a whole answer came

  [[nodiscard]] std::string field(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t value = at + name.size() + 4;
    return head.substr(value, head.find("\r\n", value) - value);
  }
};

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) {
      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Client(Client&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)),
        connected_(other.connected_),
        buffer_(std::move(other.buffer_)) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server has closed; the answer tells
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void shut() const { ::shutdown(descriptor_, SHUT_WR); }

  // Waits for more bytes. False: the end, or the deadline.
  bool read_more(int patience_ms = kPatienceMs) {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) <= 0) {
      timed_out_ = true;
      return false;
    }
    char bytes[65536];
    const ssize_t got = ::recv(descriptor_, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  // One answer with a Content-Length (or none, if it has no body).
  Answer read_answer(bool head_only = false) {
    Answer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) {
        answer.closed = true;
        return answer;
      }
    }
    answer.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const std::string length = answer.field("Content-Length");
    const std::size_t bytes = length.empty() || head_only ? 0 : std::stoul(length);
    while (buffer_.size() < bytes) {
      if (!read_more()) {
        answer.closed = true;
        return answer;
      }
    }
    answer.body = buffer_.substr(0, bytes);
    buffer_.erase(0, bytes);
    return answer;
  }
  Answer ask(std::string_view request) {
    send(request);
    return read_answer();
  }

  // Reads until `text` has come; what came up to it is returned and consumed.
  std::string read_until(const std::string& text) {
    std::size_t at = 0;
    while ((at = buffer_.find(text)) == std::string::npos) {
      if (!read_more()) return {};
    }
    std::string upto = buffer_.substr(0, at + text.size());
    buffer_.erase(0, at + text.size());
    return upto;
  }

  // True once the server has ended the connection (bytes before that are kept).
  bool at_end() {
    while (read_more()) {
    }
    return !timed_out_;
  }
  [[nodiscard]] const std::string& buffered() const { return buffer_; }

 private:
  int descriptor_ = -1;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string buffer_;
};

// A running server; stops and joins in its destructor.
class Edge {
 public:
  explicit Edge(Limits limits = {}, StreamHubLimits streams = {}, std::size_t loops = 1)
      : server(options(limits, streams, loops)) {
    const Status listening = server.listen();
    EXPECT_TRUE(listening.has_value());
    std::atomic<bool> up{false};
    thread_ = std::thread([this, &up] {
      server.run(handler, [&up] {
        up = true;
        up.notify_one();
      });
      ended = true;
    });
    up.wait(false);
  }
  ~Edge() {
    handler.gate.open();
    server.stop();
    join();
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  Client connect(int receive_buffer = 0) const { return Client(server.port(0), receive_buffer); }
  // Turns until `holds` does; false after the deadline.
  template <typename Predicate>
  static bool eventually(Predicate holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
    return true;
  }

  TestHandler handler;
  Server server;
  std::atomic<bool> ended{false};

 private:
  static ServerOptions options(Limits limits, StreamHubLimits streams, std::size_t loops) {
    ServerOptions options;
    options.endpoints = {{.address = "127.0.0.1", .port = 0}};
    options.limits = limits;
    options.streams = streams;
    options.loops = loops;
    return options;
  }
  std::thread thread_;
};

}  // namespace onsale::http
