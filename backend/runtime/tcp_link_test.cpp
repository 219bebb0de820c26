// The link against a plain blocking socket.
#include "runtime/tcp_link.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <thread>

#include "tests/support/localhost.hpp"

namespace onsale {
namespace {

using std::chrono::seconds;

// Listens on a free loopback port and gives the accepted socket to `serve` on a thread.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(fd_, 4), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
  }
  ~Listener() {
    if (thread_.joinable()) thread_.join();
    ::close(fd_);
  }
  void serve(std::function<void(int)> work) {
    thread_ = std::thread([this, work = std::move(work)] {
      const int peer = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      work(peer);
      ::close(peer);
    });
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string receive_once(int fd) {
  std::array<char, 4096> buffer{};
  const ssize_t bytes = ::recv(fd, buffer.data(), buffer.size(), 0);
  return bytes > 0 ? std::string(buffer.data(), static_cast<std::size_t>(bytes)) : std::string();
}
void send_all(int fd, const std::string& text) {
  EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
}

TEST(TcpLink, WritesOfOneTurnLeaveTogetherAndTheAnswerComesBack) {
  Listener listener;
  listener.serve([](int peer) { send_all(peer, "got " + receive_once(peer)); });
  AsioScheduler loop;
  std::string answer;
  std::unique_ptr<TcpLink> link;
  link = std::make_unique<TcpLink>(
      loop, TcpLinkCallbacks{.on_open =
                                 [&] {
                                   for (const char* part : {"one ", "two ", "three"}) {
                                     link->write(part);
                                   }
                                 },
                             .on_bytes = [&](std::string_view bytes) { answer += bytes; },
                             .on_closed = [&](std::string_view) { loop.stop(); }});
  loop.post([&] { link->connect("127.0.0.1", listener.port(), seconds(5)); });
  loop.run();
  EXPECT_EQ(answer, "got one two three");
}

TEST(TcpLink, WhatIsWrittenBeforeItIsOpenWaits) {
  if (!localhost_has_an_address()) GTEST_SKIP() << "the name localhost has no address here";
  Listener listener;
  listener.serve([](int peer) { send_all(peer, receive_once(peer)); });
  AsioScheduler loop;
  std::string answer;
  TcpLink link(loop, {.on_open = nullptr,
                      .on_bytes = [&](std::string_view bytes) { answer += bytes; },
                      .on_closed = [&](std::string_view) { loop.stop(); }});
  loop.post([&] {
    link.connect("localhost", listener.port(), seconds(5));
    link.write("early");
  });
  loop.run();
  EXPECT_EQ(answer, "early");
}

TEST(TcpLink, ARefusedConnectionIsToldOnce) {
  std::uint16_t port = 0;
  {
    const Listener gone;
    port = gone.port();
  }
  AsioScheduler loop;
  int told = 0;
  TcpLink link(loop, {.on_open = [] { FAIL() << "opened"; },
                      .on_bytes = [](std::string_view) {},
                      .on_closed =
                          [&](std::string_view why) {
                            EXPECT_FALSE(why.empty());
                            ++told;
                            loop.post_after(Milliseconds{20}, [&] { loop.stop(); });
                          }});
  loop.post([&] { link.connect("127.0.0.1", port, seconds(5)); });
  loop.run();
  EXPECT_EQ(told, 1);
}

TEST(TcpLink, ACallbackMayDestroyTheLink) {
  Listener listener;
  listener.serve([](int peer) {
    send_all(peer, "x");
    receive_once(peer);
  });
  AsioScheduler loop;
  std::unique_ptr<TcpLink> link;
  link = std::make_unique<TcpLink>(
      loop,
      TcpLinkCallbacks{.on_open = nullptr,
                       .on_bytes =
                           [&](std::string_view) {
                             link.reset();
                             loop.post_after(Milliseconds{20}, [&] { loop.stop(); });
                           },
                       .on_closed = [](std::string_view) { FAIL() << "told after its end"; }});
  loop.post([&] { link->connect("127.0.0.1", listener.port(), seconds(5)); });
  loop.run();
  EXPECT_EQ(link, nullptr);
}

TEST(TcpLink, CloseTellsNobody) {
  Listener listener;
  listener.serve([](int peer) { EXPECT_EQ(receive_once(peer), ""); });
  AsioScheduler loop;
  TcpLink* open_link = nullptr;
  TcpLink link(loop, {.on_open =
                          [&] {
                            open_link->close();
                            open_link->write("dropped");
                            loop.post_after(Milliseconds{20}, [&] { loop.stop(); });
                          },
                      .on_bytes = [](std::string_view) {},
                      .on_closed = [](std::string_view) { FAIL() << "told of its own close"; }});
  open_link = &link;
  loop.post([&] { link.connect("127.0.0.1", listener.port(), seconds(5)); });
  loop.run();
}

}  // namespace
}  // namespace onsale
