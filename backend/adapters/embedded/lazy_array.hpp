// LazyArray<T>: a zeroed array whose pages cost nothing until they are touched. What a ledger sizes
// for the worst case (a claim for every seat) takes memory only for what is really there.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>

#include "base/assert.hpp"

namespace onsale {

template <typename T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LazyArray() = default;
  explicit LazyArray(std::size_t size)
      : items_(static_cast<T*>(std::calloc(size == 0 ? 1 : size, sizeof(T)))), size_(size) {
    check(items_ != nullptr, "out of memory for a ledger");
  }

  T& operator[](std::size_t i) { return items_.get()[i]; }
  const T& operator[](std::size_t i) const { return items_.get()[i]; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // Keeps the first `used` items; the rest are zero.
  void grow(std::size_t size, std::size_t used) {
    LazyArray larger(size);
    if (used != 0) {
      std::memcpy(static_cast<void*>(larger.items_.get()), items_.get(), used * sizeof(T));
    }
    *this = std::move(larger);
  }

 private:
  struct Free {
    void operator()(T* items) const { std::free(items); }
  };
  std::unique_ptr<T, Free> items_;
  std::size_t size_ = 0;
};

}  // namespace onsale
