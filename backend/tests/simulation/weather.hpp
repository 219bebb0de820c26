// Weather: what the world does to an office at the moment. The simulation changes it; the adapters
// between the office and the durable world obey it.
#pragma once

#include "base/time.hpp"

namespace onsale::simulation {

struct Weather {
  // The process is gone. What it still tries has no effect and hears no answer: its coroutines are
  // only wound up so that their memory is given back.
  bool dead = false;
  double store_refuses = 0;  // share of the calls to the order store that fail
  double consumer_refuses =
      0;  // share of the messages that the downstream consumer cannot take now
  Milliseconds store_delay_max{3};
};

}  // namespace onsale::simulation
