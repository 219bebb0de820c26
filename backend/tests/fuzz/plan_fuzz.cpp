// Seating plans from anywhere: no crash, bounded faults, and what is read can be written and read
// again as the same hall.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/codec/hall_json.hpp"
#include "api/codec/hall_prices.hpp"
#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace onsale;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr codec::HallFileLimits kSmall{.seats_max = 1'000, .areas_max = 100};
  if (const auto hall = codec::read_hall_json(bytes, kSmall)) {
    const auto again = codec::read_hall_json(codec::write_hall_json(*hall), kSmall);
    check(again.has_value(), "a plan written cannot be read");
    check(*again == *hall, "a plan written is another plan");
  } else {
    check(hall.error().detail.size() < 64U * 1024, "a refusal without bounds");
  }
  (void)codec::read_prices_file(bytes);
  (void)codec::read_price_argument(bytes);
  return 0;
}
