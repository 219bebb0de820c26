// How long to wait before the next try: doubling, capped, and spread by half so that many callers
// who failed together do not come back together. Pure: the randomness is an argument.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace onsale::payment {

struct Backoff {
  Milliseconds first{50};
  Milliseconds most{1000};
};

// Between half and the whole of min(first * 2^tries_so_far, most).
Milliseconds wait_before_retry(const Backoff& backoff, std::uint32_t tries_so_far,
                               std::uint64_t random);

}  // namespace onsale::payment
