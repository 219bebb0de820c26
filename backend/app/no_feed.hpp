// The feed of a role that shows no map: it is never asked.
#pragma once

#include "ports/seat_feed.hpp"

namespace onsale::app {

class NoFeed final : public SeatFeed {
 public:
  Task<Result<FeedBatch>> read(EventId, Version, std::size_t) override {
    return Result<FeedBatch>{Code::unavailable};
  }
  Task<Result<SeatSnapshot>> snapshot(EventId) override {
    return Result<SeatSnapshot>{Code::unavailable};
  }
  void on_change(std::function<void(EventId)>) override {}
};

}  // namespace onsale::app
