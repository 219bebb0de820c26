// The JSON text of a seat map, all of it fixed but the version and the statuses: both stand in
// fields of fixed width, padded with white space, so that a change is a few bytes written in place.
//
//   {"rows":10,"cols":10,"version":4294967301      ,"seats":[
//   {"id":1,"r":0,"c":0,"price":50000,"status":"HELD"     },…]}
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "domain/seat/seat.hpp"
#include "services/catalog/offer.hpp"

namespace onsale::codec {

// From behind the opening quote: the status, its closing quote, blanks.
inline constexpr std::size_t kStatusWidth = 10;
std::string_view padded(seat::WireStatus status);

class SeatMapText {
 public:
  explicit SeatMapText(const catalog::Offer& offer);

  // The text with every seat AVAILABLE at version 0.
  [[nodiscard]] const std::string& blank() const { return blank_; }
  [[nodiscard]] std::size_t seats() const { return status_at_.size(); }
  // Where the status field of that seat begins in the text; ascending.
  [[nodiscard]] std::uint32_t status_at(std::size_t index) const { return status_at_[index]; }
  // Where the digits of that seat's id end.
  [[nodiscard]] std::uint32_t id_end(std::size_t index) const { return id_end_[index]; }

  void write_version(char* text, Version version) const;
  void write_status(char* text, std::size_t index, seat::WireStatus status) const;

 private:
  std::string blank_;
  std::size_t version_at_ = 0;
  std::vector<std::uint32_t> status_at_;
  std::vector<std::uint32_t> id_end_;
};

}  // namespace onsale::codec
