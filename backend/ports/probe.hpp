// Probe: is told what pieces of work were, once they are over, and makes spans of a trace of them.
//
// Ids of spans are derived where two pieces of work never meet: the call that placed an order, its
// saga, a message and whoever consumes it know the order or the message, so each can name the other's
// span without carrying a context through every port (and a restart loses none of it).
//
// Contract: follows() is asked before anything is built for tell(), from any thread, and costs next to
// nothing; what is told of a trace that is not followed is kept all the same (errors, slow calls).
// tell() and changed() never wait: what there is no room for is dropped and counted. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"

namespace onsale {

enum class SpanKind : std::uint8_t {
  internal = 1,
  server = 2,
  client = 3,
  producer = 4,
  consumer = 5
};

struct SpanLink {
  TraceId trace;
  std::uint64_t span = 0;
};

struct Span {
  TraceId trace;
  std::uint64_t id = 0;      // 0: any
  std::uint64_t parent = 0;  // 0: none
  SpanKind kind = SpanKind::internal;
  std::string name;
  std::int64_t began_us = 0;  // since the epoch
  std::int64_t took_us = 0;
  bool failed = false;
  std::vector<std::pair<std::string_view, std::string>> notes;  // names are literals
  std::vector<SpanLink> links;
};

// Which seat change a piece of work made: what a viewer is told later has it as a cause.
struct SeatCause {
  EventId event;
  Version version;
  SpanLink cause;
};

class Probe {
 public:
  virtual ~Probe() = default;
  [[nodiscard]] virtual bool follows(TraceId trace) const = 0;
  // From now on the trace is followed (while there is room to remember it).
  virtual void follow(TraceId trace) = 0;
  virtual void tell(Span span) = 0;
  virtual void changed(const SeatCause& cause) = 0;
  // The causes of the event's changes after `from` up to `to` that are remembered, and forgets them.
  virtual std::vector<SpanLink> causes(EventId event, Version from, Version to) = 0;
};

namespace spans {

constexpr std::uint64_t derive(Bits128 bits, std::uint64_t salt) {
  std::uint64_t x = bits.hi ^ (bits.lo * 0x9E3779B97F4A7C15ULL) ^ salt;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBULL;
  x ^= x >> 31U;
  return x == 0 ? 1 : x;
}
// The call that placed the order.
constexpr std::uint64_t placing(OrderId order) { return derive(order.bits, 1); }
// Its saga, from the placing to the end.
constexpr std::uint64_t saga(OrderId order) { return derive(order.bits, 2); }
// A message's way out: what its traceparent names as the parent.
constexpr std::uint64_t publishing(MessageId message) {
  return message.bits.lo == 0 ? 1 : message.bits.lo;
}

}  // namespace spans
}  // namespace onsale
