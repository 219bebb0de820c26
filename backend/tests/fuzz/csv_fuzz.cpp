// Halls as tables from anywhere: no crash, and what is read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/codec/hall_csv.hpp"
#include "api/codec/hall_prices.hpp"
#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace onsale;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  constexpr codec::HallFileLimits kSmall{.seats_max = 1'000, .areas_max = 0};
  if (const auto hall = codec::read_hall_csv(bytes, "fuzz", kSmall)) {
    codec::HallFileLimits wide = kSmall;
    wide.text_bytes_max =
        4 * kSmall.text_bytes_max;  // a guid made of three names is longer than each
    const std::string written = codec::write_hall_csv(*hall);
    const auto again = codec::read_hall_csv(written, "fuzz", wide);
    check(again.has_value(), "a table written cannot be read");
    check(codec::write_hall_csv(*again) == written, "a table written is another table");
  }
  (void)codec::read_prices_file(bytes);
  return 0;
}
