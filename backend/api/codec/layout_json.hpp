// The plan of a hall as the layout call tells it: rendered once for an Offer, cached for ever.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/http/message.hpp"
#include "services/catalog/offer.hpp"

namespace onsale::codec {

struct LayoutBody {
  http::SharedBytes json;
  http::SharedBytes json_gzip;  // null until compress_layout(), if it was left for later
  std::string hash;             // hex SHA-256 of the body without its own `hash` member
  std::string etag;             // "\"<hash>\""
  std::string etag_gzip;
};

// Compressing a large plan well takes far longer than all else about it, so it can be left for later.
enum class Compress : std::uint8_t { now, large_ones_later };
LayoutBody render_layout(const catalog::Offer& offer, Compress compress = Compress::now);
http::SharedBytes compress_layout(const LayoutBody& layout);

}  // namespace onsale::codec
