// gzip (RFC 1952) of a whole body, for what is compressed once and sent many times.
#pragma once

#include <string>
#include <string_view>

namespace onsale::codec {

// `level`: zlib's 1 (fast) … 9 (small).
std::string gzip(std::string_view bytes, int level);

}  // namespace onsale::codec
