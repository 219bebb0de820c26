// What a start, an import into a stopped office and an audit find after a restart is the same.
#include "app/restoring.hpp"

#include <gtest/gtest.h>

#include "adapters/embedded/seat_ledger.hpp"
#include "app/run_now.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/plain_hall.hpp"

namespace onsale::app {
namespace {

class RestoringTest : public ::testing::Test {
 protected:
  RestoringTest() : hall(plain_hall(2, 3)), event(plain_event(hall)) {
    // A re-import left the second seat out: its index is kept, its place is gone.
    auto& row = hall.sections[0].rows[0].seats;
    row.erase(row.begin() + 1);
  }
  SeatCounts counts() { return *run_now(ledger.counts(event.id)); }
  [[nodiscard]] SeatId seat(std::uint32_t index) const { return event.numbering.id_of(index); }

  ManualClock clock;
  EmbeddedLedger ledger{clock, {}};
  catalog::Hall hall;
  catalog::Event event;
};

TEST_F(RestoringTest, RetiredSeatsAreBlockedThoughTheJournalIsGone) {
  std::vector<CatalogueEntry> catalogue;
  catalogue.push_back({event, hall});
  ASSERT_TRUE(restore_seats(ledger, halls_of(catalogue), std::vector<SeatClaim>{}, clock.now()));
  EXPECT_EQ(counts().blocked, 1U);
  EXPECT_EQ(counts().available, 5U);
  EXPECT_EQ(run_now(ledger.snapshot(event.id))->statuses[1], seat::WireStatus::blocked);
}

TEST_F(RestoringTest, ClaimsAreLaidOverTheSeats) {
  const BuyerId buyer{{1, 2}};
  std::vector<SeatClaim> claims;
  claims.push_back({event.id, seat(0), OrderId{{3, 4}}, buyer, true});
  claims.push_back({event.id, seat(2), OrderId{{3, 5}}, buyer, false});
  ASSERT_TRUE(restore_seats(ledger, {{.event = &event, .hall = &hall}}, std::move(claims),
                            clock.now() + Milliseconds{1}));
  EXPECT_EQ(counts().sold, 1U);
  EXPECT_EQ(counts().pinned, 1U);
}

TEST_F(RestoringTest, ClaimsThatCannotBeReadAreTold) {
  const Status restored = restore_seats(ledger, {{.event = &event, .hall = &hall}},
                                        Failure{Code::unavailable, "no store"}, clock.now());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().detail, "no store");
}

}  // namespace
}  // namespace onsale::app
