// A hall of `rows` rows of `columns` seats in one section, two tiers, for tests that need any hall.
#pragma once

#include <string>
#include <utility>

#include "domain/catalog/plan.hpp"

namespace onsale {

inline catalog::Hall plain_hall(int rows, int columns) {
  catalog::Hall hall{.name = "Plain", .width = 1000, .height = 1000};
  hall.tiers = {{"Front", "#112233", Money{50'000}}, {"Back", "#445566", Money{40'000}}};
  catalog::Section section{.name = "Floor", .x = 10, .y = 20};
  for (int r = 0; r < rows; ++r) {
    catalog::HallRow row{.name = std::to_string(r + 1)};
    for (int c = 0; c < columns; ++c) {
      row.seats.push_back({.guid = std::to_string(r + 1) + "-" + std::to_string(c + 1),
                           .number = std::to_string(c + 1),
                           .x = 10.0 + 25 * c,
                           .y = 20.0 + 30 * r,
                           .tier = r < rows / 2 ? 0U : 1U});
    }
    section.rows.push_back(std::move(row));
  }
  hall.sections.push_back(std::move(section));
  number_seats(hall);
  return hall;
}

inline catalog::Event plain_event(const catalog::Hall& hall, std::uint64_t id = 1) {
  catalog::Event event{.id = EventId{id},
                       .title = "A plain show",
                       .starts_at = instant_of_ms(1'900'000'000'000),
                       .on_sale_at = instant_of_ms(1'700'000'000'000)};
  event.numbering = {.first = id * 1'000'000 + 1,
                     .stride = 1,
                     .count = static_cast<std::uint32_t>(seat_count(hall))};
  return event;
}

}  // namespace onsale
