// Spans on the wire, as a collector reads them.
#include "adapters/telemetry/otlp_json.hpp"

#include <gtest/gtest.h>

namespace onsale::otlp {
namespace {

Span span() {
  Span one;
  one.trace = *TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736");
  one.id = 0x1122334455667788U;
  one.parent = 0x00f067aa0ba902b7U;
  one.kind = SpanKind::server;
  one.name = "holdSeats";
  one.began_us = 1'700'000'000'123'456;
  one.took_us = 44;
  return one;
}

TEST(OtlpJson, WritesIdsInHexAndTimesAsNanosecondsInStrings) {
  const std::string text = encode({{"service.name", "onsale"}}, {span()});
  EXPECT_EQ(
      text,
      R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"onsale"}}]},)"
      R"("scopeSpans":[{"scope":{"name":"onsale"},"spans":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736",)"
      R"("spanId":"1122334455667788","parentSpanId":"00f067aa0ba902b7","name":"holdSeats","kind":2,)"
      R"("startTimeUnixNano":"1700000000123456000","endTimeUnixNano":"1700000000123500000","attributes":[]}]}]}]})");
}

TEST(OtlpJson, LeavesOutWhatIsNotThereAndTellsWhatIs) {
  Span one = span();
  one.parent = 0;
  one.failed = true;
  one.notes = {{"onsale.code", "a \"quoted\"\nline"}};
  one.links = {{one.trace, 7}};
  const std::string text = encode({}, {one, one});
  EXPECT_EQ(text.find("parentSpanId"), std::string::npos);
  EXPECT_NE(text.find(R"("stringValue":"a \"quoted\"\u000aline")"), std::string::npos);
  EXPECT_NE(
      text.find(
          R"("links":[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0000000000000007"}])"),
      std::string::npos);
  EXPECT_NE(text.find(R"("status":{"code":2})"), std::string::npos);
  EXPECT_NE(text.find("},{"), std::string::npos);
}

}  // namespace
}  // namespace onsale::otlp
