// Each limit of the edge is hit once, and the drain. Times are short here; tests wait on sockets.
#include <algorithm>

#include "tests/support/edge_fixture.hpp"

namespace onsale::http {
namespace {

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

TEST(Limits, HeadThatTakesTooLongIs408) {
  Edge edge({.header_time_max = Milliseconds{60}});
  Client client = edge.connect();
  client.send("GET / HTTP/1.1\r\nHost");
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(edge.server.stats().timed_out, 1U);
}

TEST(Limits, TrickledHeadGetsNoMoreTime) {
  Edge edge({.header_time_max = Milliseconds{100}});
  Client client = edge.connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\nA: ");
  while (client.buffered().empty() && client.read_more(5) == false) client.send("b");
  EXPECT_EQ(client.read_answer().status, 408);
}

TEST(Limits, BodyThatTakesTooLongIs408) {
  Edge edge({.body_time_max = Milliseconds{60}});
  for (const char* framing :
       {"Content-Length: 5\r\n\r\nhe", "Transfer-Encoding: chunked\r\n\r\n5\r\nh"}) {
    Client client = edge.connect();
    client.send(std::string("POST /echo HTTP/1.1\r\nHost: x\r\n") + framing);
    EXPECT_EQ(client.read_answer().status, 408);
    EXPECT_TRUE(client.at_end());
  }
  EXPECT_EQ(edge.handler.handled, 0);
}

TEST(Limits, IdleConnectionIsClosed) {
  Edge edge({.idle_time_max = Milliseconds{60}});
  Client silent = edge.connect();
  Client client = edge.connect();
  EXPECT_EQ(client.ask(get("/info")).status, 200);
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(silent.at_end());
  EXPECT_EQ(silent.buffered(), "");
}

TEST(Limits, ClientThatDoesNotReadIsClosedAndOthersAreServed) {
  Edge edge({.write_time_max = Milliseconds{80}});
  Client slow = edge.connect(4096);
  slow.send(get("/large") + get("/info"));
  Client other = edge.connect();
  EXPECT_EQ(other.ask(get("/info")).status, 200);
  EXPECT_TRUE(Edge::eventually([&] { return edge.server.stats().timed_out == 1; }));
  EXPECT_TRUE(Edge::eventually([&] { return edge.server.stats().connections == 1; }));
  EXPECT_EQ(edge.handler.handled, 2);  // the request behind the large answer was never started
}

TEST(Limits, OneConnectionTooManyIs503) {
  Edge edge({.connections_max = 2});
  Client first = edge.connect();
  EXPECT_EQ(first.ask(get("/info")).status, 200);
  {
    Client second = edge.connect();
    EXPECT_EQ(second.ask(get("/info")).status, 200);
    Client third = edge.connect();
    const Answer answer = third.ask(get("/info"));
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.field("Retry-After"), "1");
    EXPECT_TRUE(third.at_end());
    EXPECT_EQ(edge.server.stats().refused_connections, 1U);
  }
  EXPECT_TRUE(Edge::eventually([&] { return edge.server.stats().connections == 1; }));
  Client again = edge.connect();
  EXPECT_EQ(again.ask(get("/info")).status, 200);
}

TEST(Limits, RequestTooManyInFlightIs503AndTheConnectionStays) {
  Edge edge({.in_flight_max = 2});
  Client first = edge.connect();
  Client second = edge.connect();
  first.send(get("/gate"));
  second.send(get("/gate"));
  ASSERT_TRUE(Edge::eventually([&] { return edge.handler.gate.arrived() == 2; }));
  Client third = edge.connect();
  const Answer answer = third.ask(get("/info"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_EQ(edge.server.stats().refused_in_flight, 1U);
  edge.handler.gate.open();
  EXPECT_EQ(first.read_answer().status, 200);
  EXPECT_EQ(second.read_answer().status, 200);
  EXPECT_EQ(third.ask(get("/info")).status, 200);
}

TEST(Limits, LongBatchesAreAnsweredInTurns) {
  Edge edge({.pipelined_max = 4, .output_bytes_max = 1000});
  Client client = edge.connect();
  std::string batch;
  for (int i = 0; i < 200; ++i) batch += get("/info?" + std::to_string(i));
  client.send(batch);
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(client.read_answer().body.substr(0, 10), "GET /info?") << i;
  }
}

TEST(Limits, NumbersOfTheNamedLimitsHold) {
  Edge edge({.header_bytes_max = 256,
             .target_bytes_max = 32,
             .header_fields_max = 3,
             .body_bytes_max = 10});
  EXPECT_EQ(edge.connect().ask(get("/info")).status, 200);
  EXPECT_EQ(edge.connect().ask(get("/" + std::string(31, 'a'))).status, 200);
  EXPECT_EQ(edge.connect().ask(get("/" + std::string(32, 'a'))).status, 414);
  EXPECT_EQ(edge.connect().ask("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nA: b\r\nA: b\r\n\r\n").status,
            431);
  EXPECT_EQ(edge.connect().ask("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(256, 'a')).status,
            431);
  const std::string post = "POST /echo HTTP/1.1\r\nHost: x\r\n";
  EXPECT_EQ(edge.connect().ask(post + "Content-Length: 10\r\n\r\n0123456789").status, 200);
  EXPECT_EQ(edge.connect().ask(post + "Content-Length: 11\r\n\r\n").status, 413);
  EXPECT_EQ(
      edge.connect().ask(post + "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n").status,
      413);
}

TEST(Limits, ClientThatNeverStopsTalkingAfterARefusalIsCut) {
  Edge edge({.linger_time_max = Milliseconds{200}, .linger_bytes_max = 10'000});
  Client client = edge.connect();
  client.send("BREW / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 501);
  for (int i = 0; i < 100; ++i) client.send(std::string(1000, 'x'));
  EXPECT_TRUE(Edge::eventually([&] { return edge.server.stats().connections == 0; }));
}

// ---- the drain

TEST(Drain, FinishesRequestsInFlightAndClosesIdleConnections) {
  Edge edge;
  Client idle = edge.connect();
  EXPECT_EQ(idle.ask(get("/info")).status, 200);
  Client busy = edge.connect();
  busy.send(get("/gate"));
  ASSERT_TRUE(Edge::eventually([&] { return edge.handler.gate.arrived() == 1; }));
  edge.server.stop();
  EXPECT_TRUE(edge.server.draining());
  EXPECT_TRUE(idle.at_end());
  EXPECT_FALSE(edge.ended);
  edge.handler.gate.open();
  const Answer answer = busy.read_answer();
  EXPECT_EQ(answer.body, "through");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(busy.at_end());
  edge.join();
  EXPECT_FALSE(Client(edge.server.port(0)).connected());
}

TEST(Drain, EndsAtItsDeadlineWhateverHangs) {
  Edge edge({.drain_time_max = Milliseconds{50}});
  Client busy = edge.connect();
  busy.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  Client sure = edge.connect();
  EXPECT_EQ(sure.ask(get("/info")).status, 200);
  edge.server.stop();
  edge.join();
  EXPECT_TRUE(edge.ended);
}

TEST(Drain, SecondStopEndsAtOnce) {
  Edge edge;
  Client busy = edge.connect();
  busy.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  Client sure = edge.connect();
  EXPECT_EQ(sure.ask(get("/info")).status, 200);
  edge.server.stop();
  edge.server.stop();
  edge.join();
  EXPECT_TRUE(edge.ended);
}

TEST(Drain, WorksOnSeveralLoops) {
  Edge edge({}, {}, 3);
  std::vector<Client> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(edge.connect());
    EXPECT_EQ(clients.back().ask(get("/info")).status, 200);
  }
  edge.server.stop();
  edge.join();
  for (Client& client : clients) EXPECT_TRUE(client.at_end());
}

TEST(Listen, BusyPortIsOneClearLine) {
  Edge edge({}, {}, 2);
  ServerOptions options;
  options.endpoints = {{.address = "127.0.0.1", .port = edge.server.port(0)}};
  Server second(std::move(options));
  const Status listening = second.listen();
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().detail, "port " + std::to_string(edge.server.port(0)) +
                                          " is in use; choose another with --port");
}

TEST(Listen, AddressMustBeAnAddress) {
  ServerOptions options;
  options.endpoints = {{.address = "nowhere", .port = 0}};
  Server server(std::move(options));
  EXPECT_FALSE(server.listen().has_value());
}

}  // namespace
}  // namespace onsale::http
