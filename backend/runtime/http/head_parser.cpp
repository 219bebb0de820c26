// The head parser: one pass, no copies, no allocation.
#include "runtime/http/head_parser.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "runtime/http/ascii.hpp"
#include "runtime/http/server.hpp"

namespace onsale::http {
namespace {

Parsed refuse(Refusal& why, Code code, std::string_view detail) {
  why = {code, detail};
  return Parsed::refused;
}
Parsed malformed(Refusal& why, std::string_view detail) {
  return refuse(why, Code::malformed_request, detail);
}

Method method_of(std::string_view text) {
  switch (text.size()) {
    case 3:
      if (text == "GET") return Method::get;
      if (text == "PUT") return Method::put;
      return Method::other;
    case 4:
      if (text == "POST") return Method::post;
      if (text == "HEAD") return Method::head;
      return Method::other;
    case 5:
      // TRACE is known and taken nowhere, as PATCH is: 405 with Allow, not 501.
      return text == "PATCH" || text == "TRACE" ? Method::patch : Method::other;
    case 6:
      return text == "DELETE" ? Method::delete_ : Method::other;
    case 7:
      return text == "OPTIONS" ? Method::options : Method::other;
    default:
      return Method::other;
  }
}

// The two long runs of a head, a target and a field's value, are looked at 16 bytes at a time where
// the processor can; what is left over, and every other processor, goes byte by byte.
#if defined(__SSE2__)
template <typename Ends>
const char* skip_blocks(const char* at, const char* end, Ends ends) {
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(ends(block)));
    if (found != 0) return at + std::countr_zero(found);
  }
  return at;
}
__m128i at_most(__m128i block, char most) {
  return _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(most)), block);
}
__m128i equal_to(__m128i block, char c) { return _mm_cmpeq_epi8(block, _mm_set1_epi8(c)); }
#endif

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

// The first control byte that is no tab: a value's end, if all is well.
const char* end_of_value(const char* at, const char* end) {
#if defined(__SSE2__)
  at = skip_blocks(at, end, [](__m128i block) {
    return _mm_or_si128(_mm_andnot_si128(equal_to(block, '\t'), at_most(block, 0x1f)),
                        equal_to(block, 0x7f));
  });
#endif
  while (at != end && !is_control(*at)) ++at;
  return at;
}

// The first byte that no request target has.
const char* end_of_target(const char* at, const char* end) {
#if defined(__SSE2__)
  at = skip_blocks(at, end, [](__m128i block) {
    const __m128i top = _mm_cmpeq_epi8(_mm_max_epu8(block, _mm_set1_epi8(0x7f)), block);
    return _mm_or_si128(_mm_or_si128(at_most(block, 0x20), top), equal_to(block, '#'));
  });
#endif
  while (at != end && is(*at, kTarget)) ++at;
  return at;
}

bool all_of_class(std::string_view text, CharClass char_class) {
  for (const char c : text) {
    if (!is(c, char_class)) return false;
  }
  return true;
}

// What the fields seen so far say about framing.
struct Seen {
  bool host = false;
  bool content_length = false;
  bool transfer_encoding = false;
  bool traceparent = false;
  bool close = false;
  bool keep_alive = false;
};

Parsed take_content_length(std::string_view value, Seen& seen, Head& head, Refusal& why) {
  if (seen.content_length) return malformed(why, "Content-Length is repeated");
  seen.content_length = true;
  if (value.empty() || value.size() > 18) return malformed(why, "Content-Length is not a length");
  std::uint64_t length = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return malformed(why, "Content-Length is not a length");
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  head.content_length = length;
  return Parsed::complete;
}

Parsed take_transfer_encoding(std::string_view value, Seen& seen, Head& head, Refusal& why) {
  if (seen.transfer_encoding) return malformed(why, "Transfer-Encoding is repeated");
  seen.transfer_encoding = true;
  if (value.empty()) return malformed(why, "Transfer-Encoding is empty");
  if (!same_ignoring_case(value, "chunked")) {
    return refuse(why, Code::not_implemented, "only the transfer coding chunked is implemented");
  }
  head.chunked = true;
  return Parsed::complete;
}

void take_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    std::string_view option = value.substr(0, comma);
    value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
    while (!option.empty() && (option.front() == ' ' || option.front() == '\t')) {
      option.remove_prefix(1);
    }
    while (!option.empty() && (option.back() == ' ' || option.back() == '\t')) {
      option.remove_suffix(1);
    }
    if (same_ignoring_case(option, "close")) seen.close = true;
    if (same_ignoring_case(option, "keep-alive")) seen.keep_alive = true;
  }
}

// Looks at the fields that matter to the edge; the length of the name rules out nearly all others.
Parsed take_field(const HeaderField& field, Seen& seen, Head& head, Refusal& why) {
  switch (field.name.size()) {
    case 4:
      if (same_ignoring_case(field.name, "host")) {
        if (seen.host) return malformed(why, "Host is repeated");
        seen.host = true;
        if (!all_of_class(field.value, kHost)) return malformed(why, "Host is not a host");
      }
      break;
    case 6:
      if (same_ignoring_case(field.name, "expect")) {
        if (!same_ignoring_case(field.value, "100-continue")) {
          return refuse(why, Code::expectation_failed, "only 100-continue can be expected");
        }
        head.expect_continue = true;
      }
      break;
    case 8:
      if (same_ignoring_case(field.name, "trace-id")) head.trace_id = field.value;
      break;
    case 10:
      if (same_ignoring_case(field.name, "connection")) take_connection(field.value, seen);
      break;
    case 11:
      if (same_ignoring_case(field.name, "traceparent")) {
        head.traceparent = seen.traceparent ? std::string_view{} : field.value;
        seen.traceparent = true;
      }
      break;
    case 14:
      if (same_ignoring_case(field.name, "content-length")) {
        return take_content_length(field.value, seen, head, why);
      }
      break;
    case 17:
      if (same_ignoring_case(field.name, "transfer-encoding")) {
        return take_transfer_encoding(field.value, seen, head, why);
      }
      break;
    default:
      break;
  }
  return Parsed::complete;
}

// Splits the target as sent into the Request's origin-form views.
Parsed take_target(std::string_view target, Request& request, Refusal& why) {
  if (target.front() != '/') {
    if (target == "*") {
      if (request.method != Method::options) return malformed(why, "the target * is for OPTIONS");
    } else {
      const std::size_t scheme = target.find("://");
      const bool http = scheme != std::string_view::npos &&
                        (same_ignoring_case(target.substr(0, scheme), "http") ||
                         same_ignoring_case(target.substr(0, scheme), "https"));
      if (!http) return malformed(why, "the request target is neither a path nor an http URI");
      std::string_view rest = target.substr(scheme + 3);
      const std::size_t path = rest.find_first_of("/?");
      const std::string_view authority = rest.substr(0, path);
      if (authority.empty() || !all_of_class(authority, kHost)) {
        return malformed(why, "the request target has no valid host");
      }
      target = path == std::string_view::npos ? std::string_view("/") : rest.substr(path);
    }
  }
  request.target = target;
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (request.path.empty()) request.path = "/";
  request.query =
      question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
  return Parsed::complete;
}

// The request line; on complete `at` is behind its CRLF.
Parsed parse_request_line(const char*& at, const char* end, const Limits& limits, Request& request,
                          Head& head, Refusal& why) {
  constexpr std::size_t kMethodBytesMax = 32;
  const char* const method = at;
  while (at != end && is(*at, kToken)) ++at;
  const auto method_bytes = static_cast<std::size_t>(at - method);
  if (method_bytes > kMethodBytesMax) return malformed(why, "the method is too long");
  if (at == end) return Parsed::incomplete;
  if (*at != ' ' || method_bytes == 0) return malformed(why, "the request line has no method");
  request.method_text = {method, method_bytes};
  request.method = method_of(request.method_text);

  const char* const target = ++at;
  at = end_of_target(at, end);
  const auto target_bytes = static_cast<std::size_t>(at - target);
  if (target_bytes > limits.target_bytes_max) {
    return refuse(why, Code::uri_too_long, "the request target is too long");
  }
  if (at == end) return Parsed::incomplete;
  if (*at != ' ' || target_bytes == 0) return malformed(why, "the request target is not a URI");

  const char* const version = ++at;
  constexpr std::string_view kVersion = "HTTP/1.1\r\n";
  const auto left = static_cast<std::size_t>(end - version);
  if (left >= kVersion.size() && std::memcmp(version, kVersion.data(), kVersion.size()) == 0) {
    head.http_1_0 = false;
  } else {
    // Not the usual line: say exactly what is wrong, as early as it shows.
    for (std::size_t i = 0; i < kVersion.size(); ++i) {
      if (i == left) return Parsed::incomplete;
      const bool digit = version[i] >= '0' && version[i] <= '9';
      if (i == 5 || i == 7 ? !digit : version[i] != kVersion[i]) {
        return malformed(why, "the request line does not end with a version of HTTP and CRLF");
      }
    }
    if (version[5] != '1') {
      return malformed(why, "this version of HTTP is not supported; use HTTP/1.1");
    }
    head.http_1_0 = version[7] == '0';
  }
  at = version + kVersion.size();

  if (request.method == Method::other) {
    return refuse(why, Code::not_implemented, "this method is not implemented");
  }
  return take_target({target, target_bytes}, request, why);
}

// One field line that is not the empty line; on complete `at` is behind its CRLF.
Parsed parse_field(const char*& at, const char* end, HeaderField& field, Refusal& why) {
  const char* const name = at;
  while (at != end && is(*at, kToken)) ++at;
  if (at == end) return Parsed::incomplete;
  if (*at != ':' || at == name) return malformed(why, "a field line has no valid name and colon");
  field.name = {name, static_cast<std::size_t>(at - name)};

  const char* value = ++at;
  const char* stop = end_of_value(value, end);
  if (stop == end) return Parsed::incomplete;
  if (*stop != '\r') return malformed(why, "a field value has a control byte");
  if (stop + 1 == end) return Parsed::incomplete;
  if (stop[1] != '\n') return malformed(why, "a line ends with CR alone");
  at = stop + 2;
  while (value != stop && (*value == ' ' || *value == '\t')) ++value;
  while (stop != value && (stop[-1] == ' ' || stop[-1] == '\t')) --stop;
  field.value = {value, static_cast<std::size_t>(stop - value)};
  return Parsed::complete;
}

Parsed check_framing(const Seen& seen, Head& head, Refusal& why) {
  if (!seen.host && !head.http_1_0) return malformed(why, "Host is missing");
  if (seen.transfer_encoding) {
    if (seen.content_length) return malformed(why, "Content-Length beside Transfer-Encoding");
    if (head.http_1_0) return malformed(why, "Transfer-Encoding in HTTP/1.0");
  }
  if (head.http_1_0) {
    head.keep_alive = seen.keep_alive && !seen.close;
    head.expect_continue = false;
  } else {
    head.keep_alive = !seen.close;
  }
  return Parsed::complete;
}

Parsed parse(std::string_view bytes, const Limits& limits, Request& request, HeaderField* fields,
             Head& head, Refusal& why) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  if (at != end && *at == '\r') {  // one empty line before a request is forgiven (RFC 9112, 2.2)
    if (at + 1 == end) return Parsed::incomplete;
    if (at[1] != '\n') return malformed(why, "a line ends with CR alone");
    at += 2;
  }
  const Parsed line = parse_request_line(at, end, limits, request, head, why);
  if (line != Parsed::complete) return line;

  Seen seen;
  const std::size_t fields_max = limits.header_fields_max < kHeaderFieldsCapacity
                                     ? limits.header_fields_max
                                     : kHeaderFieldsCapacity;
  std::size_t count = 0;
  for (;;) {
    if (at == end) return Parsed::incomplete;
    if (*at == '\r') {
      if (at + 1 == end) return Parsed::incomplete;
      if (at[1] != '\n') return malformed(why, "a line ends with CR alone");
      at += 2;
      break;
    }
    if (count == fields_max) {
      return refuse(why, Code::headers_too_large, "too many header fields");
    }
    const Parsed field = parse_field(at, end, fields[count], why);
    if (field != Parsed::complete) return field;
    const Parsed taken = take_field(fields[count], seen, head, why);
    if (taken != Parsed::complete) return taken;
    ++count;
  }
  request.headers = fields;
  request.header_count = count;
  head.bytes = static_cast<std::size_t>(at - bytes.data());
  return check_framing(seen, head, why);
}

}  // namespace

Parsed parse_head(std::string_view bytes, const Limits& limits, Request& request,
                  HeaderField* fields, Head& head, Refusal& why) {
  head = {};
  request.body = {};
  const std::string_view seen = bytes.substr(0, limits.header_bytes_max);
  const Parsed parsed = parse(seen, limits, request, fields, head, why);
  if (parsed == Parsed::incomplete && bytes.size() >= limits.header_bytes_max) {
    return refuse(why, Code::headers_too_large, "the request line and fields are too large");
  }
  return parsed;
}

bool worth_parsing(std::string_view bytes, std::size_t& scanned, const Limits& limits) {
  if (bytes.size() >= limits.header_bytes_max) return true;
  while (scanned < bytes.size()) {
    const void* found = std::memchr(bytes.data() + scanned, '\n', bytes.size() - scanned);
    if (found == nullptr) {
      scanned = bytes.size();
      return bytes.size() > limits.target_bytes_max;  // perhaps a target without end
    }
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (at == 0 || bytes[at - 1] != '\r') return true;  // a bare LF: to be refused
    if (at + 2 >= bytes.size()) {
      scanned = at;
      return false;
    }
    if (bytes[at + 1] == '\r') return true;
    scanned = at + 1;
  }
  return false;
}

}  // namespace onsale::http
