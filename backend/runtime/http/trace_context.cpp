// Trace Context, https://www.w3.org/TR/trace-context/ section 3.2.
#include "runtime/http/trace_context.hpp"

#include <sys/random.h>

#include <array>
#include <optional>

#include "base/assert.hpp"

namespace onsale::http {
namespace {

std::uint64_t rotate_left(std::uint64_t x, unsigned by) { return x << by | x >> (64U - by); }

// Lower-case hex only, as Trace Context demands.
std::optional<std::uint64_t> lower_hex(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<unsigned>(c - 'a' + 10);
    } else {
      return std::nullopt;
    }
    value = value << 4U | digit;
  }
  return value;
}

bool continue_trace(std::string_view text, Request& request) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const auto version = lower_hex(text.substr(0, 2));
  const auto high = lower_hex(text.substr(3, 16));
  const auto low = lower_hex(text.substr(19, 16));
  const auto parent = lower_hex(text.substr(36, 16));
  const auto flags = lower_hex(text.substr(53, 2));
  if (!version || !high || !low || !parent || !flags) return false;
  if (*version == 0xff || (*high == 0 && *low == 0) || *parent == 0) return false;
  if (*version == 0 ? text.size() != 55 : text.size() > 55 && text[55] != '-') return false;
  request.trace_id = TraceId{{*high, *low}};
  request.parent_span_id = *parent;
  request.sampled = (*flags & 1U) != 0;
  return true;
}

}  // namespace

TraceIdSource::TraceIdSource() : state_{} {
  const ssize_t got = ::getrandom(state_, sizeof state_, 0);
  check(got == static_cast<ssize_t>(sizeof state_), "the kernel gave no random bytes");
  state_[0] |= 1;  // never all zero
}

// xoshiro256++ by Blackman and Vigna (public domain).
TraceId TraceIdSource::next() {
  const auto step = [this] {
    const std::uint64_t result = rotate_left(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate_left(state_[3], 45);
    return result;
  };
  const std::uint64_t high = step();
  return TraceId{{high, step() | 1U}};
}

void assign_trace(std::string_view traceparent, std::string_view trace_id, TraceIdSource& source,
                  Request& request) {
  request.parent_span_id = 0;
  request.sampled = false;
  if (!traceparent.empty() && continue_trace(traceparent, request)) return;
  if (!trace_id.empty()) {
    const auto adopted = TraceId::parse(trace_id);
    if (adopted && !adopted->is_nil()) {
      request.trace_id = *adopted;
      return;
    }
  }
  request.trace_id = source.next();
}

void write_hex(TraceId id, char* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const std::array<std::uint64_t, 2> halves{id.bits.hi, id.bits.lo};
  for (const std::uint64_t half : halves) {
    for (unsigned shift = 64; shift != 0; shift -= 4) *out++ = kHex[half >> (shift - 4) & 0xFU];
  }
}

}  // namespace onsale::http
