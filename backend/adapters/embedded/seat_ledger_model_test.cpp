// The embedded ledger against the plain one: the same random calls at the same random times, over
// 10^5 steps a seed, must be answered alike; and the feed, the counts and every seat must agree. On
// the way the embedded one is now and then closed or killed and started again from its journal.
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>

#include "adapters/embedded/seat_ledger.hpp"
#include "adapters/memory/seat_ledger.hpp"
#include "tests/support/fault_file_system.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace onsale {
namespace {

constexpr EventId kEvents[] = {EventId{1}, EventId{2}, EventId{3}};
constexpr std::uint32_t kSeats = 40;

template <typename T>
bool same(const LedgerAnswer<T>& a, const LedgerAnswer<T>& b) {
  if (a.granted() != b.granted()) return false;
  if (!a.granted()) {
    return a.refused().code == b.refused().code && a.refused().seats == b.refused().seats;
  }
  if constexpr (std::is_same_v<T, HoldGranted>) {
    return a.value().expires_at == b.value().expires_at && a.value().version == b.value().version;
  } else if constexpr (std::is_same_v<T, PinGranted>) {
    return a.value().version == b.value().version;
  } else {
    return a.value() == b.value();
  }
}

template <typename T>
std::string describe(const LedgerAnswer<T>& answer) {
  if (!answer.granted()) {
    return "code " + std::to_string(static_cast<int>(answer.refused().code)) + " with " +
           std::to_string(answer.refused().seats.size()) + " seats";
  }
  if constexpr (requires { answer.value().version.value; }) {
    return "version " + std::to_string(answer.value().version.value);
  } else if constexpr (requires { answer.value().value; }) {
    return "version " + std::to_string(answer.value().value);
  } else {
    return "granted";
  }
}

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed), plain_(clock_, 512) {
    start();
    for (const EventId event : kEvents) {
      const SeatNumbering numbering{event.value, 3, kSeats};
      const std::vector<SeatId> blocked{numbering.id_of(kSeats - 1)};
      EXPECT_TRUE(run_task(fast_->open_event(event, numbering, blocked)));
      EXPECT_TRUE(run_task(plain_.open_event(event, numbering, blocked)));
    }
  }

  // One random call on both.
  void step() {
    const EventId event = kEvents[pick(3)];
    const BuyerId buyer{{0, pick(6)}};
    const OrderId order{{1, pick(12)}};
    const SeatIds seats = some_seats(event);
    const Milliseconds span{static_cast<std::int64_t>(pick(5000)) + 1};
    switch (pick(16)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const HoldRequest request{event, seats,    buyer,
                                  span,  span * 2, static_cast<std::uint32_t>(pick(6)) + 4};
        both([&](SeatLedger& l) { return l.hold(request); });
        break;
      }
      case 4:
        both([&](SeatLedger& l) { return l.extend(event, seats.front(), buyer, span); });
        break;
      case 5:
        both([&](SeatLedger& l) { return l.release(event, seats.front(), buyer); });
        break;
      case 6:
      case 7:
      case 8: {
        const Instant deadline = clock_.now() + span;
        const SeatIds mine = held_by(event, buyer, seats);
        pin_both(event, mine, buyer, order, deadline);
        break;
      }
      case 9:
      case 10:
        both([&](SeatLedger& l) { return l.settle(event, seats, order, Settlement::sell); });
        break;
      case 11:
        both([&](SeatLedger& l) { return l.settle(event, seats, order, Settlement::unpin); });
        break;
      case 12:
        both([&](SeatLedger& l) { return l.settle(event, seats, order, Settlement::give_back); });
        break;
      case 13:
        both([&](SeatLedger& l) { return l.confirm(event, seats.front(), buyer, order); });
        break;
      case 14: {
        const bool block = pick(2) == 0;
        both_admin([&](SeatLedgerAdmin& l) { return l.set_blocked(event, seats, block); });
        break;
      }
      default:
        if (pick(50) == 0) {
          ASSERT_TRUE(run_task(fast_->reset(event)));
          ASSERT_TRUE(run_task(plain_.reset(event)));
        }
    }
    clock_.advance(Milliseconds{static_cast<std::int64_t>(pick(20))});
  }

  // What has lapsed is swept from both: by the plain one at the last instant of a tick of the timer
  // wheel, by the fast one, in small slices as beside traffic, at the first of the next. The order
  // in which lapses reach the feed is each adapter's own: feeds are compared by the map they make.
  void sweep() {
    constexpr std::int64_t kTick = ClaimBook::kTickMs;
    const std::int64_t next = (ms_of(clock_.now()) / kTick + 1) * kTick;
    clock_.set(instant_of_ms(next - 1));
    plain_.sweep();
    clock_.set(instant_of_ms(next));
    while (!fast_->sweep(clock_.now(), 1 + pick(7))) {
    }
  }

  void compare() {
    sweep();
    for (const EventId event : kEvents) {
      ASSERT_EQ(run_task(fast_->counts(event)).value(), run_task(plain_.counts(event)).value());
      const auto fast = run_task(fast_->records(event)).value();
      const auto plain = run_task(plain_.records(event)).value();
      ASSERT_EQ(fast.size(), plain.size());
      for (std::size_t i = 0; i < fast.size(); ++i) {
        ASSERT_EQ(fast[i].seat, plain[i].seat);
        ASSERT_EQ(fast[i].state, plain[i].state);
      }
      for (std::uint64_t who = 0; who < 6; ++who) {
        const auto a = run_task(fast_->holds_of(event, BuyerId{{0, who}})).value();
        const auto b = run_task(plain_.holds_of(event, BuyerId{{0, who}})).value();
        ASSERT_EQ(a.holds, b.holds);
      }
      follow(event);
    }
  }

  // The view of a feed's reader equals the snapshot.
  void follow(EventId event) {
    SeatSnapshot& view = views_[event.value - 1];
    const FeedBatch batch = run_task(fast_->read(event, view.version, 100'000)).value();
    const SeatSnapshot truth = run_task(fast_->snapshot(event)).value();
    if (batch.too_old || view.statuses.empty()) {
      view = truth;
      return;
    }
    for (const SeatChange& change : batch.changes) {
      ASSERT_EQ(change.version, view.version.next());
      view.version = change.version;
      view.statuses[change.seat_index] = change.status;
    }
    ASSERT_EQ(view.version, truth.version);
    ASSERT_EQ(view.statuses, truth.statuses);
  }

  // An orderly end and a new start: nothing is lost, versions go on.
  void restart() {
    sweep();
    ASSERT_TRUE(fast_->stop());
    start();
  }

  void snapshot() { ASSERT_TRUE(journal_->write_snapshot()); }
  void flush() { ASSERT_TRUE(journal_->flush()); }
  std::uint64_t pick(std::uint64_t below) { return random_() % below; }

 private:
  void start() {
    fast_.reset();
    journal_ = std::make_unique<Journal>(files_,
                                         JournalOptions{.folder = "/journal", .background = false});
    fast_ = std::make_unique<EmbeddedLedger>(
        clock_, EmbeddedLedgerOptions{.feed_capacity = 512, .journal = journal_.get()});
    const auto report = fast_->start();
    ASSERT_TRUE(report) << report.error().detail;
    ASSERT_TRUE(report->faults.empty()) << report->faults.front();
    ASSERT_EQ(report->epoch, 0U);
  }

  SeatIds some_seats(EventId event) {
    SeatIds seats;
    const std::uint64_t count = pick(8) == 0 ? pick(kSeatsPerCallMax + 1) : 1 + pick(3);
    const std::uint64_t first = pick(kSeats + 1);  // one past the last: unknown
    for (std::uint64_t i = 0; i < count; ++i) {
      seats.push_back(SeatId{event.value + 3 * ((first + i * (1 + pick(2))) % (kSeats + 1))});
    }
    if (seats.empty() && pick(2) == 0) seats.push_back(SeatId{event.value});
    if (seats.empty()) seats.push_back(SeatId{event.value + 1});
    return seats;
  }

  // Mostly what the buyer holds, so that pins succeed often enough.
  SeatIds held_by(EventId event, BuyerId buyer, const SeatIds& fallback) {
    if (pick(4) == 0) return fallback;
    SeatIds seats;
    const BuyerHolds mine = run_task(plain_.holds_of(event, buyer)).value();
    for (const LiveHold& hold : mine.holds) {
      if (!hold.pinned && !seats.full()) seats.push_back(hold.seat);
    }
    return seats.empty() ? fallback : seats;
  }

  template <typename Call>
  void both(const Call& call) {
    const auto a = run_task(call(*fast_));
    const auto b = run_task(call(plain_));
    granted_ += a.granted() ? 1 : 0;
    ASSERT_TRUE(same(a, b)) << describe(a) << " instead of " << describe(b);
  }
  // Whose hold lapsed on a free seat is a courtesy that a restart forgets: a pin of one may be
  // refused as never held by the one and as lapsed by the other.
  void pin_both(EventId event, const SeatIds& seats, BuyerId buyer, OrderId order,
                Instant deadline) {
    const auto a = run_task(fast_->pin(event, seats, buyer, order, deadline));
    const auto b = run_task(plain_.pin(event, seats, buyer, order, deadline));
    granted_ += a.granted() ? 1 : 0;
    const bool forgotten = !a.granted() && !b.granted() && a.refused().seats == b.refused().seats &&
                           a.refused().code == Code::reservation_conflict &&
                           b.refused().code != Code::seat_sold;
    ASSERT_TRUE(same(a, b) || forgotten) << describe(a) << " instead of " << describe(b);
  }
  template <typename Call>
  void both_admin(const Call& call) {
    const auto a = run_task(call(*fast_));
    const auto b = run_task(call(plain_));
    ASSERT_TRUE(same(a, b));
  }

  std::mt19937_64 random_;
  ManualClock clock_;
  FaultFileSystem files_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<EmbeddedLedger> fast_;
  MemorySeatLedger plain_;
  SeatSnapshot views_[3];

 public:
  std::uint64_t granted_ = 0;
};

class SeatLedgerModel : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SeatLedgerModel, AnswersLikeThePlainOneOverRandomCalls) {
  std::uint64_t seed = GetParam();
  if (const char* wanted = std::getenv("ONSALE_SEED")) seed = std::strtoull(wanted, nullptr, 10);
  SCOPED_TRACE("ONSALE_SEED=" + std::to_string(seed));
  Model model(seed);
  for (int step = 0; step < 100'000 && !testing::Test::HasFatalFailure(); ++step) {
    model.step();
    if (step % 11 == 0) model.sweep();
    if (step % 97 == 0) model.flush();
    if (step % 499 == 0) model.compare();
    if (step % 2'003 == 0) model.snapshot();
    if (step % 5'003 == 0) model.restart();
  }
  EXPECT_GT(model.granted_, 20'000U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeatLedgerModel, testing::Values(1, 2, 3));

}  // namespace
}  // namespace onsale
