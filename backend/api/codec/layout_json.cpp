// Rendered once for an offer; the hash is the address under which it never changes.
#include "api/codec/layout_json.hpp"

#include <openssl/evp.h>

#include <memory>

#include "api/codec/coordinate_text.hpp"
#include "api/codec/gzip.hpp"
#include "api/codec/json_writer.hpp"
#include "api/codec/layout_columns.hpp"
#include "base/assert.hpp"

namespace onsale::codec {
namespace {

using api::json::append_number;
using api::json::append_string;

void append_member(std::string& out, std::string_view key, double value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_coordinate(out, value);
}
void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_string(out, value);
}

void append_area(std::string& out, const catalog::HallArea& area) {
  out += "{\"shape\":";
  append_string(out, area.shape);
  append_member(out, "x", area.x);
  append_member(out, "y", area.y);
  if (area.shape == "rectangle") {
    append_member(out, "width", area.width);
    append_member(out, "height", area.height);
  } else if (area.shape == "circle") {
    append_member(out, "radius", area.radius);
  } else if (area.shape == "ellipse") {
    append_member(out, "radiusX", area.width / 2);
    append_member(out, "radiusY", area.height / 2);
  } else if (area.shape == "polygon") {
    out += ",\"points\":[";
    for (std::size_t i = 0; i < area.points.size(); ++i) {
      out += i > 0 ? ",{\"x\":" : "{\"x\":";
      append_coordinate(out, area.points[i].first);
      append_member(out, "y", area.points[i].second);
      out += '}';
    }
    out += ']';
  }
  if (area.rotation != 0) append_member(out, "rotation", area.rotation);
  if (!area.color.empty()) append_member(out, "color", area.color);
  if (!area.border_color.empty()) append_member(out, "borderColor", area.border_color);
  if (!area.text.empty()) {
    out += ",\"text\":{\"text\":";
    append_string(out, area.text);
    append_member(out, "x", area.text_x);
    append_member(out, "y", area.text_y);
    if (area.text_size > 0) append_member(out, "size", area.text_size);
    if (!area.text_color.empty()) append_member(out, "color", area.text_color);
    out += '}';
  }
  out += '}';
}

void append_seats(std::string& out, const catalog::HallRow& row, const SeatNumbering& numbering) {
  for (std::size_t s = 0; s < row.seats.size(); ++s) {
    const catalog::HallSeat& seat = row.seats[s];
    out += s > 0 ? ",{\"id\":" : "[{\"id\":";
    append_number(out, numbering.id_of(seat.index).value);
    append_member(out, "name", seat.number);
    append_member(out, "x", seat.x);
    append_member(out, "y", seat.y);
    out += ",\"tier\":";
    append_number(out, std::uint64_t{seat.tier} + 1);
    if (seat.wheelchair) out += ",\"wheelchair\":true";
    out += '}';
  }
  out += row.seats.empty() ? "[]" : "]";
}

// `append_row_seats(row)` writes the value of a row's `seats`.
template <typename AppendRowSeats>
void append_section(std::string& out, const catalog::Section& section,
                    const AppendRowSeats& append_row_seats) {
  out += "{\"name\":";
  append_string(out, section.name);
  append_member(out, "x", section.x);
  append_member(out, "y", section.y);
  out += ",\"rows\":[";
  for (std::size_t r = 0; r < section.rows.size(); ++r) {
    const catalog::HallRow& row = section.rows[r];
    out += r > 0 ? ",{\"name\":" : "{\"name\":";
    append_string(out, row.name);
    out += ",\"seats\":";
    append_row_seats(row);
    out += '}';
  }
  out += "],\"areas\":[";
  for (std::size_t a = 0; a < section.areas.size(); ++a) {
    if (a > 0) out += ',';
    append_area(out, section.areas[a]);
  }
  out += "]}";
}

// The body from behind its hash; the caller closes it.
template <typename AppendRowSeats>
void append_rest(std::string& out, const catalog::Hall& hall,
                 const AppendRowSeats& append_row_seats) {
  out += "\"name\":";
  append_string(out, hall.name);
  append_member(out, "width", hall.width);
  append_member(out, "height", hall.height);
  out += ",\"tiers\":[";
  for (std::size_t t = 0; t < hall.tiers.size(); ++t) {
    const catalog::Tier& tier = hall.tiers[t];
    out += t > 0 ? ",{\"id\":" : "{\"id\":";
    append_number(out, std::uint64_t{t} + 1);
    append_member(out, "name", tier.name);
    append_member(out, "color", tier.color);
    out += ",\"price\":";
    append_number(out, tier.price.amount);
    out += '}';
  }
  out += "],\"sections\":[";
  for (std::size_t s = 0; s < hall.sections.size(); ++s) {
    if (s > 0) out += ',';
    append_section(out, hall.sections[s], append_row_seats);
  }
  out += ']';
}

std::string render_json_rest(const catalog::Offer& offer) {
  std::string out;
  append_rest(out, offer.hall(), [&](const catalog::HallRow& row) {
    append_seats(out, row, offer.event().numbering);
  });
  out += '}';
  return out;
}

std::string render_compact(const catalog::Offer& offer, std::string_view hash) {
  const catalog::Hall& hall = offer.hall();
  const SeatNames names(hall);
  constexpr std::size_t kHeadAt = 8;
  std::string out = "OSL1";
  out.resize(kHeadAt);
  out += "{\"hash\":\"";
  out += hash;
  out += "\",";
  append_rest(out, hall, [&out](const catalog::HallRow& row) {
    append_number(out, std::uint64_t{row.seats.size()});
  });
  out += ",\"seatNames\":[";
  for (std::size_t n = 0; n < names.list().size(); ++n) {
    if (n > 0) out += ',';
    append_string(out, names.list()[n]);
  }
  out += "]}";
  const std::size_t head = out.size() - kHeadAt;
  for (unsigned i = 0; i < 4; ++i) out[4 + i] = static_cast<char>(head >> (8 * i) & 0xFFU);
  out += seat_columns(hall, offer.event().numbering, names);
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  check(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) == 1,
        "SHA-256 is not there");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4U];
    hex += kHex[digest[i] & 0xFU];
  }
  return hex;
}

}  // namespace

http::SharedBytes compress_layout(const LayoutBody::Form& form) {
  return std::make_shared<const std::string>(gzip(*form.bytes, GzipEffort::best));
}

LayoutBody render_layout(const catalog::Offer& offer, Compress compress) {
  const std::string rest = render_json_rest(offer);
  LayoutBody body;
  body.hash = sha256_hex(rest);
  const auto fill = [&](LayoutForm which, std::string bytes, std::string_view mark) {
    LayoutBody::Form& form = body.of(which);
    form.etag = "\"" + body.hash + std::string(mark) + "\"";
    form.etag_gzip = "\"" + body.hash + std::string(mark) + "-gz\"";
    form.bytes = std::make_shared<const std::string>(std::move(bytes));
    constexpr std::size_t kLargeBytes = 256 * 1024;  // a few milliseconds
    if (compress == Compress::now || form.bytes->size() < kLargeBytes) {
      form.gzip = compress_layout(form);
    }
  };
  fill(LayoutForm::json, "{\"hash\":\"" + body.hash + "\"," + rest, "");
  fill(LayoutForm::compact, render_compact(offer, body.hash), "-compact");
  return body;
}

}  // namespace onsale::codec
