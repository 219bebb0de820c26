// Straight into a string: field by field as the protocol's JSON mapping names them.
#include "adapters/telemetry/otlp_json.hpp"

#include <array>

namespace onsale::otlp {
namespace {

void append_hex(std::string& out, std::uint64_t value) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  for (unsigned shift = 64; shift != 0; shift -= 4) out += kHex[value >> (shift - 4) & 0xFU];
}

void append_text(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_attribute(std::string& out, std::string_view key, std::string_view value) {
  out += R"({"key":)";
  append_text(out, key);
  out += R"(,"value":{"stringValue":)";
  append_text(out, value);
  out += "}}";
}

void append_ids(std::string& out, TraceId trace, std::uint64_t span) {
  out += R"("traceId":")";
  append_hex(out, trace.bits.hi);
  append_hex(out, trace.bits.lo);
  out += R"(","spanId":")";
  append_hex(out, span);
  out += '"';
}

void append_span(std::string& out, const Span& span) {
  out += '{';
  append_ids(out, span.trace, span.id);
  if (span.parent != 0) {
    out += R"(,"parentSpanId":")";
    append_hex(out, span.parent);
    out += '"';
  }
  out += R"(,"name":)";
  append_text(out, span.name);
  out += R"(,"kind":)" + std::to_string(static_cast<int>(span.kind));
  out += R"(,"startTimeUnixNano":")" + std::to_string(span.began_us) + "000\"";
  out += R"(,"endTimeUnixNano":")" + std::to_string(span.began_us + span.took_us) + "000\"";
  out += R"(,"attributes":[)";
  bool first = true;
  for (const auto& [key, value] : span.notes) {
    if (!std::exchange(first, false)) out += ',';
    append_attribute(out, key, value);
  }
  out += ']';
  if (!span.links.empty()) {
    out += R"(,"links":[)";
    first = true;
    for (const SpanLink& link : span.links) {
      if (!std::exchange(first, false)) out += ',';
      out += '{';
      append_ids(out, link.trace, link.span);
      out += '}';
    }
    out += ']';
  }
  constexpr int kError = 2;
  if (span.failed) out += R"(,"status":{"code":)" + std::to_string(kError) + '}';
  out += '}';
}

}  // namespace

std::string encode(const Attributes& resource, const std::vector<Span>& spans) {
  std::string out;
  out.reserve(512 + spans.size() * 512);
  out += R"({"resourceSpans":[{"resource":{"attributes":[)";
  bool first = true;
  for (const auto& [key, value] : resource) {
    if (!std::exchange(first, false)) out += ',';
    append_attribute(out, key, value);
  }
  out += R"(]},"scopeSpans":[{"scope":{"name":"onsale"},"spans":[)";
  first = true;
  for (const Span& span : spans) {
    if (!std::exchange(first, false)) out += ',';
    append_span(out, span);
  }
  out += "]}]}]}";
  return out;
}

}  // namespace onsale::otlp
