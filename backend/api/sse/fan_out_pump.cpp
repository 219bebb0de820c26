// One lane an event: a token bucket, the cursor that up-to-date viewers stand at, and whether a run
// is scheduled. See the header for why no change is left behind.
//
// wake() comes with every seat change of every event, from any loop, so it finds its lane without a
// lock: lanes live in an open-addressed table of atomic pointers that only ever grows.
#include "api/sse/fan_out_pump.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "base/mutex.hpp"

namespace onsale::sse {
namespace {

constexpr std::size_t kPlaces = 32'768;  // a power of two; twice the lanes there may be
constexpr std::size_t kLanesMax = kPlaces / 2;

std::int64_t monotonic_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct Lane {
  catalog::SeatMapView* view = nullptr;
  std::atomic<bool> scheduled{false};
  std::atomic<std::int64_t> waiting_since_us{0};  // the first change not yet sent; 0: none
  // The rest belongs to the loop.
  std::vector<std::shared_ptr<SeatStreamChannel>> channels;  // the latest last
  bool running = false;                                      // a run waits for the feed
  bool again = false;                                        // another was due meanwhile
  bool fresh = true;  // never ran: the bucket's clock has not begun
  std::uint64_t cursor = 0;
  double tokens = 0;
  Instant filled_at;
  Instant sent_at;
};

}  // namespace

struct FanOutPump::State : std::enable_shared_from_this<State> {
  State(Scheduler& on, const Clock& by, Publish to, FanOutLimits within, Probe* tells)
      : loop(on), clock(by), publish(std::move(to)), limits(within), probe(tells) {}

  // Where the event's lane is, or would be.
  std::atomic<Lane*>& place_of(EventId event) {
    constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15ULL;
    for (std::size_t at = event.value * kSpread >> 49U;; ++at) {
      std::atomic<Lane*>& place = places[at & (kPlaces - 1)];
      const Lane* lane = place.load(std::memory_order_acquire);
      if (lane == nullptr || lane->view->event() == event) return place;
    }
  }

  // Sees to it that the lane runs after this moment, once.
  void schedule(Lane& lane, Milliseconds delay) {
    // Reading it first keeps the line shared between loops while a run is due anyway.
    if (lane.scheduled.load(std::memory_order_relaxed)) return;
    if (stopped.load(std::memory_order_relaxed)) return;
    if (lane.scheduled.exchange(true)) return;
    if (lane.waiting_since_us.load(std::memory_order_relaxed) == 0) {
      lane.waiting_since_us.store(monotonic_us(), std::memory_order_relaxed);
    }
    auto work = [self = shared_from_this(), &lane] { self->start(lane); };
    if (delay.count() > 0) {
      loop.post_after(delay, std::move(work));
    } else {
      loop.post(std::move(work));
    }
  }

  void start(Lane& lane) {
    if (lane.running) {  // `scheduled` stays up: the running one schedules again when it ends
      lane.again = true;
      return;
    }
    if (stopped.load(std::memory_order_relaxed)) return;
    lane.running = true;
    detach(run(shared_from_this(), &lane));
  }

  static Task<void> run(std::shared_ptr<State> self, Lane* lane) {
    lane->scheduled.store(false);  // before the view is read: a later change schedules again
    const Milliseconds wait = self->until_next(*lane);
    if (wait.count() > 0) {
      self->schedule(*lane, wait);
    } else {
      const Status refreshed = co_await lane->view->refresh();
      if (!refreshed) {
        self->schedule(*lane, self->limits.retry_after_failure);
      } else if (!self->stopped.load(std::memory_order_relaxed)) {
        self->send(*lane);
      }
    }
    lane->running = false;
    if (std::exchange(lane->again, false)) {
      lane->scheduled.store(false);
      self->schedule(*lane, Milliseconds{0});
    }
  }

  // How long the lane must wait for its next frame; takes nothing.
  Milliseconds until_next(Lane& lane) const {
    const Instant now = clock.now();
    if (lane.fresh) {
      lane.fresh = false;
      lane.tokens = limits.frames_burst;
      lane.sent_at = now - limits.gap_min;
    } else {
      // A clock that was set back must not empty the bucket: no time has passed then.
      const double seconds =
          static_cast<double>(std::max((now - lane.filled_at).count(), Milliseconds::rep{0})) /
          1000.0;
      lane.sent_at = std::min(lane.sent_at, now);
      lane.tokens = std::min(limits.frames_burst, lane.tokens + seconds * limits.frames_per_second);
    }
    lane.filled_at = now;
    Milliseconds wait = lane.sent_at + limits.gap_min - now;
    constexpr double kWhole = 1.0 - 1e-6;  // sums of fractions of a token fall short by rounding
    if (lane.tokens < kWhole) {
      const double ms = (1.0 - lane.tokens) * 1000.0 / limits.frames_per_second;
      wait = std::max(wait, Milliseconds{static_cast<std::int64_t>(std::ceil(ms))});
    }
    return wait;
  }

  void send(Lane& lane) {
    // The view is read before `watched`: a viewer whose hub is counted in later is caught up to at
    // least this view by the hub itself.
    const std::uint64_t present = lane.view->version().value;
    const std::int64_t since_us = lane.waiting_since_us.exchange(0, std::memory_order_relaxed);
    if (std::none_of(lane.channels.begin(), lane.channels.end(),
                     [](const auto& channel) { return channel->watched(); })) {
      if (present == lane.cursor) return;
      lane.tokens -= 1.0;  // the pace stays the same
      lane.sent_at = clock.now();
      lane.cursor = present;
      return;
    }
    SeatStreamChannel::Frame frame = lane.channels.back()->frame_after(lane.cursor);
    if (frame.cursor == lane.cursor) return;
    lane.tokens -= 1.0;
    lane.sent_at = clock.now();
    const std::uint64_t from = std::exchange(lane.cursor, frame.cursor);
    frames.fetch_add(1, std::memory_order_relaxed);
    changes.fetch_add(frame.changes, std::memory_order_relaxed);
    const auto bytes = std::make_shared<const std::string>(std::move(frame.bytes));
    for (const auto& channel : lane.channels) publish(channel, from, frame.cursor, bytes);
    const std::int64_t took_us = since_us == 0 ? 0 : monotonic_us() - since_us;
    if (since_us != 0) delays.count(static_cast<std::uint64_t>(took_us));
    if (probe != nullptr) tell_probe(*lane.view, from, frame, took_us);
  }

  // A frame tells many changes: it stands in the trace of the last of them, with links to the
  // others.
  void tell_probe(const catalog::SeatMapView& view, std::uint64_t from,
                  const SeatStreamChannel::Frame& frame, std::int64_t took_us) {
    auto causes = probe->causes(view.event(), Version{from}, Version{frame.cursor});
    if (causes.empty()) return;
    Span span;
    span.trace = causes.back().trace;
    span.parent = causes.back().span;
    span.kind = SpanKind::producer;
    span.name = "push seats";
    span.began_us = ms_of(clock.now()) * 1000 - took_us;
    span.took_us = took_us;
    span.notes = {{"onsale.event", std::to_string(view.event().value)},
                  {"onsale.changes", std::to_string(frame.changes)},
                  {"onsale.version", std::to_string(frame.cursor)}};
    causes.pop_back();
    span.links = std::move(causes);
    probe->tell(std::move(span));
  }

  Scheduler& loop;
  const Clock& clock;
  const Publish publish;
  const FanOutLimits limits;
  Probe* const probe;
  std::atomic<bool> stopped{false};
  std::atomic<std::uint64_t> frames{0};
  std::atomic<std::uint64_t> changes{0};
  DurationCounts delays;
  std::array<std::atomic<Lane*>, kPlaces> places{};
  Mutex mutex;  // of attach()
  std::vector<std::unique_ptr<Lane>> lanes ONSALE_GUARDED_BY(mutex);
};

FanOutPump::FanOutPump(Scheduler& loop, const Clock& clock, Publish publish, FanOutLimits limits,
                       Probe* probe)
    : state_(std::make_shared<State>(loop, clock, std::move(publish), limits, probe)) {}

FanOutPump::~FanOutPump() { stop(); }

void FanOutPump::attach(std::shared_ptr<SeatStreamChannel> channel, catalog::SeatMapView& view) {
  Lock lock(state_->mutex);
  std::atomic<Lane*>& place = state_->place_of(view.event());
  if (Lane* known = place.load(std::memory_order_relaxed); known != nullptr) {
    check(known->view == &view, "an event has two views");
    state_->loop.post([self = state_, known, channel = std::move(channel)] {
      known->channels.push_back(channel);
    });
    return;
  }
  check(state_->lanes.size() < kLanesMax, "more events than the pump has lanes for");
  auto lane = std::make_unique<Lane>();
  lane->channels.push_back(std::move(channel));
  lane->view = &view;
  lane->cursor = view.version().value;
  place.store(lane.get(), std::memory_order_release);
  state_->schedule(*lane, Milliseconds{0});  // what changed while it was not followed
  state_->lanes.push_back(std::move(lane));
}

void FanOutPump::wake(EventId event) {
  if (Lane* lane = state_->place_of(event).load(std::memory_order_acquire); lane != nullptr) {
    state_->schedule(*lane, Milliseconds{0});
  }
}

void FanOutPump::stop() { state_->stopped.store(true); }

FanOutPump::Stats FanOutPump::stats() const {
  return {state_->frames.load(std::memory_order_relaxed),
          state_->changes.load(std::memory_order_relaxed), state_->delays.sum()};
}

}  // namespace onsale::sse
