// FanOutPump: from "the feed has grown" to one shared frame for all viewers of an event.
//
// The idea: sends cost viewers × frames, so frames are limited, not changes. Each event has a token
// bucket: a change after a quiet while goes out at once, a rush goes out in ticks, each frame
// carrying all changes since the last. Between two frames at least gap_min passes, so that the
// changes of one call travel together.
//
// A change is never left behind: `scheduled` is cleared before the view is read, so a change that
// comes later schedules again; one that came earlier is read. When nothing changes no timer runs.
//
// wake() may be called from any thread, any number of times; while a frame is due already it costs
// two loads and takes no lock. The rest runs on one loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "api/sse/seat_stream.hpp"
#include "base/duration_counts.hpp"
#include "ports/clock.hpp"
#include "ports/probe.hpp"
#include "runtime/http/message.hpp"
#include "runtime/scheduler.hpp"
#include "services/catalog/seat_map_view.hpp"

namespace onsale::sse {

struct FanOutLimits {
  double frames_per_second = 10;  // steady, an event
  double frames_burst = 10;
  Milliseconds gap_min{5};
  Milliseconds retry_after_failure{250};  // the feed could not be read
};

class FanOutPump {
 public:
  // Server::publish of the HTTP edge.
  using Publish = std::function<void(const std::shared_ptr<http::StreamChannel>& channel,
                                     std::uint64_t from_cursor, std::uint64_t to_cursor,
                                     http::SharedBytes frame)>;

  // Runs on `loop`. All references must outlive the pump's last posted work: call stop() before the
  // loop ends.
  // `probe`, if there is one, is told of frames whose changes have a trace that it follows.
  FanOutPump(Scheduler& loop, const Clock& clock, Publish publish, FanOutLimits limits = {},
             Probe* probe = nullptr);
  ~FanOutPump();
  FanOutPump(const FanOutPump&) = delete;
  FanOutPump& operator=(const FanOutPump&) = delete;

  // Follows an event from the view's present version on. Any thread. Again for the same event and
  // view (a re-import): the new channel is told what the old ones are told. `view` must outlive the
  // pump.
  void attach(std::shared_ptr<SeatStreamChannel> channel, catalog::SeatMapView& view);

  // The feed of `event` has grown (SeatFeed::on_change). Any thread; unknown events are ignored.
  void wake(EventId event);

  // No frame is published after this. Any thread.
  void stop();

  struct Stats {
    std::uint64_t frames = 0;
    std::uint64_t changes = 0;  // that those frames told
    DurationSum delay;          // from a frame's first change to its hand-over to the hubs
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace onsale::sse
