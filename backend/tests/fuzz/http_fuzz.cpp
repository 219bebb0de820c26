// Fuzz target of the HTTP glue: head parser and chunked decoder. Three things are held up:
//   - no crash, no read outside the input, whatever the bytes;
//   - the answer does not depend on how the bytes were cut into pieces;
//   - Beast's parser is the oracle: a head that we accept, it accepts too, with the same method,
//     target, fields and framing (we are the stricter of the two, never the laxer).
#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.hpp"
#include "runtime/http/chunked.hpp"
#include "runtime/http/head_parser.hpp"
#include "runtime/http/server.hpp"
#include "runtime/http/trace_context.hpp"

namespace {

namespace beast = boost::beast;
using namespace onsale::http;
using onsale::check;

// Notes what Beast makes of the bytes.
class Oracle final : public beast::http::basic_parser<true> {
 public:
  std::string method;
  std::string target;
  int version = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body_bytes;

 private:
  using View = beast::string_view;
  using Error = beast::error_code;
  void on_request_impl(beast::http::verb, View method_text, View target_text, int version_number,
                       Error&) override {
    method.assign(method_text.data(), method_text.size());
    target.assign(target_text.data(), target_text.size());
    version = version_number;
  }
  void on_response_impl(int, View, int, Error&) override {}
  void on_field_impl(beast::http::field, View name, View value, Error&) override {
    fields.emplace_back(std::string(name.data(), name.size()),
                        std::string(value.data(), value.size()));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(View body, Error&) override { return take(body); }
  void on_chunk_header_impl(std::uint64_t, View, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Error&) override { return take(body); }
  void on_finish_impl(Error&) override {}
  std::size_t take(View body) {
    body_bytes.append(body.data(), body.size());
    return body.size();
  }
};

Limits limits() {
  return {.header_bytes_max = 4096, .target_bytes_max = 1024, .body_bytes_max = 4096};
}

struct Whole {
  Parsed parsed = Parsed::incomplete;
  std::string body;
  std::size_t bytes = 0;  // of the request, if complete
  onsale::Code code{};
};

// One request out of `bytes`, which arrive in two pieces cut at `cut`.
Whole read(std::string_view bytes, std::size_t cut) {
  Whole out;
  const Limits bounds = limits();
  Request request;
  Head head;
  Refusal why;
  HeaderField fields[kHeaderFieldsCapacity];
  std::size_t scanned = 0;
  std::size_t have = cut;
  for (;;) {
    // A block of exactly that size, so that a sanitizer sees one byte too far.
    std::vector<char> block(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(have));
    const std::string_view seen(block.data(), block.size());
    const bool worth = scanned == 0 || worth_parsing(seen, scanned, bounds);
    out.parsed = parse_head(seen, bounds, request, fields, head, why);
    // A fault may show only at the end of the head; a whole head must show at once.
    check(worth || out.parsed != Parsed::complete, "a whole head went unseen");
    if (out.parsed != Parsed::incomplete || have == bytes.size()) break;
    scanned = have < 4 ? 1 : have - 3;
    have = bytes.size();
  }
  out.code = why.code;
  if (out.parsed != Parsed::complete) return out;
  check(head.bytes <= bytes.size(), "a head longer than the input");
  const std::string_view behind = bytes.substr(head.bytes);
  if (!head.chunked) {
    out.bytes = head.bytes;
    return out;
  }
  ChunkDecoder decoder;
  const std::size_t first = cut > head.bytes ? std::min(cut - head.bytes, behind.size()) : 0;
  std::vector<char> region(behind.begin(), behind.begin() + static_cast<std::ptrdiff_t>(first));
  std::size_t fed = first;
  std::size_t framing = 0;
  for (;;) {
    std::size_t size = region.size();
    out.parsed = decoder.step(region.data(), size, bounds, why);
    framing += region.size() - size;
    region.resize(size);
    if (out.parsed != Parsed::incomplete || fed == behind.size()) break;
    region.insert(region.end(), behind.begin() + static_cast<std::ptrdiff_t>(fed), behind.end());
    fed = behind.size();
  }
  out.code = why.code;
  if (out.parsed == Parsed::complete) {
    out.body.assign(region.data(), decoder.decoded());
    out.bytes = head.bytes + decoder.decoded() + framing;
  }
  return out;
}

void compare_with_oracle(std::string_view bytes) {
  Request request;
  Head head;
  Refusal why;
  HeaderField fields[kHeaderFieldsCapacity];
  if (parse_head(bytes, limits(), request, fields, head, why) != Parsed::complete) return;
  char hex[32];
  TraceIdSource source;
  assign_trace(head.traceparent, head.trace_id, source, request);
  write_hex(request.trace_id, hex);
  check(!request.trace_id.is_nil(), "a nil trace id");
  (void)request.query_value("a");

  std::string_view text = bytes.substr(0, head.bytes);
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  Oracle oracle;
  oracle.header_limit(1U << 20U);
  oracle.body_limit(boost::none);
  oracle.eager(false);
  beast::error_code error;
  const std::size_t taken = oracle.put(boost::asio::buffer(text.data(), text.size()), error);
  // Beast also minds the grammar of a field that frames nothing (Connection), and knows no HTTP/1.2,
  // which is to be read as 1.1 (RFC 9110, section 2.5).
  if (error == beast::http::error::bad_value || error == beast::http::error::bad_version) return;
  check(!error || error == beast::http::error::need_more, "Beast refuses what we accept");
  check(oracle.is_header_done() && taken == text.size(), "Beast ends the head elsewhere");
  check(oracle.method == request.method_text, "another method");
  check(oracle.target.ends_with(request.target) || request.target == "/", "another target");
  check(oracle.fields.size() == request.header_count, "other fields");
  for (std::size_t i = 0; i < request.header_count; ++i) {
    check(oracle.fields[i].first == fields[i].name, "another field name");
    check(oracle.fields[i].second == fields[i].value, "another field value");
  }
  check(oracle.chunked() == head.chunked, "another framing");
  if (!head.chunked && oracle.content_length()) {
    check(*oracle.content_length() == head.content_length, "another length");
  }

  if (!head.chunked) return;
  const Whole whole = read(bytes, bytes.size());
  if (whole.parsed != Parsed::complete) return;
  std::string_view rest = bytes.substr(head.bytes, whole.bytes - head.bytes);
  oracle.eager(true);
  while (!oracle.is_done()) {
    const std::size_t now = oracle.put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error == beast::http::error::need_more && now != 0) error = {};
    // Beast takes trailers for fields and minds what they say; here they are dropped.
    using enum beast::http::error;
    if (error == bad_value || error == bad_transfer_encoding || error == bad_content_length) return;
    check(!error, "Beast refuses a chunked body that we accept");
    if (now == 0) break;
    rest.remove_prefix(now);
  }
  check(oracle.is_done() && rest.empty(), "Beast ends the body elsewhere");
  check(oracle.body_bytes == whole.body, "another body");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  // The first two bytes say where to cut, the rest is what the client sends.
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = (static_cast<std::size_t>(data[0]) << 8U | data[1]) % (bytes.size() + 1);
  const Whole once = read(bytes, bytes.size());
  const Whole twice = read(bytes, cut);
  check(once.parsed == twice.parsed, "the pieces changed the outcome");
  check(once.body == twice.body && once.bytes == twice.bytes, "the pieces changed the request");
  compare_with_oracle(bytes);
  return 0;
}
