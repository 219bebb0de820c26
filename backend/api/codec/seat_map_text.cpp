// The text is written once for an offer.
#include "api/codec/seat_map_text.hpp"

#include <charconv>
#include <cstring>
#include <limits>

#include "api/codec/json_writer.hpp"
#include "base/assert.hpp"

namespace onsale::codec {
namespace {

using api::json::append_number;
constexpr std::size_t kVersionWidth = 16;  // 2^53 has 16 digits

}  // namespace

std::string_view padded(seat::WireStatus status) {
  switch (status) {
    case seat::WireStatus::available:
      return "AVAILABLE\"";
    case seat::WireStatus::held:
      return "HELD\"     ";
    case seat::WireStatus::sold:
      return "SOLD\"     ";
    case seat::WireStatus::blocked:
      return "BLOCKED\"  ";
  }
  return {};
}

SeatMapText::SeatMapText(const catalog::Offer& offer) {
  const std::uint32_t count = offer.seat_count();
  blank_.reserve(std::size_t{80} * count + 128);
  status_at_.reserve(count);
  id_end_.reserve(count);
  blank_ += "{\"rows\":";
  append_number(blank_, std::uint64_t{offer.rows()});
  blank_ += ",\"cols\":";
  append_number(blank_, std::uint64_t{offer.columns()});
  blank_ += ",\"version\":";
  version_at_ = blank_.size();
  blank_ += '0';
  blank_.append(kVersionWidth - 1, ' ');
  blank_ += ",\"seats\":[";
  for (std::uint32_t i = 0; i < count; ++i) {
    const catalog::SeatPlace& place = offer.places()[i];
    blank_ += i > 0 ? ",{\"id\":" : "{\"id\":";
    append_number(blank_, offer.event().numbering.id_of(i).value);
    id_end_.push_back(static_cast<std::uint32_t>(blank_.size()));
    blank_ += ",\"r\":";
    append_number(blank_, std::uint64_t{place.row});
    blank_ += ",\"c\":";
    append_number(blank_, std::uint64_t{place.column});
    blank_ += ",\"price\":";
    append_number(blank_, place.price);
    blank_ += ",\"status\":\"";
    status_at_.push_back(static_cast<std::uint32_t>(blank_.size()));
    blank_ += padded(seat::WireStatus::available);
    blank_ += '}';
  }
  blank_ += "]}";
  blank_.shrink_to_fit();
  check(blank_.size() < std::numeric_limits<std::uint32_t>::max(), "a seat map beyond 4 GiB");
}

void SeatMapText::write_version(char* text, Version version) const {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, version.value).ptr;
  const auto size = static_cast<std::size_t>(end - digits);
  check(size <= kVersionWidth, "a version beyond 2^53");
  std::memset(text + version_at_, ' ', kVersionWidth);
  std::memcpy(text + version_at_, digits, size);
}

void SeatMapText::write_status(char* text, std::size_t index, seat::WireStatus status) const {
  std::memcpy(text + status_at_[index], padded(status).data(), kStatusWidth);
}

}  // namespace onsale::codec
