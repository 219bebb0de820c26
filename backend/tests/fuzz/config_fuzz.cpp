// Configuration files on any bytes: read or refused with one line, and what is read prints and reads
// again as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  onsale::Config config;
  const onsale::Status read = onsale::apply_toml(config, text, "fuzz");
  if (!read) {
    onsale::check(!read.error().detail.empty(), "refused without a word");
    return 0;
  }
  const std::string printed = onsale::print_config(config);
  onsale::Config again;
  const onsale::Status reread = onsale::apply_toml(again, printed, "printed");
  onsale::check(reread.has_value(), "what was printed cannot be read");
  onsale::check(onsale::print_config(again) == printed, "what was printed reads as another");
  return 0;
}
