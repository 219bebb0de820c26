// SystemClock over the vDSO's monotonic clock; KernelIdSource over getrandom(2).
#include "adapters/embedded/system_clock.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "base/assert.hpp"

namespace onsale {
namespace {

std::int64_t read_ms(clockid_t clock) {
  timespec at{};
  ::clock_gettime(clock, &at);
  return at.tv_sec * 1000 + at.tv_nsec / 1'000'000;
}

}  // namespace

SystemClock::SystemClock(Milliseconds ahead)
    : offset_ms_(read_ms(CLOCK_REALTIME) - read_ms(CLOCK_MONOTONIC) + ahead.count()) {}

Instant SystemClock::now() const { return instant_of_ms(read_ms(CLOCK_MONOTONIC) + offset_ms_); }

Bits128 KernelIdSource::random_bits() {
  // 512 bytes a system call; what is handed out is wiped, so that it is in one place only.
  struct Pool {
    std::array<Bits128, 32> bits{};
    std::size_t used = 32;
  };
  thread_local Pool pool;
  if (pool.used == pool.bits.size()) {
    std::size_t filled = 0;
    const std::size_t wanted = sizeof pool.bits;
    while (filled < wanted) {
      const ssize_t got =
          ::getrandom(reinterpret_cast<char*>(pool.bits.data()) + filled, wanted - filled, 0);
      check(got > 0 || errno == EINTR, "the kernel has no randomness");
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    pool.used = 0;
  }
  return std::exchange(pool.bits[pool.used++], Bits128{});
}

}  // namespace onsale
