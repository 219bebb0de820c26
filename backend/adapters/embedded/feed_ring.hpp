// FeedRing: the last changes of one event. Versions of an event grow by exactly one a change, so a
// change is stored in 4 bytes (seat and status) and its version is its place. Not thread-safe: the
// event's lock guards it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "adapters/embedded/lazy_array.hpp"
#include "base/ids.hpp"
#include "ports/seat_feed.hpp"

namespace onsale {

class FeedRing {
 public:
  // `capacity` is rounded up to a power of two. `start`: the version before the first change.
  FeedRing(std::size_t capacity, Version start)
      : capacity_(std::bit_ceil(capacity)), start_(start), version_(start) {}

  [[nodiscard]] Version version() const { return version_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  Version append(std::uint32_t seat_index, seat::WireStatus status) {
    if (entries_.size() == 0) entries_ = LazyArray<std::uint32_t>(capacity_);
    version_ = version_.next();
    entries_[version_.value & (capacity_ - 1)] =
        seat_index << 2U | static_cast<std::uint32_t>(status);
    return version_;
  }

  // The changes after `after`, at most `max`; too_old if one of them is no longer here.
  [[nodiscard]] FeedBatch read(Version after, std::size_t max) const {
    FeedBatch batch;
    batch.version = version_;
    const std::uint64_t kept = std::min<std::uint64_t>(version_.value - start_.value, capacity_);
    batch.too_old = after > version_ || after.value < version_.value - kept;
    if (batch.too_old) return batch;
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(version_.value - after.value, max));
    batch.changes.reserve(count);
    for (std::size_t i = 1; i <= count; ++i) {
      const std::uint64_t version = after.value + i;
      const std::uint32_t entry = entries_[version & (capacity_ - 1)];
      batch.changes.push_back(
          {Version{version}, entry >> 2U, static_cast<seat::WireStatus>(entry & 3U)});
    }
    return batch;
  }

 private:
  std::size_t capacity_;
  Version start_;
  Version version_;
  LazyArray<std::uint32_t> entries_;
};

}  // namespace onsale
