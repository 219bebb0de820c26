// CircuitBreaker: stops asking a provider that does not answer, and finds out gently when it is
// back. CLOSED counts failures in a row; at the limit it is OPEN for a while; then HALF_OPEN lets a
// few probes through: enough good ones close it, one bad one opens it again.
//
// Pure: time is an argument. Not thread-safe (the payment service guards it).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace onsale::payment {

struct BreakerPolicy {
  std::uint32_t failures_in_a_row_max = 10;
  Milliseconds open_for{2000};
  std::uint32_t probes_max = 3;  // in flight at once, and good ones needed, while HALF_OPEN
};

enum class BreakerState : std::uint8_t { closed, open, half_open };
std::string_view name_of(BreakerState state);  // "CLOSED" …

class CircuitBreaker {
 public:
  explicit CircuitBreaker(BreakerPolicy policy) : policy_(policy) {}

  // May the provider be asked now? A call that was allowed must be followed by succeeded() or
  // failed(). A decline is a success: the provider answered.
  bool allow(Instant now);
  void succeeded();
  void failed(Instant now);
  [[nodiscard]] BreakerState state() const { return state_; }

 private:
  BreakerPolicy policy_;
  BreakerState state_ = BreakerState::closed;
  std::uint32_t failures_in_a_row_ = 0;
  std::uint32_t probes_in_flight_ = 0;
  std::uint32_t good_probes_ = 0;
  Instant open_until_;
};

}  // namespace onsale::payment
