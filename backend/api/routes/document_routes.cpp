// Serving the carried pages.
#include "api/routes/document_routes.hpp"

#include <zlib.h>

#include "api/accept.hpp"
#include "api/codec/gzip.hpp"
#include "api/codec/json_writer.hpp"
#include "api/codec/seat_map_bodies.hpp"
#include "api/embedded_pages.hpp"

namespace onsale::api {

DocumentRoutes::DocumentRoutes()
    : start_(make("text/html; charset=utf-8", embedded::start_page())),
      docs_(make("text/html; charset=utf-8", embedded::docs_page())),
      openapi_(make("application/json", embedded::openapi_json())),
      errors_(make("application/json", embedded::errors_json())) {}

DocumentRoutes::Document DocumentRoutes::make(std::string_view content_type,
                                              std::string_view bytes) {
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
  std::string stem = "\"";
  json::append_number(stem, std::uint64_t{bytes.size()});
  stem += '-';
  json::append_number(stem, std::uint64_t{sum});
  return {.content_type = content_type,
          .bytes = std::make_shared<const std::string>(bytes),
          .gzip = std::make_shared<const std::string>(codec::gzip(bytes, codec::GzipEffort::best)),
          .etag = stem + "\"",
          .etag_gzip = stem + "-gz\""};
}

Task<void> DocumentRoutes::answer(Call call, const Document& document) {
  const auto encodings = call.request.header("Accept-Encoding");
  const bool gzip = encodings && admits_gzip(*encodings);
  const std::string& etag = gzip ? document.etag_gzip : document.etag;
  http::Response& response = call.response;
  response.header("ETag", etag);
  response.header("Cache-Control", "no-cache");
  response.header("Vary", "Accept-Encoding");
  const auto validators = call.request.header("If-None-Match");
  if (validators && codec::SeatMapBodies::none_match_names(*validators, etag)) {
    response.status(304);
    return Task<void>::ready();
  }
  // The pages run no script and load nothing from elsewhere.
  response.header("Content-Security-Policy",
                  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  response.header("X-Content-Type-Options", "nosniff");
  response.status(200);
  response.content_type(document.content_type);
  if (gzip) response.header("Content-Encoding", "gzip");
  response.body(gzip ? document.gzip : document.bytes);
  return Task<void>::ready();
}

}  // namespace onsale::api
