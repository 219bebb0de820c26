// One kind of request, as fast as it goes or at a constant rate, and what became of it.
//
// Made to be cheap, because it runs beside the server that it measures: requests are built before
// the clock starts and only patched in place; answers are told apart by status and skipped by
// Content-Length; a batch of pipelined requests is one write.
#pragma once

#include "rehearsal/options.hpp"
#include "rehearsal/target.hpp"

namespace onsale::rehearsal {

// Prints the JSON report (see report.hpp) to Options::report_path, standard output if that is empty.
// Exit codes of rehearsal.hpp; 1 never: a hammer has no verdict.
int run_hammer(const Options& options, const Target& target);

}  // namespace onsale::rehearsal
