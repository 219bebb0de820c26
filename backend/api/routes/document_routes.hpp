// The pages the program carries: start page, contract, its readable form, the error codes. Compressed
// once, at start; nothing is fetched from anywhere else.
#pragma once

#include "api/call.hpp"
#include "runtime/task.hpp"

namespace onsale::api {

class DocumentRoutes {
 public:
  DocumentRoutes();

  Task<void> start(Call call) const { return answer(std::move(call), start_); }
  Task<void> docs(Call call) const { return answer(std::move(call), docs_); }
  Task<void> openapi(Call call) const { return answer(std::move(call), openapi_); }
  Task<void> errors(Call call) const { return answer(std::move(call), errors_); }

 private:
  struct Document {
    std::string_view content_type;
    http::SharedBytes bytes;
    http::SharedBytes gzip;
    std::string etag;
    std::string etag_gzip;
  };
  static Document make(std::string_view content_type, std::string_view bytes);
  static Task<void> answer(Call call, const Document& document);

  Document start_;
  Document docs_;
  Document openapi_;
  Document errors_;
};

}  // namespace onsale::api
