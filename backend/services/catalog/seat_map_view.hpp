// SeatMapView: an event's seats as viewers see them; a view of the ledger's feed, built from
// nothing else.
//
// The idea: the view holds one byte a seat, the version it stands at, and a ring of the latest
// changes. Versions of an epoch are consecutive, so the ring needs no versions: the change of
// version v sits at v modulo its size. A reader that has version u asks for the changes after u and
// gets exactly those, or is told that they are no longer known (too_old).
//
// refresh() asks the feed for what is new. The feed may answer at once (embedded) or later
// (network): no lock is held meanwhile, and a batch that another caller has applied already is
// skipped by version. So a request that refreshes first sees every change that was acknowledged
// before it came (read your own writes).
//
// Thread-safe; the lock is held for a copy of what is asked, never across an await.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/mutex.hpp"
#include "base/result.hpp"
#include "domain/seat/seat.hpp"
#include "ports/seat_feed.hpp"
#include "runtime/task.hpp"

namespace onsale::catalog {

struct SeatMapLimits {
  std::size_t history_changes_max = 65'536;  // changes a viewer may have missed and still resume
  std::size_t feed_batch_max = 4'096;        // changes read from the feed at a time
};

class SeatMapView {
 public:
  // `feed` must outlive the view.
  SeatMapView(EventId event, std::uint32_t seat_count, SeatFeed& feed, SeatMapLimits limits = {});
  SeatMapView(const SeatMapView&) = delete;
  SeatMapView& operator=(const SeatMapView&) = delete;

  [[nodiscard]] EventId event() const { return event_; }

  // Brings the view to the feed's present. Fails with the feed's failure; the view then stays as it
  // was.
  Task<Status> refresh();

  [[nodiscard]] Version version() const;

  struct Counts {
    Version version;
    std::array<std::uint32_t, 4> of_status{};  // by WireStatus
    [[nodiscard]] std::uint32_t available() const { return of_status[0]; }
  };
  [[nodiscard]] Counts counts() const;

  // The changes after `after`, in order, each once. too_old: `after` is older than what is kept, of
  // another epoch, or of the future; `changes` is empty then. `version`: what they lead to.
  struct News {
    bool too_old = false;
    Version version;
    std::vector<SeatChange> changes;
  };
  [[nodiscard]] News since(Version after) const;

  // All seats at one version.
  [[nodiscard]] SeatSnapshot snapshot() const;

  // A re-import has added seats (AVAILABLE until the feed says otherwise).
  void grow(std::uint32_t seat_count);

 private:
  void apply(const FeedBatch& batch) ONSALE_REQUIRES(mutex_);
  void replace(const SeatSnapshot& snapshot);
  void set(std::uint32_t index, seat::WireStatus status) ONSALE_REQUIRES(mutex_);

  const EventId event_;
  SeatFeed& feed_;
  const SeatMapLimits limits_;
  mutable Mutex mutex_;
  Version version_ ONSALE_GUARDED_BY(mutex_);
  bool loaded_ ONSALE_GUARDED_BY(mutex_) = false;
  std::vector<seat::WireStatus> statuses_ ONSALE_GUARDED_BY(mutex_);
  std::array<std::uint32_t, 4> counts_ ONSALE_GUARDED_BY(mutex_){};
  Version oldest_ ONSALE_GUARDED_BY(mutex_);  // changes after this one are in the ring
  std::vector<std::uint32_t> ring_ ONSALE_GUARDED_BY(mutex_);  // index << 2 | status
};

}  // namespace onsale::catalog
