// Writing a hall as a seating plan: seats relative to their zone, to a thousandth, so that adding
// the positions up again gives the same coordinates.
#include "api/codec/coordinate_text.hpp"
#include "api/codec/hall_json.hpp"
#include "api/codec/json_writer.hpp"

namespace onsale::codec {
namespace {

using api::json::append_number;
using api::json::append_string;
using catalog::HallArea;

void append_position(std::string& out, std::string_view key, double x, double y) {
  out += '"';
  out += key;
  out += "\":{\"x\":";
  append_coordinate(out, catalog::hall_coordinate(x));
  out += ",\"y\":";
  append_coordinate(out, catalog::hall_coordinate(y));
  out += '}';
}

void append_member(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  append_string(out, text);
}

void append_member(std::string& out, std::string_view key, double value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_coordinate(out, value);
}

void append_area(std::string& out, const HallArea& area, const catalog::Section& zone) {
  out += "{\"shape\":";
  append_string(out, area.shape);
  out += ',';
  append_position(out, "position", area.x - zone.x, area.y - zone.y);
  if (area.rotation != 0) append_member(out, "rotation", area.rotation);
  if (!area.color.empty()) append_member(out, "color", area.color);
  if (!area.border_color.empty()) append_member(out, "border_color", area.border_color);
  if (area.shape == "rectangle") {
    out += ",\"rectangle\":{\"width\":";
    append_coordinate(out, area.width);
    append_member(out, "height", area.height);
    out += '}';
  } else if (area.shape == "circle") {
    out += ",\"circle\":{\"radius\":";
    append_coordinate(out, area.radius);
    out += '}';
  } else if (area.shape == "ellipse") {
    out += ",\"ellipse\":{\"radius\":{\"x\":";
    append_coordinate(out, area.width / 2);
    append_member(out, "y", area.height / 2);
    out += "}}";
  } else if (area.shape == "polygon") {
    out += ",\"polygon\":{\"points\":[";
    for (std::size_t i = 0; i < area.points.size(); ++i) {
      if (i > 0) out += ',';
      out += "{\"x\":";
      append_coordinate(out, catalog::hall_coordinate(area.points[i].first - area.x));
      append_member(out, "y", catalog::hall_coordinate(area.points[i].second - area.y));
      out += '}';
    }
    out += "]}";
  }
  if (!area.text.empty()) {
    out += ",\"text\":{";
    append_position(out, "position", area.text_x - area.x, area.text_y - area.y);
    append_member(out, "text", area.text);
    append_member(out, "size", area.text_size);
    if (!area.text_color.empty()) append_member(out, "color", area.text_color);
    out += '}';
  }
  out += '}';
}

void append_row(std::string& out, const catalog::HallRow& row, const catalog::Section& zone,
                const catalog::Hall& hall) {
  out += "{\"row_number\":";
  append_string(out, row.name);
  out += ",\"row_number_position\":\"both\",\"position\":{\"x\":0,\"y\":0},\"seats\":[";
  for (std::size_t i = 0; i < row.seats.size(); ++i) {
    const catalog::HallSeat& seat = row.seats[i];
    out += i > 0 ? ",\n{\"seat_guid\":" : "\n{\"seat_guid\":";
    append_string(out, seat.guid);
    append_member(out, "seat_number", seat.number);
    out += ',';
    append_position(out, "position", seat.x - zone.x, seat.y - zone.y);
    append_member(out, "category", hall.tiers[seat.tier].name);
    if (seat.wheelchair) out += ",\"wheelchair\":true";
    out += '}';
  }
  out += "]}";
}

}  // namespace

std::string write_hall_json(const catalog::Hall& hall) {
  std::string out = "{\"name\":";
  append_string(out, hall.name);
  out += ",\"size\":{\"width\":";
  append_coordinate(out, hall.width);
  append_member(out, "height", hall.height);
  out += "},\n\"categories\":[";
  for (std::size_t i = 0; i < hall.tiers.size(); ++i) {
    const catalog::Tier& tier = hall.tiers[i];
    out += i > 0 ? ",\n{\"name\":" : "\n{\"name\":";
    append_string(out, tier.name);
    append_member(out, "color", tier.color);
    if (tier.price != catalog::kUnpriced) {
      out += ",\"price\":";
      append_number(out, tier.price.amount);
    }
    out += '}';
  }
  out += "],\n\"zones\":[";
  for (std::size_t i = 0; i < hall.sections.size(); ++i) {
    const catalog::Section& zone = hall.sections[i];
    out += i > 0 ? ",\n{\"name\":" : "\n{\"name\":";
    append_string(out, zone.name);
    out += ',';
    append_position(out, "position", zone.x, zone.y);
    out += ",\"rows\":[";
    for (std::size_t r = 0; r < zone.rows.size(); ++r) {
      out += r > 0 ? ",\n" : "\n";
      append_row(out, zone.rows[r], zone, hall);
    }
    out += "],\"areas\":[";
    for (std::size_t a = 0; a < zone.areas.size(); ++a) {
      out += a > 0 ? ",\n" : "\n";
      append_area(out, zone.areas[a], zone);
    }
    out += "]}";
  }
  out += "]}\n";
  return out;
}

}  // namespace onsale::codec
