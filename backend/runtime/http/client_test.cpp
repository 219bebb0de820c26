// The HTTP client against our own server, and against raw sockets that misbehave.
#include "runtime/http/client.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "runtime/loop.hpp"
#include "tests/support/edge_fixture.hpp"
#include "tests/support/localhost.hpp"

namespace onsale::http {
namespace {

// A loop of the client's own, turned by a thread; joined before the client goes.
class CallingLoop {
 public:
  CallingLoop() : thread_([this] { loop_.run(); }) {}
  ~CallingLoop() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
  }
  AsioScheduler& loop() { return loop_; }

 private:
  AsioScheduler loop_;
  std::thread thread_;
};

class CallTest : public testing::Test {
 public:
  ~CallTest() override { calling.stop(); }

 protected:
  explicit CallTest(ClientLimits limits = {}) : client(limits) {}

  // Calls begun at once on the client's loop; the answers in order.
  std::vector<ClientAnswer> ask_all(const Origin& origin, std::vector<ClientCall> calls) {
    std::vector<ClientAnswer> answers(calls.size());
    std::atomic<std::size_t> left{calls.size()};
    calling.loop().post([&] {
      for (std::size_t i = 0; i < calls.size(); ++i) {
        detach(ask(origin, calls[i], &answers[i], &left));
      }
    });
    EXPECT_TRUE(Edge::eventually([&] { return left == 0; }));
    return answers;
  }
  ClientAnswer ask(const Origin& origin, ClientCall call) {
    std::vector<ClientCall> one;
    one.push_back(std::move(call));
    return ask_all(origin, std::move(one)).front();
  }
  static Origin at(std::uint16_t port) { return {.host = "127.0.0.1", .port = port}; }
  static ClientCall call(std::string target, std::string body = {}) {
    ClientCall call;
    call.target = std::move(target);
    call.body = std::move(body);
    call.repeatable = true;
    call.deadline = Milliseconds{5000};
    return call;
  }

  CallingLoop calling;
  HttpClient client;

 private:
  Task<void> ask(Origin origin, ClientCall call, ClientAnswer* answer,
                 std::atomic<std::size_t>* left) {
    Task<ClientAnswer> asking = client.call(std::move(origin), std::move(call));
    *answer = co_await std::move(asking);
    left->fetch_sub(1);
  }
};

// Answers each connection in turn with the given bytes, then closes it; keeps what was asked.
class RawServer {
 public:
  explicit RawServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof here;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&here), bytes), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &bytes);
    port = ntohs(here.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port = 0;
  std::vector<std::string> asked;  // read it after the answers have come
  std::atomic<int> accepted{0};

 private:
  void serve() {
    for (const std::string& answer : answers_) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      std::string request;
      char bytes[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(peer, bytes, sizeof bytes, 0);
        if (got <= 0) break;
        request.append(bytes, static_cast<std::size_t>(got));
      }
      asked.push_back(request);
      ++accepted;
      ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
      if (answer.empty()) ::recv(peer, bytes, sizeof bytes, 0);  // silent until the client leaves
      ::close(peer);
    }
  }
  std::vector<std::string> answers_;
  int listener_ = -1;
  std::thread thread_;
};

constexpr const char* kGood = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(CallTest, AnAnswerComesWithStatusAndBody) {
  Edge edge;
  const ClientAnswer answer = ask(at(edge.server.port(0)), call("/echo", "{\"a\":1}"));
  ASSERT_TRUE(answer.came()) << name_of(answer.fault);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"a\":1}");
}

TEST_F(CallTest, ConnectionsAreKeptAndUsedAgain) {
  Edge edge;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(ask(at(edge.server.port(0)), call("/echo", "x")).came());
  }
  EXPECT_EQ(client.stats().connected, 1U);
}

TEST_F(CallTest, AHostMayBeAName) {
  if (!localhost_has_an_address()) GTEST_SKIP() << "the name localhost has no address here";
  Edge edge;
  const Origin named{.host = "localhost", .port = edge.server.port(0)};
  const ClientAnswer answer = ask(named, call("/echo", "x"));
  EXPECT_TRUE(answer.came()) << name_of(answer.fault);
}

TEST_F(CallTest, ACallTellsItsDeadlineAndItsTrace) {
  RawServer server({kGood});
  ClientCall traced = call("/x", "{}");
  traced.trace = TraceId{{0x0123456789abcdefULL, 0x0fedcba987654321ULL}};
  traced.fields = "Authorization: Bearer secret\r\n";
  ASSERT_TRUE(ask(at(server.port), traced).came());
  const std::string& head = server.asked.front();
  EXPECT_NE(head.find("traceparent: 00-0123456789abcdef0fedcba987654321-"), std::string::npos);
  EXPECT_NE(head.find("\r\nAuthorization: Bearer secret\r\n"), std::string::npos);
  const std::size_t at_deadline = head.find("Deadline-Ms: ");
  ASSERT_NE(at_deadline, std::string::npos);
  const int left_ms = std::stoi(head.substr(at_deadline + 13));
  EXPECT_GT(left_ms, 0);
  EXPECT_LE(left_ms, 5000);
}

TEST_F(CallTest, WhoNeverAnswersIsLeftAtTheDeadline) {
  RawServer server({""});
  ClientCall impatient = call("/x");
  impatient.deadline = Milliseconds{50};
  const ClientAnswer answer = ask(at(server.port), impatient);
  EXPECT_EQ(answer.fault, ClientFault::timed_out);
  EXPECT_TRUE(answer.sent);
}

TEST_F(CallTest, NobodyThereIsNotConnectedAndNotSent) {
  std::uint16_t port = 0;
  {
    port = RawServer({}).port;
  }
  const ClientAnswer answer = ask(at(port), call("/x"));
  EXPECT_EQ(answer.fault, ClientFault::not_connected);
  EXPECT_FALSE(answer.sent);
}

TEST_F(CallTest, AConnectionCutUnderACallIsBroken) {
  RawServer server({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"});
  const ClientAnswer answer = ask(at(server.port), call("/x"));
  EXPECT_EQ(answer.fault, ClientFault::broken);
  EXPECT_TRUE(answer.sent);
}

TEST_F(CallTest, WhatIsNoHttpIsMalformed) {
  RawServer server({"SSH-2.0-OpenSSH_9.2\r\n\r\n"});
  EXPECT_EQ(ask(at(server.port), call("/x")).fault, ClientFault::malformed);
}

TEST_F(CallTest, AChunkedAnswerIsRead) {
  RawServer server(
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"});
  EXPECT_EQ(ask(at(server.port), call("/x")).body, "abcde");
}

TEST_F(CallTest, AKeptConnectionThatWasClosedIsReplacedUnseen) {
  RawServer server({kGood, kGood, kGood});  // closes after each answer without saying so
  for (int i = 0; i < 3; ++i) {
    const ClientAnswer answer = ask(at(server.port), call("/x"));
    EXPECT_TRUE(answer.came()) << name_of(answer.fault);
  }
  EXPECT_EQ(server.accepted, 3);
}

TEST_F(CallTest, ACallThatMustNotBeRepeatedGoesOnANewConnection) {
  Edge edge;
  ASSERT_TRUE(ask(at(edge.server.port(0)), call("/echo", "x")).came());
  ClientCall once = call("/echo", "y");
  once.repeatable = false;
  ASSERT_TRUE(ask(at(edge.server.port(0)), once).came());
  EXPECT_EQ(client.stats().connected, 2U);
}

class FewConnections : public CallTest {
 protected:
  FewConnections() : CallTest({.connections_max = 2, .waiting_max = 3, .body_bytes_max = 1000}) {}
};

TEST_F(FewConnections, BeyondTheLimitCallsWaitAndBeyondThatThereIsNoRoom) {
  Edge edge;
  std::vector<ClientCall> calls;
  for (int i = 0; i < 6; ++i) calls.push_back(call("/gate"));
  std::thread opener([&] {
    EXPECT_TRUE(Edge::eventually([&] { return client.stats().no_room == 1; }));
    EXPECT_TRUE(Edge::eventually([&] { return edge.handler.gate.arrived() == 2; }));
    EXPECT_EQ(client.stats().waiting, 3);
    edge.handler.gate.open();
  });
  const auto answers = ask_all(at(edge.server.port(0)), std::move(calls));
  opener.join();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(answers[i].came()) << i;
  EXPECT_EQ(answers[5].fault, ClientFault::no_room);
  EXPECT_FALSE(answers[5].sent);
  EXPECT_EQ(client.stats().connected, 2U);
}

TEST_F(FewConnections, AWaitingCallEndsAtItsDeadlineUnsent) {
  Edge edge;
  std::vector<ClientCall> calls{call("/gate"), call("/gate"), call("/echo", "x")};
  calls[2].deadline = Milliseconds{50};
  std::thread opener([&] {
    EXPECT_TRUE(Edge::eventually([&] { return client.stats().timed_out == 1; }));
    edge.handler.gate.open();
  });
  const auto answers = ask_all(at(edge.server.port(0)), std::move(calls));
  opener.join();
  EXPECT_EQ(answers[2].fault, ClientFault::timed_out);
  EXPECT_FALSE(answers[2].sent);
  EXPECT_TRUE(answers[0].came());
}

TEST_F(FewConnections, AnAnswerTooLargeIsRefused) {
  Edge edge;
  EXPECT_EQ(ask(at(edge.server.port(0)), call("/large")).fault, ClientFault::too_large);
}

TEST(Origins, AreReadWithOrWithoutScheme) {
  EXPECT_EQ(*parse_origin("http://10.0.0.1:8081/"), (Origin{"10.0.0.1", 8081}));
  EXPECT_EQ(*parse_origin("order-1:80"), (Origin{"order-1", 80}));
  EXPECT_EQ(text_of(*parse_origin("[::1]:8081")), "[::1]:8081");
  for (const char* wrong :
       {"", "host", ":80", "host:", "host:0", "host:99999", "host:8x", "a b:1"}) {
    EXPECT_FALSE(parse_origin(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace onsale::http
