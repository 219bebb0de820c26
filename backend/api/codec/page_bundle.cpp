// Cutting the bundle.
#include "api/codec/page_bundle.hpp"

#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"

namespace onsale::codec {
namespace {

std::string_view take(std::string_view& rest, std::size_t size) {
  check(rest.size() >= size, "the page's bundle is cut short");
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

std::uint32_t take_u32(std::string_view& rest) {
  std::uint32_t value = 0;
  for (unsigned shift = 0; const char byte : take(rest, sizeof value)) {
    value |= std::uint32_t{static_cast<unsigned char>(byte)} << shift;
    shift += 8;
  }
  return value;
}

}  // namespace

std::vector<PageFile> read_page_bundle(std::string_view bundle) {
  check(take(bundle, 4) == "OSP2", "the page's bundle is none");
  std::vector<PageFile> files(take_u32(bundle));
  for (PageFile& file : files) {
    const std::uint32_t path = take_u32(bundle);
    const std::uint32_t media_type = take_u32(bundle);
    const std::uint32_t bytes = take_u32(bundle);
    const std::uint32_t gzip = take_u32(bundle);
    const std::uint32_t brotli = take_u32(bundle);
    file.path = take(bundle, path);
    file.media_type = take(bundle, media_type);
    file.bytes = take(bundle, bytes);
    file.gzip = take(bundle, gzip);
    file.brotli = take(bundle, brotli);
  }
  check(bundle.empty(), "the page's bundle has too much");
  return files;
}

}  // namespace onsale::codec
