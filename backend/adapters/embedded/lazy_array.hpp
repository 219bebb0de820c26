// LazyArray<T>: a zeroed array whose pages cost nothing until they are touched. What a ledger sizes
// for the worst case (a claim for every seat) takes memory only for what is really there. Large
// ones come straight from the kernel, in huge pages where it has them: a hold in a big hall touches
// four places far apart.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace onsale {

namespace detail {

// Zeroed; never nullptr (running out of memory at the opening of an event ends the program).
void* lazy_allocate(std::size_t bytes);
void lazy_free(void* at, std::size_t bytes) noexcept;

}  // namespace detail

template <typename T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LazyArray() = default;
  explicit LazyArray(std::size_t size)
      : items_(static_cast<T*>(detail::lazy_allocate(size * sizeof(T)))), size_(size) {}
  ~LazyArray() { detail::lazy_free(items_, size_ * sizeof(T)); }
  LazyArray(LazyArray&& other) noexcept
      : items_(std::exchange(other.items_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LazyArray& operator=(LazyArray&& other) noexcept {
    std::swap(items_, other.items_);
    std::swap(size_, other.size_);
    return *this;
  }

  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // Keeps the first `used` items; the rest are zero.
  void grow(std::size_t size, std::size_t used) {
    LazyArray larger(size);
    if (used != 0) std::memcpy(static_cast<void*>(larger.items_), items_, used * sizeof(T));
    *this = std::move(larger);
  }

 private:
  T* items_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace onsale
