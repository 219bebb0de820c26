// Many viewers, few changes: how long after the cause does each viewer know?
//
// One buyer of its own holds and releases seats at a steady rate, a seat at a time, so that each
// change that a viewer reads can be timed from the moment its request was sent.
#pragma once

#include "rehearsal/options.hpp"
#include "rehearsal/target.hpp"

namespace onsale::rehearsal {

// Options::viewers viewers, FanOutOptions. Report and exit codes as run_hammer().
int run_fan_out(const Options& options, const Target& target);

}  // namespace onsale::rehearsal
