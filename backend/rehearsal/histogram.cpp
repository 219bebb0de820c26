// Bucket layout: values below 64 have a bucket each; above, the top seven bits of a value choose
// the bucket, so each octave [2^k, 2^(k+1)) is cut into 64 equal parts.
#include "rehearsal/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace onsale::rehearsal {

namespace {

constexpr std::uint32_t bits = 6;
constexpr std::uint64_t per_octave = 1ULL << bits;
constexpr std::uint32_t octaves = 34;  // 64 ns × 2^34 = 18 minutes
constexpr std::uint64_t value_max = (per_octave << octaves) - 1;

std::size_t bucket_of(std::uint64_t value) {
  if (value < per_octave) return value;
  const auto shift = static_cast<std::uint32_t>(std::bit_width(value)) - bits - 1;
  return (shift + 1) * per_octave + ((value >> shift) - per_octave);
}

std::uint64_t end_of(std::size_t bucket) {
  if (bucket < per_octave) return bucket;
  const auto shift = bucket / per_octave - 1;
  return ((per_octave + bucket % per_octave + 1) << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_((octaves + 1) * per_octave) {}

void Histogram::record(std::int64_t nanos, std::uint64_t times) {
  const std::uint64_t value =
      std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(nanos, 0)), value_max);
  buckets_[bucket_of(value)] += times;
  count_ += times;
  max_ = std::max(max_, static_cast<std::int64_t>(value));
  sum_ += static_cast<double>(value) * static_cast<double>(times);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void Histogram::clear() {
  std::fill(buckets_.begin(), buckets_.end(), 0);
  count_ = 0;
  max_ = 0;
  sum_ = 0;
}

double Histogram::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

std::int64_t Histogram::percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = std::clamp<std::uint64_t>(
      static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min(static_cast<std::int64_t>(end_of(i)), max_);
  }
  return max_;
}

}  // namespace onsale::rehearsal
