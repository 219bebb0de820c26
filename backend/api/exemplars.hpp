// Exemplars: for each route and bucket of its durations the last trace that fell into it, so that a
// slow bar of a dashboard leads to a trace that exists. Remembered only for traces that are followed:
// a lock is nothing there. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "api/request_counters.hpp"
#include "base/ids.hpp"
#include "base/mutex.hpp"
#include "base/time.hpp"

namespace onsale::api {

struct Exemplar {
  TraceId trace;  // nil: none yet
  std::uint64_t took_us = 0;
  Instant at;
};

class Exemplars {
 public:
  using OfRoute = std::array<Exemplar, kDurationBucketsUs.size() + 1>;

  void remember(std::size_t route, std::uint64_t took_us, TraceId trace, Instant at) {
    const Lock lock(mutex_);
    routes_[route][duration_bucket(took_us)] = {trace, took_us, at};
  }
  [[nodiscard]] OfRoute of(std::size_t route) const {
    const Lock lock(mutex_);
    return routes_[route];
  }

 private:
  mutable Mutex mutex_;
  std::array<OfRoute, RequestCounters::kRoutesMax> routes_ ONSALE_GUARDED_BY(mutex_){};
};

}  // namespace onsale::api
