// What everybody in a rehearsal shares. A plain struct on purpose: it decides nothing.
#pragma once

#include "rehearsal/acknowledgements.hpp"
#include "rehearsal/loop.hpp"
#include "rehearsal/options.hpp"
#include "rehearsal/seat_board.hpp"
#include "rehearsal/tally.hpp"
#include "rehearsal/target.hpp"
#include "rehearsal/viewer.hpp"

namespace onsale::rehearsal {

struct Stage {
  Stage(const Options& wanted, Target where)
      : options(wanted), target(std::move(where)), audience(loop, target, seats, wanted) {}

  const Options& options;
  Target target;
  Loop loop;
  SeatIndex seats;
  History history;
  Tally tally;
  Audience audience;
  bool closing = false;  // nobody begins anything new
};

}  // namespace onsale::rehearsal
