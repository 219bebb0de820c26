// A run of the simulation: a seeded crowd at a seeded office in seeded weather, with crashes at any
// step. The same seed and options give the same run, to the last bit of the trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/planted.hpp"
#include "tests/simulation/witness.hpp"

namespace onsale::simulation {

struct RunOptions {
  std::uint64_t seed = 1;
  std::uint64_t steps = 100'000;
  PlantedBug bug = PlantedBug::none;
  std::size_t buyers = 16;
  SeatId watched;  // its story is written to standard error
};

struct RunReport {
  std::uint64_t seed = 0;
  std::uint64_t steps = 0;
  std::uint64_t trace = 0;
  std::int64_t virtual_seconds = 0;
  Counters counters;
  std::vector<std::string> violations;
};

// Ends at the first violation, or after the steps and a last calm.
RunReport run(const RunOptions& options);

// One line for a person, and how to see it again.
std::string describe(const RunReport& report);

}  // namespace onsale::simulation
