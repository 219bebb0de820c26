// What the edge takes for a request, and what it refuses: the head, the chunked body, the trace.
#include "runtime/http/head_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/http/chunked.hpp"
#include "runtime/http/server.hpp"
#include "runtime/http/trace_context.hpp"

namespace onsale::http {
namespace {

struct Outcome {
  Parsed parsed = Parsed::incomplete;
  Request request;
  Head head;
  Refusal why;
  HeaderField fields[kHeaderFieldsCapacity];
};

Outcome outcome_of(std::string_view bytes, const Limits& limits = {}) {
  Outcome out;
  out.parsed = parse_head(bytes, limits, out.request, out.fields, out.head, out.why);
  return out;
}

TEST(ParseHead, SplitsTheRequestLineAndFields) {
  const std::string text =
      "POST /a/b?c=d&e HTTP/1.1\r\nHost: x:80\r\nContent-Length: 12\r\nA:  b c\t \r\n\r\nrest";
  Outcome out;
  ASSERT_EQ(parse_head(text, {}, out.request, out.fields, out.head, out.why), Parsed::complete);
  EXPECT_EQ(out.request.method, Method::post);
  EXPECT_EQ(out.request.path, "/a/b");
  EXPECT_EQ(out.request.query, "c=d&e");
  EXPECT_EQ(out.request.header_count, 3U);
  EXPECT_EQ(out.request.header("a"), "b c");
  EXPECT_EQ(out.head.content_length, 12U);
  EXPECT_EQ(out.head.bytes, text.size() - 4);
  EXPECT_TRUE(out.head.keep_alive);
}

TEST(ParseHead, TakesAbsoluteFormAndAsterisk) {
  EXPECT_EQ(outcome_of("GET http://x.y:80/p?q HTTP/1.1\r\nHost: x\r\n\r\n").request.target, "/p?q");
  EXPECT_EQ(outcome_of("GET HTTP://x HTTP/1.1\r\nHost: x\r\n\r\n").request.path, "/");
  EXPECT_EQ(outcome_of("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").request.path, "*");
}

TEST(ParseHead, KnowsWhenToKeepTheConnection) {
  const auto keeps = [](const std::string& rest) { return outcome_of(rest).head.keep_alive; };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: x\r\nConnection: te, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

struct Bad {
  const char* name;
  std::string text;
  Code code = Code::malformed_request;
};

class RefusedHead : public testing::TestWithParam<Bad> {};

TEST_P(RefusedHead, IsRefused) {
  const Outcome out = outcome_of(GetParam().text);
  EXPECT_EQ(out.parsed, Parsed::refused);
  EXPECT_EQ(out.why.code, GetParam().code) << out.why.detail;
  EXPECT_FALSE(out.why.detail.empty());
}

std::string with(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

// Values and targets are looked at in blocks: each byte must mean the same wherever it stands.
TEST(ParseHead, EveryByteCountsTheSameAnywhereInAValue) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool fine = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    for (std::size_t at = 0; at < 40; ++at) {
      std::string value(40, 'v');
      value[at] = static_cast<char>(byte);
      EXPECT_EQ(outcome_of(with("A: " + value + "\r\n")).parsed,
                fine ? Parsed::complete : Parsed::refused)
          << byte << " at " << at;
    }
  }
}

TEST(ParseHead, EveryByteCountsTheSameAnywhereInATarget) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool fine = byte > 0x20 && byte < 0x7f && byte != '#';
    for (std::size_t at = 1; at < 40; ++at) {
      std::string target = "/" + std::string(39, 't');
      target[at] = static_cast<char>(byte);
      const auto parsed = outcome_of("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").parsed;
      EXPECT_EQ(parsed, fine ? Parsed::complete : Parsed::refused) << byte << " at " << at;
    }
  }
}

TEST(ParseHead, AHeadCutAnywhereIsIncomplete) {
  const std::string text = "POST /" + std::string(30, 't') +
                           " HTTP/1.1\r\nHost: x\r\nA: " + std::string(50, 'v') + "\r\n\r\n";
  for (std::size_t kept = 0; kept < text.size(); ++kept) {
    // A copy of its own, so that a look past its end is found.
    const std::vector<char> cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(kept));
    EXPECT_EQ(outcome_of({cut.data(), cut.size()}).parsed, Parsed::incomplete) << kept;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Framing, RefusedHead,
    testing::Values(
        Bad{"BothLengths", with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
        Bad{"BothLengthsReversed", with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
        Bad{"RepeatedLength", with("Content-Length: 3\r\nContent-Length: 3\r\n")},
        Bad{"ListOfLengths", with("Content-Length: 3, 3\r\n")},
        Bad{"SignedLength", with("Content-Length: +3\r\n")},
        Bad{"NegativeLength", with("Content-Length: -3\r\n")},
        Bad{"HexLength", with("Content-Length: 0x3\r\n")},
        Bad{"EmptyLength", with("Content-Length:\r\n")},
        Bad{"OverflowingLength", with("Content-Length: 18446744073709551617\r\n")},
        Bad{"RepeatedTransferEncoding",
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
        Bad{"EmptyTransferEncoding", with("Transfer-Encoding:\r\n")},
        Bad{"OtherTransferCoding", with("Transfer-Encoding: gzip, chunked\r\n"),
            Code::not_implemented},
        Bad{"DisguisedChunked", with("Transfer-Encoding: xchunked\r\n"), Code::not_implemented},
        Bad{"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        Bad{"BareLineFeed", "GET / HTTP/1.1\nHost: x\n\n"},
        Bad{"BareLineFeedInFields", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"},
        Bad{"BareCarriageReturn", "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n"},
        Bad{"FoldedLine", with("A: b\r\n c\r\n")}, Bad{"SpaceBeforeColon", with("A : b\r\n")},
        Bad{"SpaceBeforeFirstField", "GET / HTTP/1.1\r\n Host: x\r\n\r\n"},
        Bad{"NoColon", with("A\r\n")}, Bad{"NoName", with(": b\r\n")},
        Bad{"NulInValue", with(std::string("A: b\0c\r\n", 8))},
        Bad{"NulInName", with(std::string("A\0b: c\r\n", 8))},
        Bad{"ControlByteInValue", with("A: \x01\r\n")}, Bad{"DeleteInValue", with("A: \x7f\r\n")},
        Bad{"NoHost", "GET / HTTP/1.1\r\n\r\n"},
        Bad{"TwoHosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"},
        Bad{"HostWithPath", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n"},
        Bad{"FragmentInTarget", "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"ControlInTarget", "GET /a\x01 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"HighByteInTarget", "GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"EmptyTarget", "GET  HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"RelativeTarget", "GET a HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"OtherScheme", "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"AuthorityWithUser", "GET http://u@x/ HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"AsteriskForGet", "GET * HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"NoVersion", "GET /\r\nHost: x\r\n\r\n"},
        Bad{"LowerCaseVersion", "GET / http/1.1\r\nHost: x\r\n\r\n"},
        Bad{"NextVersion", "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
        Bad{"TrailingSpace", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"},
        Bad{"NoMethod", " / HTTP/1.1\r\nHost: x\r\n\r\n"},
        Bad{"MethodWithoutEnd", std::string(40, 'A')},
        Bad{"Tls", std::string("\x16\x03\x01\x02\x00\x01", 6)},
        Bad{"Connect", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", Code::not_implemented},
        Bad{"UnknownMethod", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", Code::not_implemented},
        Bad{"LowerCaseMethod", "get / HTTP/1.1\r\nHost: x\r\n\r\n", Code::not_implemented},
        Bad{"OtherExpectation", with("Expect: cake\r\n"), Code::expectation_failed},
        Bad{"LongTarget", "GET /" + std::string(9000, 'a'), Code::uri_too_long},
        Bad{"LargeFields", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17000, 'a'),
            Code::headers_too_large}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(ParseHead, TooManyFieldsAreRefused) {
  std::string fields;
  for (int i = 0; i < 70; ++i) fields += "A: b\r\n";
  const Outcome out = outcome_of(with(fields));
  EXPECT_EQ(out.parsed, Parsed::refused);
  EXPECT_EQ(out.why.code, Code::headers_too_large);
}

TEST(ParseHead, EveryPrefixIsIncompleteAndWorthParsingOnlyAtItsEnd) {
  const std::string text = "GET /path HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n";
  std::size_t scanned = 0;
  for (std::size_t size = 1; size < text.size(); ++size) {
    EXPECT_EQ(outcome_of(text.substr(0, size)).parsed, Parsed::incomplete) << size;
    if (size + 1 < text.size()) {
      EXPECT_FALSE(worth_parsing(std::string_view(text).substr(0, size), scanned, {})) << size;
    }
  }
  EXPECT_TRUE(worth_parsing(text, scanned, {}));
  EXPECT_EQ(outcome_of(text).parsed, Parsed::complete);
}

// ---- chunked bodies

struct Decoded {
  Parsed parsed = Parsed::incomplete;
  std::string body;
  std::string rest;
  Refusal why;
};

// Feeds `text` in pieces of `piece` bytes.
Decoded decode(const std::string& text, std::size_t piece) {
  Decoded out;
  ChunkDecoder decoder;
  std::string region;
  std::size_t fed = 0;
  while (out.parsed == Parsed::incomplete && fed < text.size()) {
    const std::string next = text.substr(fed, piece);
    fed += next.size();
    region += next;
    std::size_t size = region.size();
    out.parsed = decoder.step(region.data(), size, {}, out.why);
    region.resize(size);
  }
  out.body = region.substr(0, decoder.decoded());
  out.rest = region.substr(decoder.decoded()) + text.substr(fed);
  return out;
}

TEST(Chunked, IsTheSameInAnyPieces) {
  const std::string text =
      "5\r\nhello\r\n1;name=value;b;c=\"\\\";\"\r\n \r\n00A\r\n0123456789\r\n0\r\nTrailer: "
      "x\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    const Decoded out = decode(text, piece);
    EXPECT_EQ(out.parsed, Parsed::complete) << piece;
    EXPECT_EQ(out.body, "hello 0123456789") << piece;
    EXPECT_EQ(out.rest, "GET /") << piece;
  }
}

class RefusedChunks : public testing::TestWithParam<Bad> {};

TEST_P(RefusedChunks, AreRefused) {
  for (const std::size_t piece : {std::size_t{1}, GetParam().text.size()}) {
    const Decoded out = decode(GetParam().text, piece);
    EXPECT_EQ(out.parsed, Parsed::refused);
    EXPECT_EQ(out.why.code, GetParam().code) << out.why.detail;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Framing, RefusedChunks,
    testing::Values(
        Bad{"NoSize", "\r\n"}, Bad{"NotHex", "g\r\n"}, Bad{"Signed", "+5\r\nhello\r\n"},
        Bad{"Prefixed", "0x5\r\nhello\r\n"}, Bad{"SpaceBefore", " 5\r\nhello\r\n"},
        Bad{"SpaceBehind", "5 \r\nhello\r\n"}, Bad{"BareLineFeed", "5\nhello\r\n0\r\n\r\n"},
        Bad{"TooLongSize", "000000005\r\nhello\r\n"}, Bad{"Overflow", "ffffffffffffffff1\r\n"},
        Bad{"TooLarge", "10001\r\n", Code::content_too_large},
        Bad{"LongerThanItsSize", "3\r\nhello\r\n0\r\n\r\n"},
        Bad{"ControlInExtension", "5;\x01\r\nhello\r\n"},
        Bad{"ExtensionWithoutName", "5;=a\r\nhello\r\n"},
        Bad{"QuoteWithoutEnd", "5;a=\"\r\nhello\r\n\"\r\n"},
        Bad{"LongExtension", "5;" + std::string(600, 'a')},
        Bad{"BadTrailer", "0\r\nno colon\r\n\r\n"}, Bad{"FoldedTrailer", "0\r\nA: b\r\n c\r\n\r\n"},
        Bad{"NulInTrailer", std::string("0\r\nA: \0\r\n\r\n", 11)}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(Chunked, FloodsOfExtensionsAndTrailersAreRefused) {
  std::string extensions;
  for (int i = 0; i < 100; ++i) extensions += "1;" + std::string(20, 'a') + "\r\nx\r\n";
  EXPECT_EQ(decode(extensions, 64).parsed, Parsed::refused);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "A: " + std::string(60, 'a') + "\r\n";
  EXPECT_EQ(decode(trailers, 64).parsed, Parsed::refused);
}

// ---- traces

struct Traced {
  std::string id;
  std::uint64_t parent;
  bool sampled;
};

Traced traced(std::string_view traceparent, std::string_view trace_id) {
  TraceIdSource source;
  Request request;
  assign_trace(traceparent, trace_id, source, request);
  char hex[32];
  write_hex(request.trace_id, hex);
  return {std::string(hex, 32), request.parent_span_id, request.sampled};
}

constexpr std::string_view kHex = "4bf92f3577b34da6a3ce929d0e0e4736";

TEST(Trace, TraceparentIsContinued) {
  const Traced out = traced("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "");
  EXPECT_EQ(out.id, kHex);
  EXPECT_EQ(out.parent, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(out.sampled);
  EXPECT_EQ(traced("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more", "").id, kHex);
}

TEST(Trace, BareTraceIdIsAdopted) {
  EXPECT_EQ(traced("", kHex).id, kHex);
  EXPECT_EQ(traced("", "4BF92F35-77b3-4da6-a3ce-929d0e0e4736").id, kHex);
  EXPECT_EQ(traced("garbage", kHex).id, kHex);
}

TEST(Trace, AnythingElseIsReplaced) {
  for (const std::string_view bad : {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                                     "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                     "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                     "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                     "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                                     "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"}) {
    const Traced out = traced(bad, "");
    EXPECT_NE(out.id, kHex) << bad;
    EXPECT_NE(out.id, std::string(32, '0'));
    EXPECT_EQ(out.parent, 0U);
  }
  EXPECT_NE(traced("", "00000000000000000000000000000000").id, std::string(32, '0'));
  EXPECT_NE(traced("", "4bf9").id, traced("", "4bf9").id);
}

}  // namespace
}  // namespace onsale::http
