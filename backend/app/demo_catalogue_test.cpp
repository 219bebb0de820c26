// The demo catalogue is what load scripts and the README rely on.
#include "app/demo_catalogue.hpp"

#include <gtest/gtest.h>

#include <set>

#include "domain/catalog/plan.hpp"
#include "services/catalog/offer.hpp"

namespace onsale::app {
namespace {

const Instant kNow = instant_of_ms(1'795'000'000'000);

TEST(DemoCatalogue, SmallHallsHaveTheIdsAndPricesOfTheContract) {
  const auto entries = demo_catalogue(kNow);
  ASSERT_EQ(entries.size(), 5U);
  for (std::size_t e = 0; e < 3; ++e) {
    const catalog::Offer offer(entries[e].event, entries[e].hall);
    EXPECT_EQ(offer.event().id.value, e + 1);
    ASSERT_EQ(offer.seat_count(), 100U);
    EXPECT_EQ(offer.rows(), 10U);
    EXPECT_EQ(offer.columns(), 10U);
    for (std::uint32_t k = 0; k < 100; ++k) {
      EXPECT_EQ(offer.event().numbering.id_of(k).value, 3 * k + e + 1);
      EXPECT_EQ(offer.places()[k].row, k / 10);
      EXPECT_EQ(offer.places()[k].column, k % 10);
      EXPECT_EQ(offer.places()[k].price, 50'000 + offer.places()[k].column * 1'000);
    }
  }
}

TEST(DemoCatalogue, TheatreAndStadiumHaveTheirSeats) {
  const auto entries = demo_catalogue(kNow);
  EXPECT_NEAR(static_cast<double>(seat_count(entries[3].hall)), 1'500, 25);
  EXPECT_EQ(seat_count(entries[4].hall), 50'000U);
  for (const auto& entry : entries) {
    std::set<std::string> guids;
    std::set<std::pair<double, double>> places;
    std::size_t wheelchairs = 0;
    for (const auto& section : entry.hall.sections) {
      for (const auto& row : section.rows) {
        EXPECT_FALSE(row.seats.empty());
        for (const auto& seat : row.seats) {
          guids.insert(seat.guid);
          places.emplace(seat.x, seat.y);
          wheelchairs += seat.wheelchair ? 1 : 0;
          EXPECT_EQ(seat.x, catalog::hall_coordinate(seat.x));
          EXPECT_TRUE(seat.x > 0 && seat.x < entry.hall.width) << seat.guid;
          EXPECT_TRUE(seat.y > 0 && seat.y < entry.hall.height) << seat.guid;
        }
      }
    }
    EXPECT_EQ(guids.size(), seat_count(entry.hall));
    EXPECT_EQ(places.size(), seat_count(entry.hall));
    EXPECT_EQ(wheelchairs > 0, entry.event.id.value > 3);
  }
}

TEST(DemoCatalogue, IsOnSaleAndInTheFuture) {
  for (const auto& entry : demo_catalogue(kNow)) {
    const catalog::Offer offer(entry.event, entry.hall);
    EXPECT_EQ(offer.sale_state(kNow), catalog::SaleState::on_sale);
    EXPECT_GT(entry.event.starts_at, kNow + std::chrono::days{20});
  }
}

}  // namespace
}  // namespace onsale::app
