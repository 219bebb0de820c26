// OtlpProbe: the Probe that sends spans to an OpenTelemetry collector (OTLP over HTTP, JSON).
//
// Which traces are followed: a share of all, by the trace id itself, so that every process of an
// office decides alike without asking; and those that someone said to follow (a caller's sampled
// flag, an error, a slow call), as long as they are among the last few thousand.
//
// Off the hot path: a span is put into a bounded queue; a thread of its own sends batches. While the
// collector is away spans are dropped and counted; nobody waits for it, nothing is tried twice.
// Construct, tell from any thread; stop() sends what is queued for at most a second.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/telemetry/otlp_json.hpp"
#include "base/mutex.hpp"
#include "base/time.hpp"
#include "ports/probe.hpp"
#include "runtime/http/client.hpp"

namespace onsale {

struct OtlpOptions {
  http::Origin collector;     // its /v1/traces is asked
  otlp::Attributes resource;  // service.name, service.instance.id, …
  double share = 0.01;        // of traces that nobody said to follow
  std::size_t queued_max = 8192;
  std::size_t batch = 512;
  Milliseconds send_every{500};
  Milliseconds call_deadline{3000};
};

struct OtlpStats {
  std::uint64_t sent = 0;
  std::uint64_t dropped_full = 0;    // there was no room in the queue
  std::uint64_t dropped_unsent = 0;  // the collector did not take them
  std::size_t queued = 0;
};

class OtlpProbe final : public Probe {
 public:
  explicit OtlpProbe(OtlpOptions options);
  ~OtlpProbe() override;
  OtlpProbe(const OtlpProbe&) = delete;
  OtlpProbe& operator=(const OtlpProbe&) = delete;

  [[nodiscard]] bool follows(TraceId trace) const override;
  void follow(TraceId trace) override;
  void tell(Span span) override;
  void changed(const SeatCause& cause) override;
  std::vector<SpanLink> causes(EventId event, Version from, Version to) override;

  // Once; afterwards tell() drops.
  void stop();
  [[nodiscard]] OtlpStats stats() const;

 private:
  static constexpr std::size_t kFollowedMax = 4096;  // a power of two
  static constexpr std::size_t kCausesMax = 1024;

  [[nodiscard]] static std::size_t place_of(TraceId trace) {
    return (trace.bits.lo ^ trace.bits.hi * 0x9E3779B97F4A7C15ULL) % kFollowedMax;
  }
  std::vector<Span> take_batch();

  const OtlpOptions options_;
  const std::uint64_t share_below_;  // of the trace id's lower half, shifted right by one
  std::array<std::atomic<std::uint64_t>, kFollowedMax> followed_{};
  std::atomic<std::uint64_t> next_span_;
  std::atomic<std::uint64_t> sent_{0}, dropped_full_{0}, dropped_unsent_{0};

  mutable Mutex mutex_;
  std::vector<Span> queue_ ONSALE_GUARDED_BY(mutex_);
  bool stopped_ ONSALE_GUARDED_BY(mutex_) = false;
  Mutex causes_mutex_;
  std::vector<SeatCause> causes_ ONSALE_GUARDED_BY(causes_mutex_);
  std::size_t causes_next_ ONSALE_GUARDED_BY(causes_mutex_) = 0;

  struct Sender;  // the thread, its loop, the connection
  std::unique_ptr<Sender> sender_;
};

}  // namespace onsale
