// A gzip member of some bytes, for what is compressed seldom (layouts, the packed map).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onsale::codec {

// runs: codes and runs of one byte only, quick, and the best there is for bits in random order.
enum class GzipEffort : std::uint8_t { runs, best };
std::string gzip(std::string_view bytes, GzipEffort effort);

}  // namespace onsale::codec
