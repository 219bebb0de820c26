// The faults of a hall file: where each is and what it is; the first few by name, the rest counted.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace onsale::codec {

class HallFaults {
 public:
  explicit HallFaults(std::size_t named_max) : named_max_(named_max) {}

  // `place` is asked only for faults that are named.
  template <typename Place>
  void add(Place place, std::string what) {
    if (++total_ > named_max_) return;
    if (!text_.empty()) text_ += '\n';
    text_ += place() + ": " + std::move(what);
  }
  [[nodiscard]] bool any() const { return total_ > 0; }
  [[nodiscard]] std::size_t total() const { return total_; }

  [[nodiscard]] Failure failure() const {
    std::string detail = text_;
    if (total_ > named_max_) detail += "\nand " + std::to_string(total_ - named_max_) + " more";
    return {Code::validation_failed, std::move(detail)};
  }

 private:
  std::size_t named_max_;
  std::size_t total_ = 0;
  std::string text_;
};

}  // namespace onsale::codec
