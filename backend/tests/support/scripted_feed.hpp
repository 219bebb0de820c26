// A SeatFeed that a test writes by hand: change() is what a ledger would have done. It keeps the
// whole history of its epoch unless forget() is called. Single-threaded.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "ports/seat_feed.hpp"

namespace onsale {

class ScriptedFeed final : public SeatFeed {
 public:
  explicit ScriptedFeed(std::uint32_t seats, Version start = Version::of(1, 0))
      : start_(start), statuses_(seats, seat::WireStatus::available) {}

  Version change(std::uint32_t index, seat::WireStatus status) {
    statuses_[index] = status;
    const Version version{version_now().value + 1};
    changes_.push_back({version, index, status});
    if (wake_) wake_(EventId{1});
    return version;
  }
  // The store behind came back without its tail: a new epoch, `statuses` as they are.
  void new_epoch() {
    start_ = Version::of(version_now().epoch() + 1, 0);
    changes_.clear();
  }
  // History before the present version is gone.
  void forget() {
    start_ = version_now();
    changes_.clear();
  }
  void fail(bool failing) { failing_ = failing; }
  [[nodiscard]] Version version_now() const {
    return changes_.empty() ? start_ : changes_.back().version;
  }
  [[nodiscard]] const std::vector<seat::WireStatus>& statuses() const { return statuses_; }
  [[nodiscard]] int reads() const { return reads_; }

  Task<Result<FeedBatch>> read(EventId event, Version after, std::size_t max) override {
    ++reads_;
    if (failing_) return Result<FeedBatch>(Code::unavailable);
    if (event != EventId{1}) return Result<FeedBatch>(Code::event_not_found);
    FeedBatch batch;
    batch.version = version_now();
    batch.too_old = after < start_ || after > batch.version;
    if (!batch.too_old) {
      for (const SeatChange& change : changes_) {
        if (change.version > after && batch.changes.size() < max) batch.changes.push_back(change);
      }
    }
    return Result<FeedBatch>(std::move(batch));
  }
  Task<Result<SeatSnapshot>> snapshot(EventId event) override {
    if (failing_) return Result<SeatSnapshot>(Code::unavailable);
    if (event != EventId{1}) return Result<SeatSnapshot>(Code::event_not_found);
    return Result<SeatSnapshot>(SeatSnapshot{version_now(), statuses_});
  }
  void on_change(std::function<void(EventId)> wake) override { wake_ = std::move(wake); }

 private:
  Version start_;
  std::vector<seat::WireStatus> statuses_;
  std::vector<SeatChange> changes_;
  std::function<void(EventId)> wake_;
  bool failing_ = false;
  int reads_ = 0;
};

}  // namespace onsale
