// The compact form of a layout says what its JSON says: read back by the contract's words, for halls
// of every shape.
#include "api/codec/layout_columns.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>
#include <cmath>

#include "api/codec/coordinate_text.hpp"
#include "api/codec/layout_json.hpp"
#include "tests/support/plain_hall.hpp"

namespace onsale::codec {
namespace {

using catalog::Hall;
using catalog::Offer;

// A reader of its own, written from the contract: what the columns tell is put where the JSON form
// has it.
class CompactReader {
 public:
  explicit CompactReader(std::string_view bytes) : bytes_(bytes) {}

  boost::json::value layout() {
    EXPECT_EQ(bytes_.substr(0, 4), "OSL1");
    std::size_t head = 0;
    for (unsigned i = 0; i < 4; ++i) head |= std::size_t{byte(4 + i)} << (8 * i);
    boost::json::value plan = boost::json::parse(bytes_.substr(8, head));
    at_ = 8 + head;
    const boost::json::array names = plan.at("seatNames").as_array();
    plan.as_object().erase("seatNames");
    std::vector<boost::json::array*> rows;
    for (auto& section : plan.at("sections").as_array()) {
      for (auto& row : section.at("rows").as_array()) {
        const std::size_t seats = row.at("seats").to_number<std::size_t>();
        row.at("seats") = boost::json::array(seats, boost::json::object());
        rows.push_back(&row.at("seats").as_array());
      }
    }
    const auto each_seat = [&rows](auto fill) {
      for (boost::json::array* row : rows) {
        for (auto& seat : *row) fill(seat.as_object());
      }
    };
    std::int64_t id = 0;
    each_seat([&](boost::json::object& seat) { seat["id"] = id += difference(); });
    std::int64_t name = 0;
    each_seat([&](boost::json::object& seat) {
      name += difference();
      seat["name"] = names.at(static_cast<std::size_t>(name));
    });
    for (const std::string_view coordinate : {"x", "y"}) read_coordinates(rows, coordinate);
    each_seat([&](boost::json::object& seat) {
      const std::uint64_t told = varint();
      seat["tier"] = told >> 1U;
      if (told % 2 != 0) seat["wheelchair"] = true;
    });
    EXPECT_EQ(at_, bytes_.size()) << "the columns end with the body";
    return plan;
  }

 private:
  std::uint8_t byte(std::size_t at) const { return static_cast<std::uint8_t>(bytes_.at(at)); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint64_t next = byte(at_++);
      value |= (next & 0x7FU) << shift;
      if (next < 0x80) return value;
    }
  }
  std::int64_t difference() {
    const std::uint64_t value = varint();
    const auto half = static_cast<std::int64_t>(value >> 1U);
    return value % 2 == 0 ? half : -half - 1;
  }
  void read_coordinates(const std::vector<boost::json::array*>& rows, std::string_view name) {
    std::vector<std::int64_t> before;
    for (boost::json::array* row : rows) {
      std::vector<std::int64_t> told;
      std::vector<std::int64_t> values;
      for (std::size_t k = 0; k < row->size(); ++k) {
        told.push_back(difference() + (k < before.size() ? before[k] : 0));
        std::int64_t value = told[k];
        if (k == 1) value += values[0];
        if (k == 2) value += 2 * values[1] - values[0];
        if (k >= 3) value += 3 * values[k - 1] - 3 * values[k - 2] + values[k - 3];
        values.push_back(value);
        // As the JSON form writes it, a whole number has no point.
        (*row)[k].as_object()[name] = boost::json::parse(text_of(value));
      }
      before = told;
    }
  }
  static std::string text_of(std::int64_t thousandths) {
    std::string text;
    append_coordinate(text, static_cast<double>(thousandths) / 1000.0);
    return text;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

void expect_both_forms_alike(const Hall& hall) {
  const LayoutBody body = render_layout(Offer(plain_event(hall), hall));
  const boost::json::value compact = CompactReader(*body.of(LayoutForm::compact).bytes).layout();
  // Members in another order are the same object.
  EXPECT_TRUE(compact == boost::json::parse(*body.of(LayoutForm::json).bytes));
}

// Rows on arcs, as theatres have them; a section of each width.
Hall curved_hall(int sections, int rows) {
  Hall hall = plain_hall(2, 3);
  hall.tiers.push_back({"객석 \"R\"", "#000000", Money{1}});
  for (int s = 0; s < sections; ++s) {
    catalog::Section section{.name = "Block " + std::to_string(s), .x = -1.5, .y = 0.001};
    for (int r = 0; r < rows; ++r) {
      catalog::HallRow row{.name = std::to_string(r)};
      for (int c = 0; c < s + r; ++c) {
        const double angle = 0.01 * c + s;
        row.seats.push_back({.guid = std::to_string((s * rows + r) * 1000 + c),
                             .number = c % 5 == 0 ? "12a" : std::to_string(90 - c),
                             .x = catalog::hall_coordinate((900 + 80 * r) * std::cos(angle)),
                             .y = catalog::hall_coordinate((900 + 80 * r) * std::sin(angle)),
                             .tier = static_cast<std::uint32_t>(c % 3),
                             .wheelchair = c == 4});
      }
      section.rows.push_back(std::move(row));
    }
    hall.sections.push_back(std::move(section));
  }
  number_seats(hall);
  return hall;
}

TEST(CompactLayout, IsTheContractsForm) {
  Hall hall = plain_hall(1, 3);
  hall.sections[0].rows[0].seats[1].wheelchair = true;
  const LayoutBody body = render_layout(Offer(plain_event(hall), hall));
  const std::string head =
      "{\"hash\":\"" + body.hash +
      "\",\"name\":\"Plain\",\"width\":1000,\"height\":1000,\"tiers\":["
      R"({"id":1,"name":"Front","color":"#112233","price":50000},)"
      R"({"id":2,"name":"Back","color":"#445566","price":40000}],"sections":[)"
      R"({"name":"Floor","x":10,"y":20,"rows":[{"name":"1","seats":3}],"areas":[]}],)"
      R"("seatNames":["1","2","3"]})";
  std::string wanted = "OSL1";
  wanted += static_cast<char>(head.size() & 0xFFU);
  wanted += static_cast<char>(head.size() >> 8U);
  wanted += std::string(2, '\0') + head;
  wanted += std::string("\x82\x89\x7a\x02\x02", 5);          // 1000001, +1, +1
  wanted += std::string("\x00\x02\x02", 3);                  // "1", "2", "3"
  wanted += std::string("\xa0\x9c\x01\xd0\x86\x03\x00", 7);  // 10, +25, even
  wanted += std::string("\xc0\xb8\x02\x00\x00", 5);          // 20, 20, 20
  wanted += std::string("\x04\x05\x04", 3);                  // tier 2, the second a wheelchair's
  EXPECT_EQ(*body.of(LayoutForm::compact).bytes, wanted);
  EXPECT_EQ(body.of(LayoutForm::compact).etag, "\"" + body.hash + "-compact\"");
  EXPECT_NE(body.of(LayoutForm::compact).etag, body.of(LayoutForm::json).etag);
}

TEST(CompactLayout, SaysWhatTheJsonSays) {
  expect_both_forms_alike(plain_hall(0, 0));
  expect_both_forms_alike(plain_hall(1, 1));
  expect_both_forms_alike(plain_hall(7, 9));
  Hall hall = curved_hall(6, 5);
  hall.sections[2].areas.push_back(
      {.shape = "circle", .x = 1, .y = 2, .radius = 8.25, .text = "무대"});
  expect_both_forms_alike(hall);
}

TEST(CompactLayout, SaysWhatTheJsonSaysOfAnyPlaces) {
  rc::check([] {
    Hall hall = curved_hall(*rc::gen::inRange(0, 4), *rc::gen::inRange(0, 4));
    for (catalog::Section& section : hall.sections) {
      for (catalog::HallRow& row : section.rows) {
        for (catalog::HallSeat& seat : row.seats) {
          seat.x = catalog::hall_coordinate(
              *rc::gen::inRange<std::int64_t>(-10'000'000'000, 10'000'000'001) / 1000.0);
          seat.y = *rc::gen::elementOf(std::vector<double>{1e7, -1e7, 0.0, 0.001, -0.001});
        }
      }
    }
    expect_both_forms_alike(hall);
  });
}

TEST(CompactLayout, OfALargeHallIsAFractionOfItsJson) {
  const Hall hall = curved_hall(60, 30);
  const LayoutBody body = render_layout(Offer(plain_event(hall), hall));
  EXPECT_LT(body.of(LayoutForm::compact).gzip->size() * 5, body.of(LayoutForm::json).gzip->size());
}

}  // namespace
}  // namespace onsale::codec
