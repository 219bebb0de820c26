// Little-endian numbers, texts and lists with their length before them, a format number first.
#include "ports/catalogue_blob.hpp"

#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace onsale {
namespace {

constexpr std::uint64_t kFormat = 1;

class BlobWriter {
 public:
  void field(std::uint64_t& value) {
    for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8U * i)));
  }
  void field(std::string& text) {
    std::uint64_t size = text.size();
    field(size);
    bytes += text;
  }
  template <typename Item, typename Each>
  void list(std::vector<Item>& items, Each each) {
    std::uint64_t size = items.size();
    field(size);
    for (Item& item : items) each(item);
  }
  std::string bytes;
};

class BlobReader {
 public:
  explicit BlobReader(std::string_view bytes) : left_(bytes) {}
  void field(std::uint64_t& value) {
    value = 0;
    if (left_.size() < 8) return fail();
    for (unsigned i = 0; i < 8; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(left_[i])) << (8U * i);
    }
    left_.remove_prefix(8);
  }
  void field(std::string& text) {
    std::uint64_t size = 0;
    field(size);
    if (size > left_.size()) return fail();
    text = left_.substr(0, size);
    left_.remove_prefix(size);
  }
  template <typename Item, typename Each>
  void list(std::vector<Item>& items, Each each) {
    std::uint64_t size = 0;
    field(size);
    if (size > left_.size()) return fail();  // every item takes a byte at the least
    items.resize(size);
    for (Item& item : items) each(item);
  }
  [[nodiscard]] bool complete() const { return !failed_ && left_.empty(); }

 private:
  void fail() {
    failed_ = true;
    left_ = {};
  }
  std::string_view left_;
  bool failed_ = false;
};

// Numbers of every kind travel as 64 bits.
template <typename Blob, typename Number>
void number(Blob& blob, Number& value) {
  auto wide = static_cast<std::uint64_t>(value);
  blob.field(wide);
  value = static_cast<Number>(wide);
}
template <typename Blob>
void real(Blob& blob, double& value) {
  auto wide = std::bit_cast<std::uint64_t>(value);
  blob.field(wide);
  value = std::bit_cast<double>(wide);
}
template <typename Blob>
void instant(Blob& blob, Instant& at) {
  std::int64_t ms = ms_of(at);
  number(blob, ms);
  at = instant_of_ms(ms);
}

template <typename Blob>
void seat_fields(Blob& blob, catalog::HallSeat& seat) {
  blob.field(seat.guid);
  blob.field(seat.number);
  real(blob, seat.x);
  real(blob, seat.y);
  number(blob, seat.tier);
  number(blob, seat.wheelchair);
  number(blob, seat.index);
}

template <typename Blob>
void area_fields(Blob& blob, catalog::HallArea& area) {
  blob.field(area.shape);
  for (double* value : {&area.x, &area.y, &area.width, &area.height, &area.radius, &area.rotation,
                        &area.text_size, &area.text_x, &area.text_y}) {
    real(blob, *value);
  }
  blob.list(area.points, [&blob](std::pair<double, double>& point) {
    real(blob, point.first);
    real(blob, point.second);
  });
  blob.field(area.color);
  blob.field(area.border_color);
  blob.field(area.text);
  blob.field(area.text_color);
}

template <typename Blob>
void section_fields(Blob& blob, catalog::Section& section) {
  blob.field(section.name);
  real(blob, section.x);
  real(blob, section.y);
  blob.list(section.rows, [&blob](catalog::HallRow& row) {
    blob.field(row.name);
    blob.list(row.seats, [&blob](catalog::HallSeat& seat) { seat_fields(blob, seat); });
  });
  blob.list(section.areas, [&blob](catalog::HallArea& area) { area_fields(blob, area); });
}

template <typename Blob>
void hall_fields(Blob& blob, catalog::Hall& hall) {
  blob.field(hall.name);
  real(blob, hall.width);
  real(blob, hall.height);
  blob.list(hall.tiers, [&blob](catalog::Tier& tier) {
    blob.field(tier.name);
    blob.field(tier.color);
    number(blob, tier.price.amount);
  });
  blob.list(hall.sections, [&blob](catalog::Section& section) { section_fields(blob, section); });
}

template <typename Blob>
void event_fields(Blob& blob, catalog::Event& event) {
  number(blob, event.id.value);
  blob.field(event.title);
  blob.field(event.description);
  blob.field(event.venue);
  blob.field(event.currency);
  instant(blob, event.starts_at);
  instant(blob, event.on_sale_at);
  bool closes = event.closes_at.has_value();
  number(blob, closes);
  Instant closes_at = event.closes_at.value_or(Instant{});
  instant(blob, closes_at);
  event.closes_at = closes ? std::optional(closes_at) : std::nullopt;
  blob.field(event.layout_hash);
  number(blob, event.numbering.first);
  number(blob, event.numbering.stride);
  number(blob, event.numbering.count);
}

template <typename Blob>
void entry_fields(Blob& blob, std::uint64_t& format, CatalogueEntry& entry) {
  blob.field(format);
  event_fields(blob, entry.event);
  hall_fields(blob, entry.hall);
}

}  // namespace

std::string render_catalogue_entry(const CatalogueEntry& entry) {
  BlobWriter writer;
  CatalogueEntry copy = entry;
  std::uint64_t format = kFormat;
  entry_fields(writer, format, copy);
  return std::move(writer.bytes);
}

bool parse_catalogue_entry(std::string_view bytes, CatalogueEntry& entry) {
  BlobReader reader(bytes);
  std::uint64_t format = 0;
  entry_fields(reader, format, entry);
  return format == kFormat && reader.complete();
}

}  // namespace onsale
