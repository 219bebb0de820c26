// zlib, wrapped once. Inputs are bodies of at most some ten megabytes.
#include "api/codec/gzip.hpp"

#include <zlib.h>

#include "base/assert.hpp"

namespace onsale::codec {

std::string gzip(std::string_view bytes, GzipEffort effort) {
  z_stream stream{};
  constexpr int kGzipWrapper = 15 + 16;
  const int strategy = effort == GzipEffort::runs ? Z_RLE : Z_DEFAULT_STRATEGY;
  check(deflateInit2(&stream, 9, Z_DEFLATED, kGzipWrapper, 9, strategy) == Z_OK,
        "zlib cannot start");
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib cannot compress");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace onsale::codec
