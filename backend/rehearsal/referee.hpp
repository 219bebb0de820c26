// The one viewer whose record counts: what the feed said and when it was heard, for the verdict.
#pragma once

#include "rehearsal/stage.hpp"
#include "rehearsal/viewer.hpp"

namespace onsale::rehearsal {

class Referee final : public ViewerListener {
 public:
  explicit Referee(Stage& stage) : stage_(stage), viewer_(stage.audience, this) {}

  void open() { viewer_.open(); }
  [[nodiscard]] const Viewer& viewer() const { return viewer_; }

 private:
  void on_change(std::uint64_t version, std::uint64_t after, std::uint32_t seat, SeatStatus status,
                 Nanos seen) override;
  void on_snapshot(const Snapshot& snapshot, Nanos blind_from, Nanos seen) override;

  Stage& stage_;
  Nanos heard_ = 0;
  Viewer viewer_;
};

}  // namespace onsale::rehearsal
