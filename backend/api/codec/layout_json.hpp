// The plan of a hall as the layout call tells it: rendered once for an Offer, cached for ever.
#pragma once

#include <string>

#include "runtime/http/message.hpp"
#include "services/catalog/offer.hpp"

namespace onsale::codec {

struct LayoutBody {
  http::SharedBytes json;
  http::SharedBytes json_gzip;
  std::string hash;  // hex SHA-256 of the body without its own `hash` member
  std::string etag;  // "\"<hash>\""
  std::string etag_gzip;
};
LayoutBody render_layout(const catalog::Offer& offer);

}  // namespace onsale::codec
