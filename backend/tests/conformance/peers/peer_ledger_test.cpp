// The seat ledger over HTTP: the same suites over PeerSeatLedger -> our server -> the memory ledger,
// in one process; and what becomes of calls whose answer does not come.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "adapters/embedded/system_clock.hpp"
#include "adapters/memory/seat_ledger.hpp"
#include "adapters/peers/peer_payments.hpp"
#include "adapters/peers/peer_seat_ledger.hpp"
#include "api/routes/internal_payment_routes.hpp"
#include "api/routes/internal_seat_routes.hpp"
#include "runtime/http/server.hpp"
#include "runtime/loop.hpp"
#include "tests/conformance/seat_ledger_conformance.hpp"
#include "tests/support/wait_for.hpp"

namespace onsale::conformance {
namespace {

constexpr const char* kCredential = "for-peers-only";

// The internal routes and nothing else; can be told to misbehave.
class InternalHandler final : public http::Handler {
 public:
  InternalHandler(SeatLedger& ledger, SeatLedgerAdmin& admin, Payments* payments, Clock& clock)
      : seats_(ledger, admin), payments_(payments), clock_(clock) {}

  Task<void> handle(const http::Request& request, http::Response& response) override {
    ++handled;
    {
      const std::lock_guard lock(traces_mutex_);
      traces_.push_back(request.trace_id);
    }
    api::Call call{
        .request = request, .response = response, .problem_form = form_, .path = {}, .buyer = {}};
    if (request.header("Authorization") != std::string("Bearer ") + kCredential) {
      call.refuse(Code::credential_required);
      return Task<void>::ready();
    }
    const std::string_view verb = request.path.substr(request.path.rfind('/') + 1);
    if (payments_ != nullptr) {
      const api::InternalPaymentRoutes routes(*payments_, clock_);
      if (verb == "authorize") return payment(std::move(call), 0);
      if (verb == "capture") return payment(std::move(call), 1);
      return payment(std::move(call), 2);
    }
    Task<void> answering = ask(verb, std::move(call));
    return answering;
  }
  void refuse(Code, std::string_view, TraceId, http::Response& response) override {
    response.status(400);
  }

  // Which trace each question belonged to.
  std::vector<TraceId> traces() {
    const std::lock_guard lock(traces_mutex_);
    return traces_;
  }

  std::atomic<int> handled{0};
  // So many answers are thrown away after their work was done: the connection is closed instead.
  std::atomic<int> lose_answers{0};

 private:
  Task<void> ask(std::string_view verb, api::Call call) {
    http::Response& response = call.response;
    if (verb == "hold")
      co_await seats_.hold(std::move(call));
    else if (verb == "extend")
      co_await seats_.extend(std::move(call));
    else if (verb == "release")
      co_await seats_.release(std::move(call));
    else if (verb == "holds")
      co_await seats_.holds(std::move(call));
    else if (verb == "pin")
      co_await seats_.pin(std::move(call));
    else if (verb == "settle")
      co_await seats_.settle(std::move(call));
    else if (verb == "confirm")
      co_await seats_.confirm(std::move(call));
    else
      co_await seats_.reset(std::move(call));
    if (lose_answers.load() > 0) {
      --lose_answers;
      // Nothing that a client could read as this call's answer.
      co_await Scheduler::current()->sleep_for(Milliseconds{400});
      response.close();
    }
  }
  Task<void> payment(api::Call call, int verb) {
    const api::InternalPaymentRoutes routes(*payments_, clock_);
    if (verb == 0)
      co_await routes.authorise(std::move(call));
    else if (verb == 1)
      co_await routes.capture(std::move(call));
    else
      co_await routes.cancel(std::move(call));
  }

  std::mutex traces_mutex_;
  std::vector<TraceId> traces_;
  const api::ProblemForm form_;
  const api::InternalSeatRoutes seats_;
  Payments* payments_;
  Clock& clock_;
};

// A server on a free port with that handler behind it.
class Node {
 public:
  Node(SeatLedger& ledger, SeatLedgerAdmin& admin, Payments* payments = nullptr)
      : handler(ledger, admin, payments, clock_), server_(options()) {
    EXPECT_TRUE(server_.listen());
    std::atomic<bool> up{false};
    thread_ = std::thread([this, &up] {
      server_.run(handler, [&up] {
        up = true;
        up.notify_one();
      });
    });
    up.wait(false);
  }
  ~Node() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }
  http::Origin origin() const { return {.host = "127.0.0.1", .port = server_.port(0)}; }

 private:
  SystemClock clock_;

 public:
  InternalHandler handler;

 private:
  static http::ServerOptions options() {
    http::ServerOptions options;
    options.endpoints = {{.address = "127.0.0.1", .port = 0, .internal = true}};
    options.loops = 1;
    return options;
  }
  http::Server server_;
  std::thread thread_;
};

// The caller's side: a loop of its own, and any Task run on it while the test waits.
class Caller {
 public:
  explicit Caller(std::vector<http::Origin> nodes, std::string credential = kCredential)
      : thread_([this] { loop_.run(); }),
        peers(client_, clock_, ids_,
              {.nodes = std::move(nodes), .credential = std::move(credential)}) {}
  ~Caller() {
    loop_.stop();
    thread_.join();
  }

  template <typename Make>
  auto run(Make make) {
    using T = decltype(make().await_resume());
    std::promise<T> done;
    loop_.post([&make, &done] { detach(finish(make, done)); });
    return done.get_future().get();
  }

 private:
  template <typename Make, typename T>
  static Task<void> finish(Make& make, std::promise<T>& done) {
    auto task = make();
    T value = co_await std::move(task);
    done.set_value(std::move(value));
  }

  AsioScheduler loop_;
  http::HttpClient client_;
  SystemClock clock_;
  KernelIdSource ids_;
  std::thread thread_;

 public:
  PeerClient peers;
};

// The port as a test without a loop calls it: each call is run on the caller's loop to its end.
class WaitingLedger final : public SeatLedger {
 public:
  WaitingLedger(Caller& caller, SeatLedger& ledger) : caller_(caller), ledger_(ledger) {}
  Task<LedgerAnswer<HoldGranted>> hold(HoldRequest request) override {
    return caller_.run([&] { return ledger_.hold(request); });
  }
  Task<LedgerAnswer<Instant>> extend(EventId event, SeatId seat, BuyerId buyer,
                                     Milliseconds by) override {
    return caller_.run([&] { return ledger_.extend(event, seat, buyer, by); });
  }
  Task<LedgerAnswer<Unit>> release(EventId event, SeatId seat, BuyerId buyer) override {
    return caller_.run([&] { return ledger_.release(event, seat, buyer); });
  }
  Task<Result<BuyerHolds>> holds_of(EventId event, BuyerId buyer) override {
    return caller_.run([&] { return ledger_.holds_of(event, buyer); });
  }
  Task<LedgerAnswer<PinGranted>> pin(EventId event, SeatIds seats, BuyerId buyer, OrderId order,
                                     Instant deadline) override {
    return caller_.run([&] { return ledger_.pin(event, seats, buyer, order, deadline); });
  }
  Task<LedgerAnswer<Version>> settle(EventId event, SeatIds seats, OrderId order,
                                     Settlement settlement) override {
    return caller_.run([&] { return ledger_.settle(event, seats, order, settlement); });
  }
  Task<LedgerAnswer<Version>> confirm(EventId event, SeatId seat, BuyerId buyer,
                                      OrderId order) override {
    return caller_.run([&] { return ledger_.confirm(event, seat, buyer, order); });
  }

 private:
  Caller& caller_;
  SeatLedger& ledger_;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Case& one : seat_ledger_cases()) cases.push_back(one);
  for (const Case& one : seat_order_cases()) cases.push_back(one);
  for (const Case& one : seat_feed_cases()) cases.push_back(one);
  return cases;
}

class PeerLedgerConformance : public testing::TestWithParam<Case> {};

TEST_P(PeerLedgerConformance, Holds) {
  ManualClock clock;
  MemorySeatLedger memory(clock, 1024);
  const Node node(memory, memory);
  Caller caller({node.origin()});
  PeerSeatLedger peer(caller.peers);
  WaitingLedger ledger(caller, peer);
  LedgerUnderTest under{clock, ledger, memory, memory, [&] { memory.sweep(); }};
  GetParam().run(under);
}

INSTANTIATE_TEST_SUITE_P(OverHttp, PeerLedgerConformance, testing::ValuesIn(all_cases()),
                         [](const auto& about) { return std::string(about.param.name); });

// An event with free seats, and a hold on two of them.
class PeerLedger : public testing::Test {
 protected:
  PeerLedger() : memory(clock, 1024) {
    EXPECT_TRUE(run_task(memory.open_event(kEvent, {.first = 1, .stride = 3, .count = 10}, {})));
  }
  HoldRequest wish() const {
    return {.event = kEvent,
            .seats = seats({1, 4}),
            .buyer = buyer(1),
            .wanted = Milliseconds{60'000},
            .life_max = kLifeMax};
  }
  ManualClock clock;
  MemorySeatLedger memory;
};

TEST_F(PeerLedger, AnAnswerThatWasLostIsAskedForAgainAndIsTheSame) {
  Node node(memory, memory);
  Caller caller({node.origin()});
  PeerSeatLedger ledger(caller.peers,
                        {.deadline = Milliseconds{5000}, .try_deadline = Milliseconds{200}});
  node.handler.lose_answers = 1;
  const auto held = caller.run([&] { return ledger.hold(wish()); });
  ASSERT_TRUE(held.granted());
  EXPECT_EQ(held.value().version, run_task(memory.counts(kEvent))->version);
  EXPECT_EQ(run_task(memory.counts(kEvent))->held, 2U);
  EXPECT_GE(caller.peers.stats().asked_again, 1U);
}

TEST_F(PeerLedger, WhatNeverComesBackIsUnavailableWithinTheDeadline) {
  Node node(memory, memory);
  Caller caller({node.origin()});
  PeerSeatLedger ledger(caller.peers,
                        {.deadline = Milliseconds{300}, .try_deadline = Milliseconds{100}});
  node.handler.lose_answers = 100;
  const auto before = std::chrono::steady_clock::now();
  const auto held = caller.run([&] { return ledger.hold(wish()); });
  expect_refused(held, Code::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
}

TEST_F(PeerLedger, ANodeThatIsAwayIsPassedOver) {
  Node gone(memory, memory);
  const http::Origin nobody = gone.origin();
  gone.stop();
  Node node(memory, memory);
  Caller caller({nobody, node.origin()});
  PeerSeatLedger ledger(caller.peers);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(caller.run([&] { return ledger.hold(wish()); }).granted());
  }
  EXPECT_TRUE(caller.peers.reachable());
  EXPECT_EQ(node.handler.handled, 20);
}

TEST_F(PeerLedger, WhenAllAreAwayTheBreakerSaysSoAtOnceAndFindsThemAgain) {
  Node gone(memory, memory);
  const http::Origin origin = gone.origin();
  gone.stop();
  Caller caller({origin});
  PeerSeatLedger ledger(caller.peers);
  for (int i = 0; i < 3; ++i) {
    expect_refused(caller.run([&] { return ledger.hold(wish()); }), Code::unavailable);
  }
  EXPECT_FALSE(caller.peers.reachable());
  EXPECT_GT(caller.peers.stats().breaker_refused, 0U);
}

TEST_F(PeerLedger, AWrongCredentialIsUnavailable) {
  Node node(memory, memory);
  Caller caller({node.origin()}, "wrong");
  PeerSeatLedger ledger(caller.peers);
  expect_refused(caller.run([&] { return ledger.hold(wish()); }), Code::unavailable);
  EXPECT_EQ(run_task(memory.counts(kEvent))->held, 0U);
}

TEST_F(PeerLedger, AQuestionAboutAnOrderGoesOnInTheOrdersTrace) {
  Node node(memory, memory);
  Caller caller({node.origin()});
  const TraceId trace{{0xABC, 0xDEF}};
  PeerSeatLedger ledger(caller.peers, {.trace_of = [&](OrderId asked) {
                          return asked == order(7) ? trace : TraceId{};
                        }});
  const Instant deadline = clock.now() + Milliseconds{60'000};
  ASSERT_TRUE(caller.run([&] { return ledger.hold(wish()); }).granted());
  ASSERT_TRUE(
      caller.run([&] { return ledger.pin(kEvent, seats({1}), buyer(1), order(7), deadline); })
          .granted());
  ASSERT_TRUE(
      caller.run([&] { return ledger.settle(kEvent, seats({1}), order(7), Settlement::sell); })
          .granted());
  ASSERT_TRUE(
      caller.run([&] { return ledger.pin(kEvent, seats({4}), buyer(1), order(8), deadline); })
          .granted());
  const std::vector<TraceId> traces = node.handler.traces();
  ASSERT_EQ(traces.size(), 4U);
  EXPECT_NE(traces[0], trace);
  EXPECT_EQ(traces[1], trace);
  EXPECT_EQ(traces[2], trace);
  EXPECT_NE(traces[3], trace);  // nobody knows its trace: a new one
  EXPECT_FALSE(traces[3].is_nil());
}

TEST_F(PeerLedger, AResetIsAskedOfTheLedgersOwner) {
  Node node(memory, memory);
  Caller caller({node.origin()});
  PeerSeatLedger ledger(caller.peers);
  PeerLedgerAdmin admin(caller.peers);
  ASSERT_TRUE(caller.run([&] { return ledger.hold(wish()); }).granted());
  ASSERT_TRUE(caller.run([&] { return admin.reset(kEvent); }));
  EXPECT_EQ(run_task(memory.counts(kEvent))->available, 10U);
  const Status unknown = caller.run([&] { return admin.reset(EventId{99}); });
  EXPECT_EQ(unknown.code(), Code::event_not_found);
}

// Payments that answer from a script, and count.
class ScriptedPayments final : public Payments {
 public:
  Task<AuthoriseOutcome> authorise(PaymentAttempt attempt, Instant) override {
    ++asked;
    last = attempt;
    return outcome;
  }
  Task<PaymentAnswer> capture(PaymentAttempt attempt) override {
    last = attempt;
    return answer;
  }
  Task<PaymentAnswer> void_authorisation(PaymentAttempt attempt) override {
    last = attempt;
    return answer;
  }
  std::atomic<int> asked{0};
  PaymentAttempt last;
  AuthoriseOutcome outcome = AuthoriseOutcome::authorised;
  PaymentAnswer answer = PaymentAnswer::done;
};

class PeerPayment : public PeerLedger {
 protected:
  PeerPayment()
      : node(memory, memory, &scripted),
        caller({node.origin()}),
        payments(caller.peers, real_clock, ids) {}
  PaymentAttempt attempt() const { return {AttemptId{{1, 2}}, order(7), Money{105'000}, "KRW"}; }
  Instant in(Milliseconds time) const { return real_clock.now() + time; }

  SystemClock real_clock;
  KernelIdSource ids;
  ScriptedPayments scripted;
  Node node;
  Caller caller;
  PeerPayments payments;
};

TEST_F(PeerPayment, OutcomesComeAsTheyAreTold) {
  const Instant later = in(Milliseconds{5000});
  for (const auto outcome : {AuthoriseOutcome::authorised, AuthoriseOutcome::declined}) {
    scripted.outcome = outcome;
    EXPECT_EQ(caller.run([&] { return payments.authorise(attempt(), later); }), outcome);
  }
  for (const auto answer : {PaymentAnswer::done, PaymentAnswer::declined, PaymentAnswer::unknown}) {
    scripted.answer = answer;
    EXPECT_EQ(caller.run([&] { return payments.capture(attempt()); }), answer);
    EXPECT_EQ(caller.run([&] { return payments.void_authorisation(attempt()); }), answer);
  }
  EXPECT_EQ(scripted.last.id, attempt().id);
  EXPECT_EQ(scripted.last.order, attempt().order);
  EXPECT_EQ(scripted.last.amount, attempt().amount);
  EXPECT_EQ(scripted.last.currency, "KRW");
}

TEST_F(PeerPayment, AnAttemptIsAskedForInTheTraceOfItsOrder) {
  PaymentAttempt traced = attempt();
  traced.trace = TraceId{{0xABC, 0xDEF}};
  const Instant later = in(Milliseconds{5000});
  caller.run([&] { return payments.authorise(traced, later); });
  caller.run([&] { return payments.capture(traced); });
  caller.run([&] { return payments.void_authorisation(traced); });
  EXPECT_EQ(node.handler.traces(), std::vector<TraceId>(3, traced.trace));
}

TEST_F(PeerPayment, UnknownIsAskedAgainUntilPayBy) {
  scripted.outcome = AuthoriseOutcome::unknown;
  const Instant soon = in(Milliseconds{600});
  EXPECT_EQ(caller.run([&] { return payments.authorise(attempt(), soon); }),
            AuthoriseOutcome::unknown);
  EXPECT_GT(scripted.asked, 1);
}

TEST_F(PeerPayment, NobodyThereIsUnavailableAtPayBy) {
  node.stop();
  const Instant soon = in(Milliseconds{300});
  EXPECT_EQ(caller.run([&] { return payments.authorise(attempt(), soon); }),
            AuthoriseOutcome::unavailable);
  EXPECT_EQ(caller.run([&] { return payments.capture(attempt()); }), PaymentAnswer::unknown);
}

}  // namespace
}  // namespace onsale::conformance
