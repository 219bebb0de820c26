// A gzip member of some bytes, for what is compressed seldom (layouts, the packed map).
#pragma once

#include <string>
#include <string_view>

namespace onsale::codec {

enum class GzipEffort { quick, best };
std::string gzip(std::string_view bytes, GzipEffort effort);

}  // namespace onsale::codec
