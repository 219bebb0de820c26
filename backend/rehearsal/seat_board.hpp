// A viewer's idea of the hall: which seats there are, and the status each has in its eyes. Two bits
// a seat, so that 10,000 viewers of 50,000 seats fit in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rehearsal/response_reader.hpp"

namespace onsale::rehearsal {

enum class SeatStatus : std::uint8_t { available, held, sold, blocked };

// "AVAILABLE", "HELD", "SOLD", "BLOCKED"; nullopt for any other word.
std::optional<SeatStatus> parse_status(std::string_view word);
std::string_view status_word(SeatStatus status);

// The seats of one event, in the order of the map. Shared by everybody; only ever grows.
class SeatIndex {
 public:
  // The index of a seat id, added if it is new.
  std::uint32_t at(std::uint64_t seat_id);
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t seat_id) const;
  [[nodiscard]] std::uint64_t id(std::uint32_t index) const { return ids_[index]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ids_.size()); }

 private:
  std::vector<std::uint64_t> ids_;
  std::unordered_map<std::uint64_t, std::uint32_t> places_;
};

class Board {
 public:
  [[nodiscard]] SeatStatus at(std::uint32_t index) const {
    if (index / 4 >= bits_.size()) return SeatStatus::available;
    return static_cast<SeatStatus>(bits_[index / 4] >> (index % 4 * 2) & 3U);
  }
  void set(std::uint32_t index, SeatStatus status);
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::uint32_t count(SeatStatus status) const;
  friend bool operator==(const Board&, const Board&) = default;

 private:
  std::uint32_t size_ = 0;
  std::vector<std::uint8_t> bits_;
};

struct Snapshot {
  std::uint64_t version = 0;
  Board board;
};

// Header line that asks for the compact form.
inline constexpr std::string_view accept_compact_map = "Accept: application/vnd.onsale.seatmap\r\n";

// Reads the answer of GET /events/{id}/seats, in either form. nullopt with `why` if it is not the
// contract's shape. The compact form names no seats: they are those of a JSON map read before.
std::optional<Snapshot> read_seat_map(const Response& response, SeatIndex& index, std::string& why);
std::optional<Snapshot> read_json_map(std::string_view json, SeatIndex& index, std::string& why);
std::optional<Snapshot> read_compact_map(std::string_view bytes, const SeatIndex& index,
                                         std::string& why);

}  // namespace onsale::rehearsal
