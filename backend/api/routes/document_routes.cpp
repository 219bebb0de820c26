// Serving the carried documents.
#include "api/routes/document_routes.hpp"

#include <zlib.h>

#include "api/accept.hpp"
#include "api/codec/gzip.hpp"
#include "api/codec/json_writer.hpp"
#include "api/codec/page_bundle.hpp"
#include "api/codec/seat_map_bodies.hpp"
#include "api/embedded_pages.hpp"

namespace onsale::api {
namespace {

constexpr std::string_view kPage = "index.html";
constexpr std::string_view kAskEachTime = "no-cache";
constexpr std::string_view kForEver = "public, max-age=31536000, immutable";

// A document to read: it runs no script and loads nothing from elsewhere.
constexpr std::string_view kInert =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
// The page: its own files only, its own office only, in nobody's frame; no script or style inline.
constexpr std::string_view kLive =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view kNoDevices =
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

}  // namespace

DocumentRoutes::DocumentRoutes()
    : docs_(make("text/html; charset=utf-8", embedded::docs_page())),
      openapi_(make("application/json", embedded::openapi_json())),
      errors_(make("application/json", embedded::errors_json())) {
  for (const codec::PageFile& file : codec::read_page_bundle(embedded::page_bundle())) {
    Document document = carry(file);
    if (file.path == kPage) document.policy = kLive;
    if (file.path.starts_with("assets/")) document.cache_control = kForEver;
    page_.emplace(file.path, std::move(document));
  }
  page_.try_emplace(std::string{kPage}, make("text/html; charset=utf-8", embedded::start_page()));
}

DocumentRoutes::Document DocumentRoutes::make(std::string_view content_type,
                                              std::string_view bytes) {
  const std::string packed = codec::gzip(bytes, codec::GzipEffort::best);
  return carry({.media_type = content_type, .bytes = bytes, .gzip = packed});
}

DocumentRoutes::Document DocumentRoutes::carry(const codec::PageFile& file) {
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(file.bytes.data()),
                         static_cast<uInt>(file.bytes.size()));
  std::string stem = "\"";
  json::append_number(stem, std::uint64_t{file.bytes.size()});
  stem += '-';
  json::append_number(stem, std::uint64_t{sum});
  const auto packed = [](std::string_view bytes) {
    return bytes.empty() ? nullptr : std::make_shared<const std::string>(bytes);
  };
  return {.content_type = file.media_type,
          .cache_control = kAskEachTime,
          .policy = kInert,
          .bytes = std::make_shared<const std::string>(file.bytes),
          .gzip = packed(file.gzip),
          .brotli = packed(file.brotli),
          .etag = stem + "\"",
          .etag_gzip = stem + "-gz\"",
          .etag_brotli = stem + "-br\""};
}

Task<void> DocumentRoutes::page(Call call) const {
  return answer_found(std::move(call), page_, std::string{kPage});
}

Task<void> DocumentRoutes::icon(Call call) const {
  return answer_found(std::move(call), page_, "icon.svg");
}

Task<void> DocumentRoutes::asset(Call call) const {
  std::string path = "assets/";
  path += call.path.values[0];
  return answer_found(std::move(call), page_, path);
}

Task<void> DocumentRoutes::answer_found(Call call, const std::map<std::string, Document>& among,
                                        const std::string& path) {
  const auto found = among.find(path);
  if (found != among.end()) return answer(std::move(call), found->second);
  call.refuse(Code::route_not_found);
  return Task<void>::ready();
}

Task<void> DocumentRoutes::answer(Call call, const Document& document) {
  const std::string_view encodings = call.request.header("Accept-Encoding").value_or("");
  const bool brotli = document.brotli != nullptr && admits_brotli(encodings);
  const bool gzip = !brotli && document.gzip != nullptr && admits_gzip(encodings);
  const std::string& etag = brotli ? document.etag_brotli
                            : gzip ? document.etag_gzip
                                   : document.etag;
  http::Response& response = call.response;
  response.header("ETag", etag);
  response.header("Cache-Control", document.cache_control);
  response.header("Vary", "Accept-Encoding");
  const auto validators = call.request.header("If-None-Match");
  if (validators && codec::SeatMapBodies::none_match_names(*validators, etag)) {
    response.status(304);
    return Task<void>::ready();
  }
  response.header("Content-Security-Policy", document.policy);
  response.header("X-Content-Type-Options", "nosniff");
  response.header("Referrer-Policy", "same-origin");
  response.header("Permissions-Policy", kNoDevices);
  response.header("Cross-Origin-Opener-Policy", "same-origin");
  response.header("Cross-Origin-Resource-Policy", "same-origin");
  response.status(200);
  response.content_type(document.content_type);
  if (brotli || gzip) response.header("Content-Encoding", brotli ? "br" : "gzip");
  response.body(brotli ? document.brotli : gzip ? document.gzip : document.bytes);
  return Task<void>::ready();
}

}  // namespace onsale::api
