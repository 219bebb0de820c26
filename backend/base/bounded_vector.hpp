// A vector whose storage is inside the object and whose capacity is a named limit: the seats of one
// call travel through ledger, order and saga without a heap allocation. Shaped like C++26's
// std::inplace_vector for trivially copyable elements. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <type_traits>

#include "base/assert.hpp"

namespace onsale {

template <typename T, std::size_t Capacity>
class BoundedVector {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  using value_type = T;

  BoundedVector() = default;
  BoundedVector(std::initializer_list<T> items) {
    for (const T& item : items) {
      push_back(item);
    }
  }

  static constexpr std::size_t capacity() { return Capacity; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool full() const { return size_ == Capacity; }

  // A push into a full vector is a bug: callers check the limit at the edge.
  void push_back(const T& item) {
    check(size_ < Capacity, "BoundedVector is full");
    items_[size_++] = item;
  }
  void clear() { size_ = 0; }

  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  T* begin() { return items_.data(); }
  T* end() { return items_.data() + size_; }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }
  [[nodiscard]] const T& front() const { return items_[0]; }
  [[nodiscard]] std::span<const T> span() const { return {items_.data(), size_}; }

  friend bool operator==(const BoundedVector& a, const BoundedVector& b) {
    if (a.size_ != b.size_) return false;
    for (std::size_t i = 0; i < a.size_; ++i) {
      if (!(a.items_[i] == b.items_[i])) return false;
    }
    return true;
  }

 private:
  std::array<T, Capacity> items_{};
  std::size_t size_ = 0;
};

}  // namespace onsale
