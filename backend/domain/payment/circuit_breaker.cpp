// The three states of a circuit breaker and what moves it between them.
#include "domain/payment/circuit_breaker.hpp"

namespace onsale::payment {

std::string_view name_of(BreakerState state) {
  switch (state) {
    case BreakerState::closed:
      return "CLOSED";
    case BreakerState::open:
      return "OPEN";
    case BreakerState::half_open:
      return "HALF_OPEN";
  }
  return "";
}

bool CircuitBreaker::allow(Instant now) {
  if (state_ == BreakerState::open && now >= open_until_) {
    state_ = BreakerState::half_open;
    probes_in_flight_ = 0;
    good_probes_ = 0;
  }
  if (state_ == BreakerState::closed) return true;
  if (state_ == BreakerState::open || probes_in_flight_ >= policy_.probes_max) return false;
  ++probes_in_flight_;
  return true;
}

void CircuitBreaker::succeeded() {
  failures_in_a_row_ = 0;
  if (state_ != BreakerState::half_open) return;
  if (probes_in_flight_ > 0) --probes_in_flight_;
  if (++good_probes_ >= policy_.probes_max) state_ = BreakerState::closed;
}

void CircuitBreaker::failed(Instant now) {
  ++failures_in_a_row_;
  // A call that began while CLOSED may end while OPEN: it opens nothing anew.
  const bool trips =
      state_ == BreakerState::half_open ||
      (state_ == BreakerState::closed && failures_in_a_row_ >= policy_.failures_in_a_row_max);
  if (!trips) return;
  state_ = BreakerState::open;
  open_until_ = now + policy_.open_for;
}

}  // namespace onsale::payment
