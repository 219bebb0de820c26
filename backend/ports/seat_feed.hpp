// SeatFeed: the ordered stream of an event's seat changes, as the ledger made them. The map, the
// streams and any other view are built from it and from nothing else.
//
// Contract: versions of one event are strictly increasing by 1 within an epoch; read() gives them in
// order, each exactly once; a gap is never hidden: when `after` is older than what is kept, or of
// another epoch, the answer is `too_old` and the reader takes a snapshot. snapshot() is a consistent
// cut: exactly the changes up to its version. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.hpp"
#include "domain/seat/seat.hpp"
#include "runtime/task.hpp"

namespace onsale {

struct SeatChange {
  Version version;
  std::uint32_t seat_index = 0;  // in the event's numbering
  seat::WireStatus status{};
  friend bool operator==(const SeatChange&, const SeatChange&) = default;
};

struct FeedBatch {
  bool too_old = false;
  Version version;  // the feed's present version, at least the last change's
  std::vector<SeatChange> changes;
};

struct SeatSnapshot {
  Version version;
  std::vector<seat::WireStatus> statuses;  // by seat index
};

class SeatFeed {
 public:
  virtual ~SeatFeed() = default;

  // Changes after `after`, at most `max` of them. event_not_found for an unknown event.
  virtual Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) = 0;
  virtual Task<Result<SeatSnapshot>> snapshot(EventId event) = 0;

  // `wake` is called soon after an event's feed has grown, from any thread, at least once after the
  // last change; it must be quick and must not call back. Set once, before traffic.
  virtual void on_change(std::function<void(EventId)> wake) = 0;
};

}  // namespace onsale
