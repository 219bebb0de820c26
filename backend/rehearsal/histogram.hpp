// Latencies in log-linear buckets (after HdrHistogram): 64 buckets an octave, so that a percentile
// is at most 1.6 % too high, never too low; recording is a handful of instructions and no
// allocation after construction.
#pragma once

#include <cstdint>
#include <vector>

namespace onsale::rehearsal {

class Histogram {
 public:
  Histogram();

  // Nanoseconds. Below zero counts as zero; above some 18 minutes counts as that much.
  void record(std::int64_t nanos) { record(nanos, 1); }
  void record(std::int64_t nanos, std::uint64_t times);
  void add(const Histogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t max() const { return max_; }  // exact
  [[nodiscard]] double mean() const;                       // exact
  // The smallest recorded value (rounded up to its bucket's end, at most max()) that at least
  // `share` (0..1) of all values do not exceed. 0 if nothing was recorded.
  [[nodiscard]] std::int64_t percentile(double share) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace onsale::rehearsal
