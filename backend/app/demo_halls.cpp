// The theatre: rows are arcs about one centre behind the stage, cut into blocks by aisles.
// The stadium: rows are rings at growing distance around a rectangle with round corners; straight
// stretches and corners are cut into sections; two tiers stand behind each other.
#include "app/demo_halls.hpp"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::app {
namespace {

using catalog::Hall;
using catalog::hall_coordinate;
using catalog::HallArea;
using catalog::HallRow;
using catalog::HallSeat;
using catalog::Section;

constexpr double kDegree = std::numbers::pi / 180.0;

void add_seat(HallRow& row, const std::string& guid_stem, int number, double x, double y,
              std::uint32_t tier, bool wheelchair) {
  row.seats.push_back({.guid = guid_stem + "-" + std::to_string(number),
                       .number = std::to_string(number),
                       .x = hall_coordinate(x),
                       .y = hall_coordinate(y),
                       .tier = tier,
                       .wheelchair = wheelchair});
}

HallArea label(std::string text, double x, double y, double size) {
  HallArea area{.shape = "text", .x = x, .y = y};
  area.text = std::move(text);
  area.text_size = size;
  area.text_x = x;
  area.text_y = y;
  area.text_color = "#374151";
  return area;
}

// --- theatre

enum TheatreTier : std::uint32_t { vip, r_seat, s_seat, a_seat };

struct TheatreLevel {
  const char* name;
  int rows;
  double radius;  // of the first row
  double row_pitch;
  const char* blocks;  // a letter for each, left to right
};
struct TheatreBlock {
  double from, to;  // degrees to the right of the middle
};
constexpr TheatreBlock kBlocks[] = {{-40, -15}, {-13, 13}, {15, 40}};
constexpr double kTheatreWidth = 2200;
constexpr double kSeatPitch = 25;

std::uint32_t theatre_tier(bool balcony, int row, bool middle) {
  if (balcony) return row < 4 ? s_seat : a_seat;
  if (row < 8) return middle ? vip : r_seat;
  return row < 15 ? r_seat : s_seat;
}

// --- stadium

constexpr double kPitchHalfX = 5'250, kPitchHalfY = 3'400;
constexpr double kRun = 600;                                 // between the pitch and the first row
constexpr double kCorner = 1'500;                            // radius of the first row's corners
constexpr double kStraightX = kPitchHalfX + kRun - kCorner;  // half of a long straight stretch
constexpr double kStraightY = kPitchHalfY + kRun - kCorner;
constexpr double kChair = 50, kRowDepth = 80, kAisle = 120;
constexpr double kMargin = 500;
constexpr std::size_t kStadiumSeats = 50'000;
constexpr int kLongSections = 8, kShortSections = 5, kCornerSections = 3;

enum StadiumTier : std::uint32_t { premium, first, second, third };

struct Ring {
  int number;  // sections are called number01, number02, …
  int rows;
  double distance;  // of its first row from the innermost ring
};
constexpr Ring kLower{1, 24, 0};
constexpr Ring kUpper{2, 32, 24 * kRowDepth + 400};

// A stretch of the ring: straight from one point along a direction, or an arc about a corner.
struct Stretch {
  bool arc;
  double x, y;     // middle of the straight stretch's first row, or centre of the arc
  double heading;  // degrees, of the way out of the stadium, in the middle of the stretch
  double extent;   // length, or degrees
};

class StadiumBuilder {
 public:
  Hall build() {
    const double reach = kUpper.distance + kUpper.rows * kRowDepth + kMargin;
    centre_x_ = kPitchHalfX + kRun + reach;
    centre_y_ = kPitchHalfY + kRun + reach;
    Hall hall{
        .name = "강변 스타디움 Riverside Stadium", .width = 2 * centre_x_, .height = 2 * centre_y_};
    hall.tiers = {{"프리미엄 Premium", "#b91c1c", Money{180'000}},
                  {"1등석 First", "#ea580c", Money{132'000}},
                  {"2등석 Second", "#0d9488", Money{99'000}},
                  {"3등석 Third", "#2563eb", Money{66'000}}};
    for (const Ring& ring : {kLower, kUpper}) add_ring(hall, ring);
    trim(hall);
    hall.sections.push_back(pitch());
    number_seats(hall);
    return hall;
  }

 private:
  void add_ring(Hall& hall, const Ring& ring) {
    number_ = ring.number * 100;
    // Clockwise from the north-west end of the long northern side; y grows to the south.
    straight(hall, ring, -90, kLongSections, first);
    corner(hall, ring, -45);
    straight(hall, ring, 0, kShortSections, second);
    corner(hall, ring, 45);
    straight(hall, ring, 90, kLongSections, premium);
    corner(hall, ring, 135);
    straight(hall, ring, 180, kShortSections, second);
    corner(hall, ring, -135);
  }

  void straight(Hall& hall, const Ring& ring, double heading, int sections, StadiumTier tier) {
    const double out_x = std::cos(heading * kDegree), out_y = std::sin(heading * kDegree);
    const bool is_long = sections == kLongSections;
    const double half = is_long ? kStraightX : kStraightY;
    const double away = is_long ? kStraightY + kCorner : kStraightX + kCorner;
    const double width = 2 * half / sections;
    for (int i = 0; i < sections; ++i) {
      const double along = -half + (i + 0.5) * width;
      section(hall, ring,
              {.arc = false,
               .x = centre_x_ + out_x * away - out_y * along,
               .y = centre_y_ + out_y * away + out_x * along,
               .heading = heading,
               .extent = width},
              tier);
    }
  }

  void corner(Hall& hall, const Ring& ring, double heading) {
    const double side_x = std::cos(heading * kDegree) > 0 ? 1 : -1;
    const double side_y = std::sin(heading * kDegree) > 0 ? 1 : -1;
    const double degrees = 90.0 / kCornerSections;
    for (int i = 0; i < kCornerSections; ++i) {
      section(hall, ring,
              {.arc = true,
               .x = centre_x_ + side_x * kStraightX,
               .y = centre_y_ + side_y * kStraightY,
               .heading = heading - 45 + (i + 0.5) * degrees,
               .extent = degrees},
              second);
    }
  }

  void section(Hall& hall, const Ring& ring, const Stretch& stretch, StadiumTier tier) {
    Section made{.name = std::to_string(++number_)};
    const std::uint32_t upper_tier = tier == premium ? first : third;
    for (int r = 0; r < ring.rows; ++r) {
      HallRow row{.name = std::to_string(r + 1)};
      const double distance = ring.distance + r * kRowDepth;
      const double radius = kCorner + distance;
      const double length = stretch.arc ? radius * stretch.extent * kDegree : stretch.extent;
      const int seats = static_cast<int>((length - kAisle) / kChair);
      for (int s = 0; s < seats; ++s) {
        const double along = (s - (seats - 1) / 2.0) * kChair;
        const double heading =
            (stretch.arc ? stretch.heading + along / radius / kDegree : stretch.heading) * kDegree;
        const double out_x = std::cos(heading), out_y = std::sin(heading);
        const double x =
            stretch.arc ? stretch.x + out_x * radius : stretch.x + out_x * distance - out_y * along;
        const double y =
            stretch.arc ? stretch.y + out_y * radius : stretch.y + out_y * distance + out_x * along;
        const bool end_of_front = r == 0 && ring.number == 1 && (s < 2 || s >= seats - 2);
        add_seat(row, made.name + "-" + row.name, s + 1, x, y,
                 ring.number == 1 ? std::uint32_t{tier} : upper_tier, end_of_front && !stretch.arc);
      }
      made.rows.push_back(std::move(row));
    }
    made.x = made.rows.front().seats.front().x;
    made.y = made.rows.front().seats.front().y;
    hall.sections.push_back(std::move(made));
  }

  // The top rows of the upper tier give way to cameras and screens until the count is right.
  static void trim(Hall& hall) {
    std::size_t seats = seat_count(hall);
    check(seats >= kStadiumSeats, "the stadium is drawn too small");
    for (std::size_t at = hall.sections.size(); seats > kStadiumSeats;
         at = at == 0 ? hall.sections.size() : at) {
      Section& section = hall.sections[--at];
      if (at < hall.sections.size() / 2) at = hall.sections.size();  // once around the upper tier
      HallRow& top = section.rows.back();
      while (!top.seats.empty() && seats > kStadiumSeats) {
        top.seats.pop_back();
        --seats;
      }
      if (top.seats.empty()) section.rows.pop_back();
    }
  }

  [[nodiscard]] Section pitch() const {
    Section made{.name = ""};
    made.areas.push_back({.shape = "rectangle",
                          .x = centre_x_ - kPitchHalfX,
                          .y = centre_y_ - kPitchHalfY,
                          .width = 2 * kPitchHalfX,
                          .height = 2 * kPitchHalfY,
                          .color = "#86c06c",
                          .border_color = "#ffffff"});
    made.areas.push_back({.shape = "circle",
                          .x = centre_x_,
                          .y = centre_y_,
                          .radius = 915,
                          .color = "#86c06c",
                          .border_color = "#ffffff"});
    made.areas.push_back({.shape = "rectangle",
                          .x = centre_x_ - 1'500,
                          .y = centre_y_ - kPitchHalfY,
                          .width = 3'000,
                          .height = 1'400,
                          .color = "#e5e7eb",
                          .border_color = "#6b7280",
                          .text = "무대 STAGE",
                          .text_size = 500,
                          .text_x = centre_x_,
                          .text_y = centre_y_ - kPitchHalfY + 700,
                          .text_color = "#374151"});
    return made;
  }

  double centre_x_ = 0, centre_y_ = 0;
  int number_ = 0;
};

}  // namespace

Hall demo_theatre() {
  constexpr TheatreLevel kLevels[] = {{"1층", 23, 400, 32, "ABC"}, {"2층", 9, 1'200, 34, "DEF"}};
  constexpr double kCentreX = kTheatreWidth / 2;
  constexpr double kCentreY = -180;  // behind the stage
  Hall hall{.name = "달빛극장 Moonlight Theatre", .width = kTheatreWidth, .height = 1'420};
  hall.tiers = {{"VIP석", "#7c3aed", Money{150'000}},
                {"R석", "#db2777", Money{120'000}},
                {"S석", "#0284c7", Money{90'000}},
                {"A석", "#16a34a", Money{60'000}}};
  for (const TheatreLevel& level : kLevels) {
    const bool balcony = &level != &kLevels[0];
    Section sections[3];
    for (int b = 0; b < 3; ++b) {
      sections[b].name = std::string(level.name) + " " + level.blocks[b] + "블록";
    }
    for (int r = 0; r < level.rows; ++r) {
      const double radius = level.radius + r * level.row_pitch;
      int number = 0;  // runs on over the aisles
      for (int b = 0; b < 3; ++b) {
        const TheatreBlock& block = kBlocks[b];
        const int seats = static_cast<int>(radius * (block.to - block.from) * kDegree / kSeatPitch);
        const double middle = (block.from + block.to) / 2;
        HallRow row{.name = std::to_string(r + 1)};
        for (int s = 0; s < seats; ++s) {
          const double angle = middle * kDegree + (s - (seats - 1) / 2.0) * kSeatPitch / radius;
          // The last row of the stalls has level access from the foyer.
          const bool wheelchair = !balcony && r == level.rows - 1 && (s < 2 || s >= seats - 2);
          add_seat(row, std::string(1, level.blocks[b]) + "-" + row.name, ++number,
                   kCentreX + radius * std::sin(angle), kCentreY + radius * std::cos(angle),
                   theatre_tier(balcony, r, b == 1), wheelchair);
        }
        sections[b].rows.push_back(std::move(row));
      }
    }
    for (Section& section : sections) {
      const HallSeat& corner = section.rows.front().seats.front();
      section.x = corner.x;
      section.y = corner.y;
      hall.sections.push_back(std::move(section));
    }
  }
  Section house;
  house.areas.push_back({.shape = "polygon",
                         .x = kCentreX - 420,
                         .y = 20,
                         .points = {{kCentreX - 420, 20},
                                    {kCentreX + 420, 20},
                                    {kCentreX + 300, 150},
                                    {kCentreX - 300, 150}},
                         .color = "#e5e7eb",
                         .border_color = "#9ca3af",
                         .text = "무대 STAGE",
                         .text_size = 36,
                         .text_x = kCentreX,
                         .text_y = 85,
                         .text_color = "#374151"});
  house.areas.push_back(label("1층 Stalls", kCentreX, 190, 18));
  house.areas.push_back(label("2층 Balcony", kCentreX, 980, 18));
  hall.sections.push_back(std::move(house));
  number_seats(hall);
  return hall;
}

Hall demo_stadium() { return StadiumBuilder().build(); }

}  // namespace onsale::app
