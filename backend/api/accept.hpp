// Content negotiation, as far as we need it (RFC 9110 section 12.5): may this media type be sent?
#pragma once

#include <string_view>

namespace onsale::api {

// The quality 0…1000 that an Accept value gives to a media type; the most specific range counts.
// An empty value accepts everything. Parameters other than q are ignored.
int quality_of(std::string_view accept, std::string_view media_type);

// Does an Accept-Encoding value admit gzip?
bool admits_gzip(std::string_view accept_encoding);
// Brotli: by its name alone. Whoever says "*" may be older than it.
bool admits_brotli(std::string_view accept_encoding);

// Is `value` (a Content-Type) this media type, whatever its parameters?
bool is_media_type(std::string_view value, std::string_view media_type);

}  // namespace onsale::api
