// The small demo halls, their dates and titles. The theatre and the stadium are drawn in
// demo_halls.cpp.
#include "app/demo_catalogue.hpp"

#include <string>
#include <utility>

#include "app/demo_halls.hpp"
#include "domain/catalog/plan.hpp"

namespace onsale::app {
namespace {

using namespace std::chrono_literals;
using catalog::Hall;

struct Poster {
  std::uint64_t id;
  const char* title;
  const char* description;
  const char* venue;
  std::chrono::days away;
};

constexpr std::chrono::hours kCurtain = 10h;  // UTC: seven in the evening in Seoul

// Ten rows of ten. The price grows with the column, so each column is a tier.
Hall small_hall(std::uint64_t id) {
  constexpr int kSide = 10;
  constexpr double kPitch = 40;
  Hall hall{.name = "Onsale Demo Hall " + std::to_string(id), .width = 480, .height = 560};
  catalog::Section section{.name = "1층 Floor", .x = 60, .y = 140};
  for (int c = 0; c < kSide; ++c) {
    hall.tiers.push_back({.name = "Column " + std::to_string(c + 1),
                          .color = "#" + std::to_string(c) + "f6fb" + std::to_string(9 - c),
                          .price = Money{50'000 + c * 1'000}});
  }
  for (int r = 0; r < kSide; ++r) {
    catalog::HallRow row{.name = std::string(1, static_cast<char>('A' + r))};
    for (int c = 0; c < kSide; ++c) {
      row.seats.push_back({.guid = "demo-" + row.name + "-" + std::to_string(c + 1),
                           .number = std::to_string(c + 1),
                           .x = section.x + kPitch * c,
                           .y = section.y + kPitch * r,
                           .tier = static_cast<std::uint32_t>(c)});
    }
    section.rows.push_back(std::move(row));
  }
  section.areas.push_back({.shape = "rectangle",
                           .x = 60,
                           .y = 30,
                           .width = 360,
                           .height = 60,
                           .color = "#e5e7eb",
                           .border_color = "#9ca3af",
                           .text = "무대 Stage",
                           .text_size = 20,
                           .text_x = 240,
                           .text_y = 60,
                           .text_color = "#374151"});
  hall.sections.push_back(std::move(section));
  number_seats(hall);
  return hall;
}

CatalogueEntry offer(const Poster& poster, SeatNumbering numbering, Hall hall, Instant now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  numbering.count = static_cast<std::uint32_t>(seat_count(hall));
  catalog::Event event{.id = EventId{poster.id},
                       .title = poster.title,
                       .description = poster.description,
                       .venue = poster.venue,
                       .starts_at = Instant{today + poster.away + kCurtain},
                       .on_sale_at = Instant{today - 24h}};
  event.numbering = numbering;
  return {std::move(event), std::move(hall)};
}

}  // namespace

std::vector<CatalogueEntry> demo_catalogue(Instant now) {
  using days = std::chrono::days;
  constexpr Poster kSmall[] = {
      {1, "한강 재즈의 밤 · Han River Jazz Night",
       "한강변에서 듣는 재즈 5중주. A quintet by the river.", "온세일 소극장 1관 · Onsale Studio 1",
       days{30}},
      {2, "피아노 리사이틀: 봄의 소나타 · Piano Recital: Spring Sonatas",
       "슈베르트와 베토벤의 소나타. Sonatas by Schubert and Beethoven.",
       "온세일 소극장 2관 · Onsale Studio 2", days{37}},
      {3, "스탠드업 코미디 쇼 · Stand-up Night",
       "여섯 명의 코미디언, 한 개의 마이크. Six comedians, one microphone.",
       "온세일 소극장 3관 · Onsale Studio 3", days{44}},
  };
  constexpr Poster kTheatre{
      4, "뮤지컬 〈달빛 항해〉 · Moonlit Voyage, the Musical",
      "2층 극장에서 만나는 창작 뮤지컬. A new musical in a theatre of two levels.",
      "달빛극장 · Moonlight Theatre", days{60}};
  constexpr Poster kStadium{5, "여름밤 스타디움 콘서트 · Summer Night Stadium Concert",
                            "5만 석 스타디움 라이브. Live, with fifty thousand seats.",
                            "강변 스타디움 · Riverside Stadium", days{90}};
  std::vector<CatalogueEntry> entries;
  for (const Poster& poster : kSmall) {
    entries.push_back(offer(poster, {.first = poster.id, .stride = 3}, small_hall(poster.id), now));
  }
  for (const Poster& poster : {kTheatre, kStadium}) {
    entries.push_back(offer(poster, {.first = poster.id * 1'000'000 + 1},
                            poster.id == kTheatre.id ? demo_theatre() : demo_stadium(), now));
  }
  return entries;
}

}  // namespace onsale::app
