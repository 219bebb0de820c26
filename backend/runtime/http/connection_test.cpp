// One client and the edge: answers, their order, keep-alive, bodies, framing attacks on the wire.
#include "tests/support/edge_fixture.hpp"

namespace onsale::http {
namespace {

std::string get(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

TEST(Connection, AnswersWithTheFieldsEveryAnswerHas) {
  Edge edge;
  Client client = edge.connect();
  const Answer answer = client.ask(get("/plain?a=b"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.substr(0, 26), "GET /plain?a=b|/plain|a=b|");
  EXPECT_EQ(answer.field("Content-Type"), "text/plain");
  EXPECT_EQ(answer.field("Trace-Id").size(), 32U);
  EXPECT_EQ(answer.field("Date").size(), 29U);
  EXPECT_EQ(answer.field("Connection"), "");
  EXPECT_NE(answer.body.find("|127.0.0.1"), std::string::npos);
}

TEST(Connection, PipelinedRequestsAreAnsweredInOrder) {
  Edge edge;
  Client client = edge.connect();
  std::string batch;
  for (int i = 0; i < 500; ++i) {
    // Now and then a handler that suspends: those behind it wait for their turn.
    batch += get((i % 7 == 3 ? "/later?" : "/echo?") + std::to_string(i));
    if (i % 7 != 3) batch.replace(batch.rfind("/echo"), 5, "/info");
  }
  client.send(batch);
  for (int i = 0; i < 500; ++i) {
    const Answer answer = client.read_answer();
    ASSERT_EQ(answer.status, 200) << i;
    const std::string number = std::to_string(i);
    if (i % 7 == 3) {
      ASSERT_EQ(answer.body, number + "=");
    } else {
      ASSERT_EQ(answer.body.substr(0, 11 + number.size()), "GET /info?" + number + "|");
    }
  }
}

TEST(Connection, NextRequestStartsAfterThePreviousHandlerEnded) {
  Edge edge;
  Client client = edge.connect();
  client.send(get("/gate") + get("/info"));
  ASSERT_TRUE(Edge::eventually([&] { return edge.handler.gate.arrived() == 1; }));
  EXPECT_EQ(edge.handler.handled, 1);
  Client other = edge.connect();  // others are not delayed
  EXPECT_EQ(other.ask(get("/info")).status, 200);
  edge.handler.gate.open();
  EXPECT_EQ(client.read_answer().body, "through");
  EXPECT_EQ(client.read_answer().status, 200);
}

TEST(Connection, SuspendedHandlerStillSeesItsRequest) {
  Edge edge;
  std::vector<Client> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(edge.connect());
    const std::string body = "body of " + std::to_string(i);
    clients.back().send("POST /later?q" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n" +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_EQ(clients[static_cast<std::size_t>(i)].read_answer().body,
              "q" + number + "=body of " + number);
  }
}

TEST(Connection, ClientThatLeftDuringItsHandlerIsForgotten) {
  Edge edge;
  {
    Client client = edge.connect();
    client.send(get("/gate"));
    ASSERT_TRUE(Edge::eventually([&] { return edge.handler.gate.arrived() == 1; }));
  }
  edge.handler.gate.open();
  EXPECT_TRUE(Edge::eventually([&] { return edge.server.stats().connections == 0; }));
  EXPECT_EQ(edge.server.stats().in_flight, 0U);
}

TEST(Connection, HeadIsGetWithoutItsBody) {
  Edge edge;
  Client client = edge.connect();
  client.send("HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n" + get("/nothing"));
  const Answer head = client.read_answer(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Content-Length"), "8388608");
  const Answer next = client.read_answer();
  EXPECT_EQ(next.status, 204);
  EXPECT_EQ(next.field("Content-Length"), "");
  EXPECT_EQ(client.ask(get("/not-modified")).field("Content-Length"), "");
}

TEST(Connection, LargeSharedBodyArrivesWhole) {
  Edge edge;
  Client client = edge.connect(16 * 1024);
  client.send(get("/info") + get("/large") + get("/info?end"));
  EXPECT_EQ(client.read_answer().status, 200);
  const Answer large = client.read_answer();
  EXPECT_EQ(large.body, *edge.handler.large);
  EXPECT_EQ(client.read_answer().body.substr(0, 14), "GET /info?end|");
}

TEST(Connection, BodiesArriveInAnyPieces) {
  Edge edge;
  const std::string body(20'000, 'b');
  const std::string sized =
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + body;
  const std::string chunked =
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4e20;x=y\r\n" + body +
      "\r\n0\r\nT: t\r\n\r\n";
  for (const std::string& request : {sized, chunked}) {
    for (const std::size_t piece : {std::size_t{61}, std::size_t{1500}, request.size()}) {
      Client client = edge.connect();
      const std::string all = request + get("/info?behind");
      for (std::size_t at = 0; at < all.size(); at += piece) client.send(all.substr(at, piece));
      ASSERT_EQ(client.read_answer().body, body) << piece;
      ASSERT_EQ(client.read_answer().body.substr(0, 17), "GET /info?behind|") << piece;
    }
  }
}

TEST(Connection, RequestArrivesByteByByte) {
  Edge edge;
  Client client = edge.connect();
  const std::string request = get("/info?slow", "A: b\r\n");
  for (const char c : request) client.send({&c, 1});
  EXPECT_EQ(client.read_answer().body.substr(0, 15), "GET /info?slow|");
}

TEST(Connection, SaysContinueWhenAsked) {
  Edge edge;
  Client client = edge.connect();
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  client.send(head);
  EXPECT_EQ(client.read_answer().status, 100);
  EXPECT_EQ(client.ask("hello").body, "hello");
  EXPECT_EQ(client.ask(head + "world").body, "world");  // the body was not waiting for it
}

TEST(Connection, EndsWhenTheClientWantsIt) {
  Edge edge;
  for (const std::string& request : {get("/info", "Connection: close\r\n"),
                                     std::string("GET /info HTTP/1.0\r\n\r\n"), get("/close")}) {
    Client client = edge.connect();
    const Answer answer = client.ask(request);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Connection"), "close");
    EXPECT_TRUE(client.at_end());
  }
  Client old = edge.connect();
  EXPECT_EQ(old.ask("GET /info HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection"),
            "keep-alive");
  EXPECT_EQ(old.ask("GET /info HTTP/1.0\r\n\r\n").status, 200);
}

TEST(Connection, HalfClosedClientStillGetsItsAnswer) {
  Edge edge;
  Client client = edge.connect();
  client.send(get("/later?x"));
  client.shut();
  EXPECT_EQ(client.read_answer().body, "x=");
  EXPECT_TRUE(client.at_end());
}

TEST(Connection, TraceIsContinuedAlsoInARefusal) {
  Edge edge;
  const std::string trace =
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
  Client client = edge.connect();
  EXPECT_EQ(client.ask(get("/info", trace)).field("Trace-Id"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(client.ask(get("/info", trace + "Content-Length: 99999999\r\n")).field("Trace-Id"),
            "4bf92f3577b34da6a3ce929d0e0e4736");
}

struct Attack {
  const char* name;
  std::string bytes;
  int status;
};

class AttackOnFraming : public testing::TestWithParam<Attack> {};

TEST_P(AttackOnFraming, IsAnsweredOnceAndTheConnectionEnds) {
  Edge edge;
  Client client = edge.connect();
  // The smuggled request behind the attack must never be served.
  client.send(get("/info") + GetParam().bytes + get("/smuggled"));
  EXPECT_EQ(client.read_answer().status, 200);
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(answer.field("Trace-Id").size(), 32U);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(client.buffered(), "");
  EXPECT_EQ(edge.handler.handled, 1);
  EXPECT_EQ(edge.server.stats().malformed, 1U);
}

std::string post(const std::string& rest) { return "POST /echo HTTP/1.1\r\nHost: x\r\n" + rest; }

INSTANTIATE_TEST_SUITE_P(
    Framing, AttackOnFraming,
    testing::Values(
        Attack{"BothLengths",
               post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
        Attack{"TwoLengths", post("Content-Length: 0\r\nContent-Length: 5\r\n\r\n"), 400},
        Attack{"BareLineFeed", "GET /echo HTTP/1.1\nHost: x\n\n", 400},
        Attack{"FoldedLength", post("A: b\r\n\tContent-Length: 5\r\n\r\n"), 400},
        Attack{"SpaceBeforeColon", post("Content-Length : 5\r\n\r\n"), 400},
        Attack{"BadChunk", post("Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n"), 400},
        Attack{"NulInField", post(std::string("A: \0\r\n\r\n", 8)), 400},
        Attack{"Connect", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501},
        Attack{"LongTarget", get("/" + std::string(9000, 'a')), 414},
        Attack{"LargeFields", get("/", "A: " + std::string(16'500, 'a') + "\r\n"), 431},
        Attack{"LargeBodyAnnounced", post("Content-Length: 65537\r\n\r\n"), 413},
        Attack{"LargeChunk", post("Transfer-Encoding: chunked\r\n\r\n10001\r\n"), 413},
        Attack{"Expectation", post("Expect: cake\r\n\r\n"), 417}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(Connection, BareLineFeedInPiecesIsNotWaitedFor) {
  Edge edge;
  Client client = edge.connect();
  client.send("GET / HTTP/1.1\r\nHost: x");
  client.send("\n\n");
  EXPECT_EQ(client.read_answer().status, 400);
}

TEST(Connection, RefusalIsReadableWhileTheClientStillSends) {
  Edge edge;
  Client client = edge.connect();
  client.send(post("Content-Length: 100000\r\n\r\n") + std::string(100'000, 'x'));
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_FALSE(answer.closed);
}

}  // namespace
}  // namespace onsale::http
