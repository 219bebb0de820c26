// Which trace a request belongs to: W3C Trace Context, or the house's own Trace-Id, or a new one.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/http/message.hpp"

namespace onsale::http {

// New trace ids, from a generator seeded by the kernel: unique, not secret. One a loop.
class TraceIdSource {
 public:
  TraceIdSource();
  TraceId next();

 private:
  std::uint64_t state_[4];
};

// Sets trace_id, parent_span_id and sampled. `traceparent` and `trace_id` are the fields as sent, or
// empty. A valid traceparent is continued; else a Trace-Id of 32 hex digits or a dashed UUID is
// adopted; anything else is replaced.
void assign_trace(std::string_view traceparent, std::string_view trace_id, TraceIdSource& source,
                  Request& request);

// Writes the 32 lower-case hex digits.
void write_hex(TraceId id, char* out);

}  // namespace onsale::http
