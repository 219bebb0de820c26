// What the mock provider decides, and when.
#include "adapters/mock_provider/mock_provider.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <unordered_set>
#include <utility>

#include "base/mutex.hpp"
#include "runtime/scheduler.hpp"

namespace onsale {
namespace {

constexpr std::size_t kFirstCallsMax = 65'536;  // remembered time-outs; then all are forgotten
constexpr double kDelayMsMax = 60'000;

// What a draw is for; each is independent of the others.
enum class Draw : std::uint64_t { success = 1, times_out, happens, delay, delay_angle };

std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27U) * 0x94D049BB133111EBULL;
  return x ^ x >> 31U;
}

std::uint64_t hash_of(std::uint64_t seed, AttemptId attempt, std::uint64_t call, Draw draw) {
  return mix(mix(mix(mix(seed) ^ attempt.bits.hi) ^ attempt.bits.lo) ^
             (call << 8U | static_cast<std::uint64_t>(draw)));
}

// In [0, 1).
double share_of(std::uint64_t seed, AttemptId attempt, std::uint64_t call, Draw draw) {
  return static_cast<double>(hash_of(seed, attempt, call, draw) >> 11U) * 0x1.0p-53;
}

double delay_ms(const MockProviderOptions& options, double a, double b) {
  const auto mean = static_cast<double>(options.delay_mean_ms);
  const auto spread = static_cast<double>(options.delay_spread_ms);
  switch (options.delay_shape) {
    case DelayShape::fixed:
      return mean;
    case DelayShape::uniform:
      return mean + spread * (2 * a - 1);
    case DelayShape::exponential:
      return -mean * std::log(1 - a);
    case DelayShape::lognormal: {
      if (mean <= 0) return 0;
      const double variance = std::log(1 + spread * spread / (mean * mean));
      const double normal = std::sqrt(-2 * std::log(1 - a)) * std::cos(2 * std::numbers::pi * b);
      return std::exp(std::log(mean) - variance / 2 + std::sqrt(variance) * normal);
    }
  }
  return mean;
}

constexpr std::uint64_t kLookup = 15;  // beside the operations, for draws

}  // namespace

struct MockProvider::FirstCalls {
  // True the first time.
  bool mark(std::uint64_t call) {
    const Lock lock(mutex);
    if (timed_out.size() >= kFirstCallsMax) timed_out.clear();
    return timed_out.insert(call).second;
  }
  Mutex mutex;
  std::unordered_set<std::uint64_t> timed_out ONSALE_GUARDED_BY(mutex);
};

MockProvider::MockProvider(ProviderLedger& ledger, Clock& clock, MockProviderOptions options)
    : ledger_(ledger),
      clock_(clock),
      options_(options),
      first_calls_(std::make_unique<FirstCalls>()) {}
MockProvider::~MockProvider() = default;

// False: it would have taken longer than the deadline, which has passed now.
Task<bool> MockProvider::take_time(AttemptId attempt, std::uint64_t salt, Milliseconds deadline) {
  const double a = share_of(options_.seed, attempt, salt, Draw::delay);
  const double b = share_of(options_.seed, attempt, salt, Draw::delay_angle);
  const double wanted = std::clamp(delay_ms(options_, a, b), 0.0, kDelayMsMax);
  const Milliseconds delay{std::llround(wanted)};
  if (Scheduler* const loop = Scheduler::current(); loop != nullptr) {
    co_await loop->sleep_for(std::min(delay, deadline));
  }
  co_return delay <= deadline;
}

Task<PaymentAnswer> MockProvider::perform(PaymentAttempt attempt, payment::Operation operation,
                                          Milliseconds deadline) {
  calls_.fetch_add(1, std::memory_order_relaxed);
  const auto call = static_cast<std::uint64_t>(operation);
  const std::uint64_t seed = options_.seed;
  const bool down = unavailable_.load();
  const bool times_out =
      share_of(seed, attempt.id, call, Draw::times_out) < options_.timeout_share &&
      first_calls_->mark(hash_of(seed, attempt.id, call, Draw::times_out));
  bool in_time = co_await take_time(attempt.id, call, deadline);
  if (down) co_return PaymentAnswer::unknown;
  in_time = in_time && !times_out;
  if (!in_time && share_of(seed, attempt.id, call, Draw::happens) < 0.5) {
    co_return PaymentAnswer::unknown;
  }

  ProviderEntry entry{attempt.id,     attempt.order,    operation,
                      attempt.amount, attempt.currency, clock_.now()};
  Task<Result<payment::Movement>> applying = ledger_.apply(std::move(entry));
  const Result<payment::Movement> applied = co_await std::move(applying);
  if (!applied || !in_time) co_return PaymentAnswer::unknown;
  const bool agreed = (*applied).granted && operation != payment::Operation::decline;
  co_return agreed ? PaymentAnswer::done : PaymentAnswer::declined;
}

Task<PaymentAnswer> MockProvider::authorise(PaymentAttempt attempt, Milliseconds deadline) {
  const bool accepts =
      share_of(options_.seed, attempt.id, 0, Draw::success) < options_.success_share;
  return perform(std::move(attempt),
                 accepts ? payment::Operation::authorise : payment::Operation::decline, deadline);
}

Task<PaymentAnswer> MockProvider::capture(PaymentAttempt attempt, Milliseconds deadline) {
  if (refuse_captures_.load()) return PaymentAnswer::declined;
  return perform(std::move(attempt), payment::Operation::capture, deadline);
}

Task<PaymentAnswer> MockProvider::void_authorisation(PaymentAttempt attempt,
                                                     Milliseconds deadline) {
  return perform(std::move(attempt), payment::Operation::cancel, deadline);
}

Task<AttemptState> MockProvider::lookup(AttemptId attempt, Milliseconds deadline) {
  calls_.fetch_add(1, std::memory_order_relaxed);
  const bool down = unavailable_.load();
  const bool in_time = co_await take_time(attempt, kLookup, deadline);
  if (down || !in_time) co_return AttemptState::unknown;
  Task<Result<AttemptState>> asking = ledger_.state_of(attempt);
  const Result<AttemptState> state = co_await std::move(asking);
  co_return state ? *state : AttemptState::unknown;
}

}  // namespace onsale
