// Offers, quotes, labels and states of sale.
#include "services/catalog/catalog_service.hpp"

#include <gtest/gtest.h>

#include "tests/support/plain_hall.hpp"
#include "tests/support/scripted_feed.hpp"

namespace onsale::catalog {
namespace {

class MapStore final : public CatalogueStore {
 public:
  Result<std::vector<CatalogueEntry>> load() override { return entries; }
  Status put(const CatalogueEntry& entry) override {
    if (failing) return Code::unavailable;
    entries.push_back(entry);
    return ok();
  }
  std::vector<CatalogueEntry> entries;
  bool failing = false;
};

class CatalogServiceTest : public testing::Test {
 protected:
  CatalogServiceTest() {
    Hall hall = plain_hall(2, 3);
    hall.sections[0].rows[1].seats.pop_back();
    Event event = plain_event(hall);
    event.numbering = {.first = 2, .stride = 3, .count = 5};
    store.entries.push_back({event, hall});
  }
  MapStore store;
  ScriptedFeed feed{5};
  CatalogService service{store, feed};
};

TEST_F(CatalogServiceTest, OffersWhatTheStoreHas) {
  EXPECT_EQ(service.find(EventId{1}), nullptr);
  ASSERT_TRUE(service.load());
  const auto* entry = service.find(EventId{1});
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->offer->rows(), 2U);
  EXPECT_EQ(entry->offer->columns(), 3U);
  EXPECT_EQ(entry->offer->price_min(), 40'000);
  EXPECT_EQ(entry->offer->price_max(), 50'000);
  EXPECT_EQ(service.all().size(), 1U);
  EXPECT_EQ(service.find(EventId{2}), nullptr);
}

TEST_F(CatalogServiceTest, QuotesTheSumOfTheSeats) {
  ASSERT_TRUE(service.load());
  const auto quote = service.quote(EventId{1}, {SeatId{2}, SeatId{14}});
  ASSERT_TRUE(quote);
  EXPECT_EQ(quote->total, Money{90'000});
  EXPECT_EQ(quote->currency, "KRW");
}

TEST_F(CatalogServiceTest, KnowsWhichSeatsAreNotOfTheEvent) {
  ASSERT_TRUE(service.load());
  EXPECT_EQ(service.quote(EventId{1}, {SeatId{3}}).code(), Code::seat_not_found);
  EXPECT_EQ(service.quote(EventId{1}, {SeatId{17}}).code(), Code::seat_not_found);
  EXPECT_EQ(service.quote(EventId{9}, {SeatId{2}}).code(), Code::event_not_found);
}

TEST_F(CatalogServiceTest, TellsSectionRowAndSeatAsPrinted) {
  ASSERT_TRUE(service.load());
  const auto label = service.label(EventId{1}, SeatId{14});
  EXPECT_EQ(label.section, "Floor");
  EXPECT_EQ(label.row, "2");
  EXPECT_EQ(label.seat, "2");
  EXPECT_EQ(service.label(EventId{1}, SeatId{1}).seat, "");
}

TEST_F(CatalogServiceTest, SaleOpensAndCloses) {
  store.entries[0].event.closes_at = instant_of_ms(1'800'000'000'000);
  ASSERT_TRUE(service.load());
  const auto state = [&](std::int64_t ms) {
    return *service.sale_state(EventId{1}, instant_of_ms(ms));
  };
  EXPECT_EQ(state(1'699'999'999'999), SaleState::announced);
  EXPECT_EQ(state(1'700'000'000'000), SaleState::on_sale);
  EXPECT_EQ(state(1'799'999'999'999), SaleState::on_sale);
  EXPECT_EQ(state(1'800'000'000'000), SaleState::closed);
  EXPECT_EQ(service.sale_state(EventId{2}, {}).code(), Code::event_not_found);
}

TEST_F(CatalogServiceTest, AnImportThatCannotBeStoredChangesNothing) {
  ASSERT_TRUE(service.load());
  store.failing = true;
  const Hall hall = plain_hall(1, 1);
  EXPECT_FALSE(service.put({plain_event(hall, 7), hall}));
  EXPECT_EQ(service.find(EventId{7}), nullptr);
}

TEST_F(CatalogServiceTest, AReimportKeepsTheSeatMapAndItsReaders) {
  ASSERT_TRUE(service.load());
  const auto before = *service.find(EventId{1});
  Hall hall = before.offer->hall();
  Event event = before.offer->event();
  event.numbering.count = 7;
  hall.sections[0].rows[1].seats.erase(hall.sections[0].rows[1].seats.begin());  // index 3 retires
  hall.sections[0].rows[0].seats.push_back({.guid = "n1", .index = 5});
  hall.sections[0].rows[0].seats.push_back({.guid = "n2", .index = 6});
  ASSERT_TRUE(service.put({event, hall}));
  const auto after = *service.find(EventId{1});
  EXPECT_EQ(after.seat_map, before.seat_map);
  EXPECT_EQ(before.offer->seat_count(), 5U);  // still there for who looks at it
  EXPECT_EQ(after.offer->seat_count(), 7U);
  EXPECT_FALSE(after.offer->places()[3].on_plan);
  EXPECT_EQ(after.offer->places()[3].row, after.offer->rows());
  EXPECT_EQ(service.quote(EventId{1}, {SeatId{2 + 3 * 3}}).code(), Code::seat_not_found);
  EXPECT_EQ(after.seat_map->counts().available(), 7U);
}

TEST_F(CatalogServiceTest, RefusesMoreEventsThanItsLimit) {
  CatalogService small(store, feed, {.events_max = 1});
  ASSERT_TRUE(small.load());
  const Hall hall = plain_hall(1, 1);
  const auto refused = small.put({plain_event(hall, 7), hall});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.code(), Code::validation_failed);
}

}  // namespace
}  // namespace onsale::catalog
