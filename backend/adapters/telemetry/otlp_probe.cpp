// The queue on this side, one coroutine on a loop of its own on the other.
#include "adapters/telemetry/otlp_probe.hpp"

#include <sys/random.h>

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

#include "base/assert.hpp"
#include "runtime/loop.hpp"

namespace onsale {
namespace {

std::uint64_t random_start() {
  std::uint64_t bits = 0;
  const ssize_t got = ::getrandom(&bits, sizeof bits, 0);
  check(got == static_cast<ssize_t>(sizeof bits), "the kernel gave no random bytes");
  return bits;
}

constexpr std::uint64_t kHalf = 1ULL << 63U;

std::uint64_t below_for(double share) {
  if (share >= 1) return kHalf;
  return share <= 0 ? 0 : static_cast<std::uint64_t>(share * static_cast<double>(kHalf));
}

}  // namespace

struct OtlpProbe::Sender {
  explicit Sender(OtlpProbe& of) : probe(of), thread([this] { run(); }) {}

  void run() {
    loop.post([this] { tasks.spawn(send_until_stopped()); });
    loop.run();
  }

  Task<void> send_until_stopped() {
    for (bool last = false; !last;) {
      last = stopping.load();
      std::vector<Span> batch = probe.take_batch();
      if (batch.empty()) {
        if (!last) co_await rest();
        continue;
      }
      const std::size_t count = batch.size();
      http::ClientCall call;
      call.target = "/v1/traces";
      call.body = otlp::encode(probe.options_.resource, batch);
      call.repeatable = true;
      call.deadline = last ? Milliseconds{1000} : probe.options_.call_deadline;
      Task<http::ClientAnswer> calling = client.call(probe.options_.collector, std::move(call));
      const http::ClientAnswer answer = co_await std::move(calling);
      const bool taken = answer.came() && answer.status / 100 == 2;
      (taken ? probe.sent_ : probe.dropped_unsent_).fetch_add(count, std::memory_order_relaxed);
      if (!taken && !last) co_await rest();
    }
    loop.stop();
  }

  // Until the next batch is due, or it is time to end.
  Task<void> rest() {
    constexpr Milliseconds kStopLatency{100};
    for (Milliseconds left = probe.options_.send_every; left.count() > 0 && !stopping.load();) {
      const Milliseconds slice = std::min(left, kStopLatency);
      co_await loop.sleep_for(slice);
      left -= slice;
    }
  }

  OtlpProbe& probe;
  AsioScheduler loop;
  http::HttpClient client{{.connections_max = 1}};
  TaskGroup tasks;
  std::atomic<bool> stopping{false};
  std::thread thread;  // the last: it uses the others
};

OtlpProbe::OtlpProbe(OtlpOptions options)
    : options_(std::move(options)),
      share_below_(below_for(options_.share)),
      next_span_(random_start()),
      sender_(std::make_unique<Sender>(*this)) {}

OtlpProbe::~OtlpProbe() { stop(); }

bool OtlpProbe::follows(TraceId trace) const {
  if (trace.bits.lo >> 1U < share_below_) return true;
  // 0 is an empty place.
  return trace.bits.lo != 0 &&
         followed_[place_of(trace)].load(std::memory_order_relaxed) == trace.bits.lo;
}

void OtlpProbe::follow(TraceId trace) {
  followed_[place_of(trace)].store(trace.bits.lo, std::memory_order_relaxed);
}

void OtlpProbe::tell(Span span) {
  if (span.id == 0) span.id = spans::derive({next_span_.fetch_add(1), span.trace.bits.lo}, 3);
  const Lock lock(mutex_);
  if (stopped_ || queue_.size() >= options_.queued_max) {
    dropped_full_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  queue_.push_back(std::move(span));
}

std::vector<Span> OtlpProbe::take_batch() {
  const Lock lock(mutex_);
  if (queue_.size() <= options_.batch) return std::exchange(queue_, {});
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(options_.batch);
  std::vector<Span> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

void OtlpProbe::changed(const SeatCause& cause) {
  const Lock lock(causes_mutex_);
  if (causes_.size() < kCausesMax) {
    causes_.push_back(cause);
  } else {
    causes_[causes_next_++ % kCausesMax] = cause;
  }
}

std::vector<SpanLink> OtlpProbe::causes(EventId event, Version from, Version to) {
  std::vector<SpanLink> found;
  const Lock lock(causes_mutex_);
  std::erase_if(causes_, [&](const SeatCause& each) {
    const bool mine = each.event == event && from < each.version && each.version <= to;
    if (mine) found.push_back(each.cause);
    return mine;
  });
  if (causes_.size() < kCausesMax) causes_next_ = 0;
  return found;
}

void OtlpProbe::stop() {
  {
    const Lock lock(mutex_);
    if (std::exchange(stopped_, true)) return;
  }
  sender_->stopping.store(true);
  sender_->thread.join();
}

OtlpStats OtlpProbe::stats() const {
  const Lock lock(mutex_);
  return {sent_.load(), dropped_full_.load(), dropped_unsent_.load(), queue_.size()};
}

}  // namespace onsale
