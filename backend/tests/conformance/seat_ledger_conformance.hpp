// The conformance suites of SeatLedger, SeatLedgerAdmin and SeatFeed: each case is a function over
// "a ledger under test", so that the same words hold every adapter to the ports' contracts, and a
// deliberately wrong adapter can be seen to fail them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ports/seat_feed.hpp"
#include "ports/seat_ledger.hpp"
#include "ports/seat_ledger_admin.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/run_task.hpp"

namespace onsale::conformance {

// A fresh, empty ledger behind its three ports. `sweep` does what the office's background work does
// to free lapsed seats; the suite calls it where an adapter is given 1 s.
struct LedgerUnderTest {
  ManualClock& clock;
  SeatLedger& ledger;
  SeatLedgerAdmin& admin;
  SeatFeed& feed;
  std::function<void()> sweep;
};

struct Case {
  const char* name;
  void (*run)(LedgerUnderTest&);
};
std::span<const Case> seat_ledger_cases();
std::span<const Case> seat_order_cases();
std::span<const Case> seat_feed_cases();

inline constexpr EventId kEvent{7};
inline constexpr Milliseconds kLifeMax{15 * 60'000};

inline BuyerId buyer(std::uint64_t n) { return BuyerId{{0xB0, n}}; }
inline OrderId order(std::uint64_t n) { return OrderId{{0x0D, n}}; }
inline SeatIds seats(std::initializer_list<std::uint64_t> ids) {
  SeatIds list;
  for (const std::uint64_t id : ids) list.push_back(SeatId{id});
  return list;
}

template <typename T>
void expect_refused(const LedgerAnswer<T>& answer, Code code,
                    std::initializer_list<RefusedSeat> in_the_way = {}) {
  ASSERT_FALSE(answer.granted());
  EXPECT_EQ(static_cast<int>(answer.refused().code), static_cast<int>(code));
  EXPECT_EQ(answer.refused().seats, RefusedSeats(in_the_way));
}

inline constexpr auto kAvailable = seat::WireStatus::available;
inline constexpr auto kHeld = seat::WireStatus::held;
inline constexpr auto kSold = seat::WireStatus::sold;
inline constexpr auto kBlocked = seat::WireStatus::blocked;

// The port's calls in a test's words. Every event opened has seat ids 1, 4, 7, … (3k + 1).
class Office {
 public:
  explicit Office(LedgerUnderTest& under) : under_(under) {}

  void open(std::uint32_t count = 100, std::vector<SeatId> blocked = {}, EventId event = kEvent);
  LedgerAnswer<HoldGranted> hold(std::uint64_t who, SeatIds which, Milliseconds wanted = kMinute,
                                 std::uint32_t limit = 8, EventId event = kEvent);
  LedgerAnswer<Instant> extend(std::uint64_t who, std::uint64_t seat, Milliseconds by);
  LedgerAnswer<Unit> release(std::uint64_t who, std::uint64_t seat);
  LedgerAnswer<PinGranted> pin(std::uint64_t who, SeatIds which, std::uint64_t for_order,
                               Milliseconds deadline = kMinute);
  LedgerAnswer<Version> settle(SeatIds which, std::uint64_t for_order, Settlement settlement);
  LedgerAnswer<Version> confirm(std::uint64_t who, std::uint64_t seat, std::uint64_t for_order);
  BuyerHolds holds_of(std::uint64_t who);
  SeatCounts counts();
  seat::State state(std::uint64_t seat);
  FeedBatch read(Version after, std::size_t max = 1000);
  Version version() { return counts().version; }
  // Time passes and the office has had its second to act on it.
  void pass(Milliseconds time);
  ManualClock& clock() { return under_.clock; }
  LedgerUnderTest& ports() { return under_; }

  static constexpr Milliseconds kMinute{60'000};

 private:
  LedgerUnderTest& under_;
};

}  // namespace onsale::conformance
