// Seating plans: a real arena, what is tolerated, what is refused and where, and the way back.
#include "api/codec/hall_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/support/plain_hall.hpp"

namespace onsale::codec {
namespace {

using catalog::Hall;
using testing::HasSubstr;

// A plan of two seats; tests bend it.
constexpr std::string_view kPlan = R"({
  "name": "Tiny", "size": {"width": 300, "height": 200},
  "categories": [{"name": "A", "color": "#ff0000"}, {"name": "B"}],
  "zones": [{
    "name": "Floor", "position": {"x": 10, "y": 20}, "zone_id": "f", "unknown": [1, {"x": null}],
    "rows": [{"row_number": "1", "position": {"x": 1, "y": 2}, "row_number_position": "both",
      "seats": [
        {"seat_guid": "g1", "seat_number": "1", "position": {"x": 0.5, "y": 0}, "category": "A"},
        {"seat_guid": "g2", "seat_number": 2, "position": {"x": 25, "y": 0}, "category": "B", "wheelchair": true}
      ]}],
    "areas": [{"shape": "circle", "position": {"x": 5, "y": 6}, "circle": {"radius": 7}, "color": "#abc",
               "rotation": 30, "border_color": "black",
               "text": {"position": {"x": 1, "y": 1}, "text": "Stage", "size": 12, "color": "#000"}}]
  }]})";

std::string bent(std::string_view from, std::string_view to) {
  std::string plan(kPlan);
  const std::size_t at = plan.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return plan.replace(at, from.size(), to);
}

TEST(HallJson, AddsUpPositionsAndKeepsWhatIsKnown) {
  const auto hall = read_hall_json(kPlan);
  ASSERT_TRUE(hall) << hall.error().detail;
  EXPECT_EQ(hall->name, "Tiny");
  const auto& section = hall->sections.at(0);
  EXPECT_EQ(section.x, 10);
  const auto& seats = section.rows.at(0).seats;
  EXPECT_EQ(seats[0].x, 11.5);
  EXPECT_EQ(seats[0].y, 22);
  EXPECT_FALSE(seats[0].wheelchair);
  EXPECT_TRUE(seats[1].wheelchair);
  EXPECT_EQ(seats[1].number, "2");
  EXPECT_EQ(seats[1].tier, 1U);
  EXPECT_EQ(seats[1].index, 1U);
  EXPECT_EQ(hall->tiers[0].price, catalog::kUnpriced);
  const auto& area = section.areas.at(0);
  EXPECT_EQ(area.x, 15);
  EXPECT_EQ(area.radius, 7);
  EXPECT_EQ(area.rotation, 30);
  EXPECT_EQ(area.text_x, 16);
  EXPECT_EQ(area.text, "Stage");
}

TEST(HallJson, ReadsARealArena) {
  std::ifstream file(std::string(ONSALE_EXAMPLES) + "/halls/riethsporthalle.json");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto hall = read_hall_json(bytes);
  ASSERT_TRUE(hall) << hall.error().detail;
  EXPECT_EQ(seat_count(*hall), 1252U);
  EXPECT_EQ(hall->sections.size(), 7U);
  std::map<std::string, int> by_tier;
  int wheelchairs = 0;
  for (const auto& section : hall->sections) {
    for (const auto& row : section.rows) {
      for (const auto& seat : row.seats) {
        ++by_tier[hall->tiers[seat.tier].name];
        wheelchairs += seat.wheelchair ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(wheelchairs, 21);
  EXPECT_EQ(by_tier["Kategorie I"], 310);
  EXPECT_EQ(by_tier["VIP"], 81);
  EXPECT_EQ(hall->sections[6].areas.at(0).text, "Spielfeld");
  const auto again = read_hall_json(write_hall_json(*hall));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, *hall);
}

TEST(HallJson, RefusesWhatIsNoJson) {
  for (const std::string_view bytes : {"", "{", "{\"name\":}", "nope", "{} {}", "\xff\xfe"}) {
    const auto hall = read_hall_json(bytes);
    ASSERT_FALSE(hall) << bytes;
    EXPECT_EQ(hall.code(), Code::malformed_request) << bytes;
  }
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(read_hall_json(deep).code(), Code::malformed_request);
}

struct BadPlan {
  const char* from;
  const char* to;
  const char* fault;
};
// Each bends one thing of the plan; the fault names its place.
const BadPlan kBadPlans[] = {
    {R"("name": "Tiny", )", "", "/name: is missing"},
    {R"("name": "Tiny")", R"("name": "")", "/name: is empty"},
    {R"("name": "Tiny")", R"("name": ["x"])", "/name: must be a text"},
    {R"("width": 300)", R"("width": -1)", "/size/width: is negative or out of range"},
    {R"("width": 300)", R"("w": 300)", "/size/width: is missing"},
    {R"({"width": 300, "height": 200})", "7", "/size: must be an object"},
    {R"("categories")", R"("kategorien")", "/categories: is missing"},
    {R"({"name": "B"})", R"({"name": "A"})", "/categories/1/name: duplicate of /categories/0"},
    {R"({"name": "B"})", "5", "/categories/1: must be an object"},
    {R"({"name": "B"})", R"({"name": "B", "price": -4})", "/categories/1/price: must be a whole"},
    {R"({"name": "B"})", R"({"name": "B", "price": 4.5})", "/categories/1/price: must be a whole"},
    {R"("#ff0000")", R"("red;}")", "/categories/0/color: is no colour"},
    {R"("zones")", R"("sones")", "/zones: is missing"},
    {R"("position": {"x": 10, "y": 20})", R"("position": {"x": 10})",
     "/zones/0/position/y: is missing"},
    {R"("position": {"x": 10, "y": 20})", R"("position": [10, 20])",
     "/zones/0/position: must be an object"},
    {R"({"x": 1, "y": 2})", R"({"x": "1", "y": 2})",
     "/zones/0/rows/0/position/x: must be a number"},
    {R"({"x": 1, "y": 2})", R"({"x": 1e300, "y": 2})",
     "/zones/0/rows/0/position/x: is out of range"},
    {R"("seats")", R"("places")", "/zones/0/rows/0/seats: is missing"},
    {R"("seat_guid": "g1", )", "", "/zones/0/rows/0/seats/0/seat_guid: is missing"},
    {R"("seat_guid": "g1")", R"("seat_guid": "")", "/zones/0/rows/0/seats/0/seat_guid: is empty"},
    {R"("seat_guid": "g1")", R"("seat_guid": true)",
     "/zones/0/rows/0/seats/0/seat_guid: must be a text"},
    {R"("seat_guid": "g2")", R"("seat_guid": "g1")",
     "/zones/0/rows/0/seats/1/seat_guid: duplicate of /zones/0/rows/0/seats/0/seat_guid"},
    {R"("position": {"x": 25, "y": 0}, )", "", "/zones/0/rows/0/seats/1/position: is missing"},
    {R"("x": 25)", R"("x": 10000001)", "/zones/0/rows/0/seats/1: stands out of range"},
    {R"("category": "B")", R"("category": "C")",
     "/zones/0/rows/0/seats/1/category: there is no category 'C'"},
    {R"(, "category": "B")", "", "/zones/0/rows/0/seats/1/category: is missing"},
    {R"("wheelchair": true)", R"("wheelchair": 1)",
     "/zones/0/rows/0/seats/1/wheelchair: must be true or false"},
    {R"("shape": "circle", )", "", "/zones/0/areas/0/shape: is missing"},
    {R"("shape": "circle")", R"("shape": "blob")",
     "/zones/0/areas/0/shape: there is no shape 'blob'"},
    {R"("shape": "circle")", R"("shape": "polygon")", "/zones/0/areas/0/polygon: is missing"},
    {R"("circle": {"radius": 7})", R"("circle": {"radius": -7})",
     "/zones/0/areas/0/circle/radius: is negative or out of range"},
    {R"("rotation": 30)", R"("rotation": "30")", "/zones/0/areas/0/rotation: must be a number"},
    {R"("size": 12)", R"("size": -12)", "/zones/0/areas/0/text/size: is negative"},
    {R"("#abc")", R"("url(x)\"")", "/zones/0/areas/0/color: is no colour"},
};

TEST(HallJson, NamesThePathOfAFault) {
  for (const BadPlan& bad : kBadPlans) {
    const auto hall = read_hall_json(bent(bad.from, bad.to));
    ASSERT_FALSE(hall) << bad.to;
    EXPECT_EQ(hall.code(), Code::validation_failed) << bad.to;
    EXPECT_THAT(hall.error().detail, HasSubstr(bad.fault)) << bad.to;
  }
}

TEST(HallJson, NamesTheFirstFaultsAndCountsTheRest) {
  Hall many = plain_hall(5, 5);
  for (auto& row : many.sections[0].rows) {
    for (auto& seat : row.seats) seat.guid = "same";
  }
  const auto hall = read_hall_json(write_hall_json(many));
  ASSERT_FALSE(hall);
  const std::string& detail = hall.error().detail;
  EXPECT_EQ(std::count(detail.begin(), detail.end(), '\n'), 10);
  EXPECT_THAT(detail, HasSubstr("and 14 more"));
}

TEST(HallJson, KeepsItsLimits) {
  const std::string plan = write_hall_json(plain_hall(3, 3));
  EXPECT_EQ(read_hall_json(plan, {.bytes_max = 100}).code(), Code::malformed_request);
  const auto seats = read_hall_json(plan, {.seats_max = 8});
  ASSERT_FALSE(seats);
  EXPECT_THAT(seats.error().detail, HasSubstr("/zones/0/rows/2/seats/2: the plan has more than 8"));
  const auto text = read_hall_json(plan, {.text_bytes_max = 4});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().detail, HasSubstr("/name: is longer than 4 bytes"));
  EXPECT_FALSE(read_hall_json(kPlan, {.areas_max = 0}));
}

TEST(HallJson, APlanWithoutSeatsIsNone) {
  const auto hall = read_hall_json(R"({"name":"x","categories":[],"zones":[]})");
  ASSERT_FALSE(hall);
  EXPECT_EQ(hall.error().detail, "/zones: the plan has no seats");
}

// --- the way back

std::string any_text(bool may_be_empty) {
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "a", "Z", "1", " ", "열", "é", "\"", "\\", "\n", ",", "/", "😀"));
  std::string text;
  for (std::size_t i = 0; i < pieces.size() && i < 20; ++i) text += pieces[i];
  return text.empty() && !may_be_empty ? "x" : text;
}
double any_coordinate() {
  return catalog::hall_coordinate(*rc::gen::inRange(-9'000'000, 9'000'000) / 1000.0);
}
std::string any_color() {
  return *rc::gen::element<std::string>("#abc", "#010203", "red", "rgb(1, 2, 3)");
}

catalog::HallArea any_area() {
  catalog::HallArea area;
  area.shape = *rc::gen::element<std::string>("rectangle", "circle", "ellipse", "polygon", "text");
  area.x = any_coordinate();
  area.y = any_coordinate();
  const double size = std::abs(any_coordinate());
  if (area.shape == "rectangle" || area.shape == "ellipse") area.width = area.height = size;
  if (area.shape == "circle") area.radius = size;
  if (area.shape == "polygon") {
    const int corners = *rc::gen::inRange(0, 6);
    for (int i = 0; i < corners; ++i) area.points.emplace_back(any_coordinate(), any_coordinate());
  }
  area.rotation = *rc::gen::inRange(-180, 180);
  if (*rc::gen::arbitrary<bool>()) area.color = any_color();
  if (*rc::gen::arbitrary<bool>()) area.border_color = any_color();
  if (*rc::gen::arbitrary<bool>()) {
    area.text = any_text(false);
    area.text_size = 12;
    area.text_x = any_coordinate();
    area.text_y = any_coordinate();
    area.text_color = any_color();
  }
  return area;
}

Hall any_hall() {
  Hall hall{.name = any_text(false), .width = std::abs(any_coordinate()), .height = 1};
  const int tiers = *rc::gen::inRange(1, 4);
  for (int i = 0; i < tiers; ++i) {
    const int price = *rc::gen::inRange(-1, 100'000);
    hall.tiers.push_back({any_text(true) + std::to_string(i), any_color(), Money{price}});
  }
  const int sections = *rc::gen::inRange(0, 4);
  int guid = 0;
  const auto add_row = [&](catalog::Section& section) {
    catalog::HallRow row{.name = any_text(true)};
    const int seats = *rc::gen::inRange(0, 8);
    for (int s = 0; s < seats; ++s) {
      row.seats.push_back({.guid = any_text(true) + std::to_string(++guid),
                           .number = any_text(true),
                           .x = any_coordinate(),
                           .y = any_coordinate(),
                           .tier = static_cast<std::uint32_t>(*rc::gen::inRange(0, tiers)),
                           .wheelchair = *rc::gen::arbitrary<bool>()});
    }
    section.rows.push_back(std::move(row));
  };
  for (int i = 0; i <= sections; ++i) {
    catalog::Section section{.name = any_text(true), .x = any_coordinate(), .y = any_coordinate()};
    const int rows = *rc::gen::inRange(0, 5);
    for (int r = 0; r < rows; ++r) add_row(section);
    const int areas = *rc::gen::inRange(0, 4);
    for (int a = 0; a < areas; ++a) section.areas.push_back(any_area());
    hall.sections.push_back(std::move(section));
  }
  hall.sections[0].rows.push_back({.name = "last", .seats = {{.guid = "the one", .number = "1"}}});
  number_seats(hall);
  return hall;
}

TEST(HallJson, ReadingWhatWasWrittenGivesTheSameHall) {
  EXPECT_TRUE(rc::check("import(export(hall)) == hall", [] {
    const Hall hall = any_hall();
    const auto again = read_hall_json(write_hall_json(hall));
    if (!again) RC_FAIL(again.error().detail);
    RC_ASSERT(*again == hall);
  }));
}

}  // namespace
}  // namespace onsale::codec
