// One connection of a hammer run: requests leave in batches, answers come in their order.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "rehearsal/hammer_requests.hpp"
#include "rehearsal/histogram.hpp"
#include "rehearsal/loop.hpp"
#include "rehearsal/target.hpp"

namespace onsale::rehearsal {

struct Results {
  std::array<std::uint64_t, 600> by_status{};
  std::uint64_t answers = 0;
  std::uint64_t resets = 0;  // requests whose connection was cut before their answer
  std::uint64_t bytes = 0;
  std::uint64_t untimed = 0;
  Histogram latency;
};

// What lanes share, and whom they tell.
class LaneOwner {
 public:
  LaneOwner(const Target& where, const Options& options)
      : target(where), magazine(loop, where, options) {}
  LaneOwner(const LaneOwner&) = delete;
  LaneOwner& operator=(const LaneOwner&) = delete;

  // `answered` answers came at `now` (0: the lane has just opened): more requests may leave.
  virtual void refill(class Lane& lane, std::size_t answered, Nanos now) = 0;
  // The office speaks in a way that cannot be counted.
  virtual void give_up(const char* why) = 0;

  Loop loop;
  const Target& target;
  Magazine magazine;
  Results results;
  bool measuring = false;

 protected:
  ~LaneOwner() = default;
};

// One connection: requests in flight are answered in their order.
class Lane final : private Loop::Watcher {
 public:
  Lane(LaneOwner& owner, std::uint32_t number);
  ~Lane() override { drop(); }

  void open();
  // Takes the next request into the batch; `start`: when it was meant to leave.
  bool load(Nanos start);
  void fire();  // writes the batch
  [[nodiscard]] std::size_t in_flight() const { return flights_.size(); }
  [[nodiscard]] bool is_open() const { return state_ == State::open; }

 private:
  enum class State : std::uint8_t { closed, connecting, open };
  struct Flight {
    Nanos start = 0;
    bool timed = true;
  };
  void on_ready(std::uint32_t events) override;
  void read_on();
  bool take(std::string_view bytes, Nanos now, std::size_t& answered);
  void drop();
  void lost();

  LaneOwner& owner_;
  const std::uint32_t number_;
  State state_ = State::closed;
  int fd_ = -1;
  bool wants_writable_ = false;
  std::string batch_;
  std::size_t written_ = 0;
  std::deque<Flight> flights_;
  std::uint64_t body_left_ = 0;
  std::string partial_head_;
  Timer reconnect_;
};

}  // namespace onsale::rehearsal
