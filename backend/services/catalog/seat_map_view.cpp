// The view's arithmetic: a ring indexed by version, and batches that may come twice.
#include "services/catalog/seat_map_view.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace onsale::catalog {

SeatMapView::SeatMapView(EventId event, std::uint32_t seat_count, SeatFeed& feed,
                         SeatMapLimits limits)
    : event_(event), feed_(feed), limits_(limits) {
  // Enough for each seat to change a few times; a small hall does not pay for a large one's history.
  const std::size_t wanted = std::clamp<std::size_t>(
      std::size_t{4} * seat_count, std::min<std::size_t>(4096, limits.history_changes_max),
      limits.history_changes_max);
  ring_.resize(std::bit_ceil(std::max<std::size_t>(wanted, 1)));
  statuses_.assign(seat_count, seat::WireStatus::available);
  counts_[0] = seat_count;
}

Task<Status> SeatMapView::refresh() {
  for (;;) {
    Version after;
    bool loaded = false;
    {
      Lock lock(mutex_);
      after = version_;
      loaded = loaded_;
    }
    if (loaded) {
      const Result<FeedBatch> batch = co_await feed_.read(event_, after, limits_.feed_batch_max);
      if (!batch) co_return batch.error();
      if (!batch->too_old) {
        Lock lock(mutex_);
        apply(*batch);
        // A full batch may not be the last; what was there when we began is what we owe.
        if (version_ >= batch->version || batch->changes.empty()) co_return ok();
        continue;
      }
    }
    const Result<SeatSnapshot> snapshot = co_await feed_.snapshot(event_);
    if (!snapshot) co_return snapshot.error();
    replace(*snapshot);
    co_return ok();
  }
}

void SeatMapView::apply(const FeedBatch& batch) {
  for (const SeatChange& change : batch.changes) {
    if (change.version <= version_) continue;       // another caller was quicker
    if (change.version != version_.next()) return;  // a snapshot came between; ask again
    set(change.seat_index, change.status);
    version_ = change.version;
    ring_[version_.value & (ring_.size() - 1)] =
        change.seat_index << 2U | static_cast<std::uint32_t>(change.status);
    if (version_.value - oldest_.value > ring_.size())
      oldest_ = Version{version_.value - ring_.size()};
  }
}

void SeatMapView::replace(const SeatSnapshot& snapshot) {
  Lock lock(mutex_);
  if (loaded_ && snapshot.version <= version_) return;
  for (std::uint32_t i = 0; i < snapshot.statuses.size(); ++i) set(i, snapshot.statuses[i]);
  version_ = snapshot.version;
  oldest_ = snapshot.version;
  loaded_ = true;
}

void SeatMapView::set(std::uint32_t index, seat::WireStatus status) {
  if (index >= statuses_.size()) {  // the ledger has grown before the catalogue was told
    counts_[0] += index + 1 - static_cast<std::uint32_t>(statuses_.size());
    statuses_.resize(index + 1, seat::WireStatus::available);
  }
  --counts_[static_cast<std::size_t>(statuses_[index])];
  statuses_[index] = status;
  ++counts_[static_cast<std::size_t>(status)];
}

Version SeatMapView::version() const {
  Lock lock(mutex_);
  return version_;
}

SeatMapView::Counts SeatMapView::counts() const {
  Lock lock(mutex_);
  return {version_, counts_};
}

SeatMapView::News SeatMapView::since(Version after) const {
  News news;
  Lock lock(mutex_);
  news.version = version_;
  if (after > version_ || after < oldest_) {
    news.too_old = true;
    return news;
  }
  news.changes.reserve(version_.value - after.value);
  for (std::uint64_t v = after.value + 1; v <= version_.value; ++v) {
    const std::uint32_t packed = ring_[v & (ring_.size() - 1)];
    news.changes.push_back({Version{v}, packed >> 2U, static_cast<seat::WireStatus>(packed & 3U)});
  }
  return news;
}

SeatSnapshot SeatMapView::snapshot() const {
  Lock lock(mutex_);
  return {version_, statuses_};
}

void SeatMapView::grow(std::uint32_t seat_count) {
  Lock lock(mutex_);
  if (seat_count <= statuses_.size()) return;
  counts_[0] += seat_count - static_cast<std::uint32_t>(statuses_.size());
  statuses_.resize(seat_count, seat::WireStatus::available);
}

}  // namespace onsale::catalog
