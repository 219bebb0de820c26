// RateLimit: how fast one buyer may ask; beyond it, 429. A token bucket a buyer (burst = one
// second's worth, at least 10), in a table of fixed size for each thread: two buyers that fall on
// one slot take turns resetting it, so the limit may be lenient, never unfair to a patient buyer.
// Off (0) costs one comparison.
#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace onsale::api {

class RateLimit {
 public:
  explicit RateLimit(double per_second)
      : per_second_(per_second), burst_(std::max(per_second, 10.0)) {}

  [[nodiscard]] bool is_on() const { return per_second_ > 0; }

  bool admit(BuyerId buyer, Instant now) const {
    if (!is_on()) return true;
    thread_local std::unique_ptr<std::array<Bucket, kBuckets>> buckets;
    if (!buckets) buckets = std::make_unique<std::array<Bucket, kBuckets>>();
    Bucket& bucket = (*buckets)[std::hash<BuyerId>{}(buyer) % kBuckets];
    if (bucket.buyer != buyer) bucket = {.buyer = buyer, .tokens = burst_, .at = now};
    const double elapsed_s = static_cast<double>((now - bucket.at).count()) / 1000.0;
    bucket.tokens = std::min(burst_, bucket.tokens + elapsed_s * per_second_);
    bucket.at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

 private:
  static constexpr std::size_t kBuckets = 8192;
  struct Bucket {
    BuyerId buyer;
    double tokens = 0;
    Instant at;
  };
  double per_second_;
  double burst_;
};

}  // namespace onsale::api
