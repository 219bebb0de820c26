// The map is read with Boost.JSON's DOM in a monotonic buffer: strict about the contract's shape,
// since a wrong map is a finding and not a nuisance.
#include "rehearsal/seat_board.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace onsale::rehearsal {

namespace {
constexpr std::array<std::string_view, 4> words = {"AVAILABLE", "HELD", "SOLD", "BLOCKED"};
}  // namespace

std::optional<SeatStatus> parse_status(std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return static_cast<SeatStatus>(i);
  }
  return std::nullopt;
}

std::string_view status_word(SeatStatus status) { return words[static_cast<std::size_t>(status)]; }

std::uint32_t SeatIndex::at(std::uint64_t seat_id) {
  const auto [place, is_new] = places_.try_emplace(seat_id, size());
  if (is_new) ids_.push_back(seat_id);
  return place->second;
}

std::optional<std::uint32_t> SeatIndex::find(std::uint64_t seat_id) const {
  const auto place = places_.find(seat_id);
  if (place == places_.end()) return std::nullopt;
  return place->second;
}

void Board::set(std::uint32_t index, SeatStatus status) {
  if (index >= size_) {
    size_ = index + 1;
    bits_.resize(size_ / 4 + 1);
  }
  std::uint8_t& four = bits_[index / 4];
  const auto shift = index % 4 * 2;
  four =
      static_cast<std::uint8_t>((four & ~(3U << shift)) | static_cast<unsigned>(status) << shift);
}

std::uint32_t Board::count(SeatStatus status) const {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < size_; ++i) sum += at(i) == status ? 1 : 0;
  return sum;
}

std::optional<Snapshot> read_seat_map(const Response& response, SeatIndex& index,
                                      std::string& why) {
  if (response.header("Content-Type").find("seatmap") != std::string_view::npos) {
    return read_compact_map(response.body, index, why);
  }
  return read_json_map(response.body, index, why);
}

std::optional<Snapshot> read_compact_map(std::string_view bytes, const SeatIndex& index,
                                         std::string& why) {
  constexpr std::string_view magic = "OSM1";
  constexpr std::size_t head_bytes = 16;
  const auto number = [&](std::size_t from, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(bytes[from + i]);
    }
    return value;
  };
  if (bytes.size() < head_bytes || bytes.substr(0, magic.size()) != magic) {
    why = "the compact seat map lacks its head";
    return std::nullopt;
  }
  const std::uint64_t count = number(12, 4);
  if (count != index.size() || bytes.size() != head_bytes + (count + 3) / 4) {
    why = "the compact seat map has another number of seats than the JSON one";
    return std::nullopt;
  }
  Snapshot snapshot;
  snapshot.version = number(4, 8);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto four = static_cast<unsigned char>(bytes[head_bytes + i / 4]);
    snapshot.board.set(i, static_cast<SeatStatus>(four >> (i % 4 * 2) & 3U));
  }
  return snapshot;
}

std::optional<Snapshot> read_json_map(std::string_view json, SeatIndex& index, std::string& why) {
  namespace bj = boost::json;
  bj::monotonic_resource memory(std::max<std::size_t>(json.size() * 4, 4096));
  bj::error_code error;
  const bj::value root = bj::parse(bj::string_view(json.data(), json.size()), error, &memory);
  if (error) {
    why = "the seat map is not JSON: " + error.message();
    return std::nullopt;
  }
  const bj::object* map = root.if_object();
  const bj::value* version = map == nullptr ? nullptr : map->if_contains("version");
  const bj::value* seats = map == nullptr ? nullptr : map->if_contains("seats");
  if (version == nullptr || !version->is_number() || seats == nullptr || !seats->is_array()) {
    why = "the seat map lacks version or seats";
    return std::nullopt;
  }
  Snapshot snapshot;
  snapshot.version = version->to_number<std::uint64_t>(error);
  for (const bj::value& entry : seats->get_array()) {
    const bj::object* seat = entry.if_object();
    const bj::value* id = seat == nullptr ? nullptr : seat->if_contains("id");
    const bj::value* word = seat == nullptr ? nullptr : seat->if_contains("status");
    if (id == nullptr || !id->is_number() || word == nullptr || !word->is_string()) {
      why = "a seat of the map lacks id or status";
      return std::nullopt;
    }
    const auto status = parse_status({word->get_string().data(), word->get_string().size()});
    if (!status) {
      why = "a seat of the map has an unknown status";
      return std::nullopt;
    }
    snapshot.board.set(index.at(id->to_number<std::uint64_t>(error)), *status);
  }
  return snapshot;
}

}  // namespace onsale::rehearsal
