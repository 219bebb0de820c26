// Crowd: buyers and viewers who outlive every office. They hold, extend, release, order, repeat and
// read at random, sometimes what is not theirs, and tell the witness what they were answered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/office.hpp"

namespace onsale::simulation {

class Crowd {
 public:
  Crowd(World& world, std::size_t buyers);

  // Goes to this office (a new one after a crash) and goes on.
  void enter(Office& office);
  void rest(bool resting) { resting_ = resting; }

 private:
  struct Wish {  // an order that may be asked for again
    EventId event;
    SeatIds seats;
    std::string key;
    std::string body_hash;
  };
  struct Buyer {
    BuyerId id;
    EventId event;
    std::vector<SeatId> mine;  // what was granted, lapsed or not
    std::optional<Wish> wish;
    std::vector<OrderId> orders;
    std::uint64_t keys = 0;
  };
  struct Viewer {
    EventId event;
    Version version;
    std::vector<seat::WireStatus> picture;
    bool has_map = false;
  };

  void next_deed(Office& office, Buyer& buyer);
  void next_look(Office& office, Viewer& viewer);
  Task<void> act(Office& office, Buyer& buyer);
  Task<void> hold(Office& office, Buyer& buyer);
  Task<void> extend(Office& office, Buyer& buyer);
  Task<void> release(Office& office, Buyer& buyer);
  Task<void> order(Office& office, Buyer& buyer, Wish wish);
  Task<void> read(Office& office, Buyer& buyer);
  Task<void> list_holds(Office& office, Buyer& buyer);
  Task<void> look(Office& office, Viewer& viewer);

  SeatId any_seat(EventId event);
  SeatIds any_seats(EventId event, std::size_t count);
  SeatId mostly_mine(const Buyer& buyer);

  World& world_;
  std::vector<Buyer> buyers_;
  std::vector<Viewer> viewers_;
  bool resting_ = false;
};

}  // namespace onsale::simulation
