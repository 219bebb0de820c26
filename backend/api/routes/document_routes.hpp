// The documents the program carries: the page where people buy, the contract, its readable form, the
// error codes. Compressed before or once, at start; nothing is fetched from anywhere else.
//
// The page is one HTML file that answers at each of its addresses, and the files it loads, whose names
// carry their content's hash. A program that was built without it shows a plain start page instead.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/call.hpp"
#include "api/codec/page_bundle.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

class DocumentRoutes {
 public:
  DocumentRoutes();

  Task<void> page(Call call) const;
  Task<void> asset(Call call) const;
  Task<void> icon(Call call) const;
  Task<void> docs(Call call) const { return answer(std::move(call), docs_); }
  Task<void> openapi(Call call) const { return answer(std::move(call), openapi_); }
  Task<void> errors(Call call) const { return answer(std::move(call), errors_); }

 private:
  struct Document {
    std::string_view content_type;
    std::string_view cache_control;
    std::string_view policy;  // Content-Security-Policy
    http::SharedBytes bytes;
    http::SharedBytes gzip;    // null: only as it is
    http::SharedBytes brotli;  // null: not in this form
    std::string etag;
    std::string etag_gzip;
    std::string etag_brotli;
  };
  static Document make(std::string_view content_type, std::string_view bytes);
  static Document carry(const codec::PageFile& file);
  static Task<void> answer(Call call, const Document& document);
  static Task<void> answer_found(Call call, const std::map<std::string, Document>& among,
                                 const std::string& path);

  std::map<std::string, Document>
      page_;  // by path below the page's folder; never without index.html
  Document docs_;
  Document openapi_;
  Document errors_;
};

}  // namespace onsale::api
