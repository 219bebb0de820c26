// The rehearsal's front door: plays a crowd against a running office over plain HTTP and judges the
// office by what it acknowledged. It shares no code and no memory with the server, so a mistake
// there cannot hide here.
//
// The JSON report (Options::report_path) is documented in report.hpp.
#pragma once

#include "rehearsal/options.hpp"

namespace onsale::rehearsal {

// Exit codes, as the command line returns them.
inline constexpr int exit_clean = 0;          // ran, and nothing to object to
inline constexpr int exit_breach = 1;         // ran, and the office broke a promise
inline constexpr int exit_could_not_run = 2;  // bad options, or no office at the address

// Blocks until the run is over; SIGINT or SIGTERM ends it early with a report. Uses the calling
// thread and no other. Prints to standard output; one clear line to standard error if it cannot run.
int run(const Options& options);

}  // namespace onsale::rehearsal
