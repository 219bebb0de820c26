// A hall as it is drawn and sold: sections, rows, seats with absolute coordinates, tiers, decoration.
// Plain data; the importer builds it, the store keeps it, the layout endpoint renders it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "domain/order/order.hpp"
#include "domain/seat/numbering.hpp"

namespace onsale::catalog {

struct Tier {
  std::string name;
  std::string color;  // "#rrggbb"
  Money price;
  friend bool operator==(const Tier&, const Tier&) = default;
};

struct HallSeat {
  std::string guid;    // unique in the hall; stable over re-imports
  std::string number;  // as printed: "12", "12a"
  double x = 0;        // absolute, in the hall's units
  double y = 0;
  std::uint32_t tier = 0;  // index into tiers
  bool wheelchair = false;
  std::uint32_t index = 0;  // in the event's seat numbering
  friend bool operator==(const HallSeat&, const HallSeat&) = default;
};
struct HallRow {
  std::string name;
  std::vector<HallSeat> seats;
  friend bool operator==(const HallRow&, const HallRow&) = default;
};
// Decoration: stage, aisles, texts. Absolute coordinates. An ellipse's width and height are its two
// diameters; a text without a shape has shape "text".
struct HallArea {
  std::string shape;  // "rectangle" | "circle" | "ellipse" | "polygon" | "text"
  double x = 0, y = 0, width = 0, height = 0, radius = 0, rotation = 0;
  std::vector<std::pair<double, double>> points;
  std::string color, border_color, text;
  double text_size = 0;
  double text_x = 0, text_y = 0;  // where the text stands; absolute
  std::string text_color;
  friend bool operator==(const HallArea&, const HallArea&) = default;
};
struct Section {
  std::string name;
  double x = 0, y = 0;
  std::vector<HallRow> rows;
  std::vector<HallArea> areas;
  friend bool operator==(const Section&, const Section&) = default;
};
struct Hall {
  std::string name;
  double width = 0, height = 0;
  std::vector<Tier> tiers;
  std::vector<Section> sections;
  friend bool operator==(const Hall&, const Hall&) = default;
};

enum class SaleState : std::uint8_t { announced, on_sale, closed };

struct Event {
  EventId id;
  std::string title;
  std::string description;
  std::string venue;
  std::string currency = "KRW";
  Instant starts_at;
  Instant on_sale_at;
  std::optional<Instant> closes_at;  // default: starts_at
  std::string layout_hash;           // hex SHA-256 of the layout body, set by the catalogue
  SeatNumbering numbering;
  friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace onsale::catalog
