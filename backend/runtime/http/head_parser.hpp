// Reads the head of an HTTP/1.1 request: request line and fields, RFC 9112. A pure function over
// bytes, so that it can be fuzzed and compared with another parser (tests/fuzz/http_fuzz.cpp).
//
// It is stricter than the RFC allows it to be, because every leniency is a way to make two servers
// disagree on where a request ends: lines end with CRLF and nothing else, no folded lines, no space
// before a colon, no control bytes, one Content-Length of digits only, `chunked` alone and never
// beside a Content-Length, one Host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/code.hpp"
#include "runtime/http/message.hpp"

namespace onsale::http {

struct Limits;

inline constexpr std::size_t kHeaderFieldsCapacity =
    128;  // Limits::header_fields_max is at most it

enum class Parsed : std::uint8_t { complete, incomplete, refused };

// Why a request is refused. `detail` is a literal.
struct Refusal {
  Code code = Code::malformed_request;
  std::string_view detail;
};

// What the edge itself needs of a head, beside the Request.
struct Head {
  std::size_t bytes = 0;  // from the first byte to behind the empty line
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;
  bool http_1_0 = false;
  bool expect_continue = false;
  std::string_view traceparent;  // empty if absent or repeated
  std::string_view trace_id;
};

// Parses the head at the front of `bytes`. complete: `request` (but body, peer_address, trace_id),
// `fields[0, request.header_count)` and `head` are filled, with views into `bytes`. incomplete: what
// is there may become a request. refused: it never will; `why` says so.
Parsed parse_head(std::string_view bytes, const Limits& limits, Request& request,
                  HeaderField* fields, Head& head, Refusal& why);

// For a head that arrives in pieces: false while `bytes` surely hold neither a whole head nor a
// fault in its lines. `scanned` (0 at first) remembers how far it has looked.
bool worth_parsing(std::string_view bytes, std::size_t& scanned, const Limits& limits);

}  // namespace onsale::http
