// The evening at a glance while it runs: redrawn in place on a terminal, a line a second elsewhere.
#pragma once

#include <cstdint>
#include <string>

#include "rehearsal/crowd.hpp"
#include "rehearsal/stage.hpp"

namespace onsale::rehearsal {

class LiveView {
 public:
  LiveView(Stage& stage, const Crowd& crowd);

  void begin();
  // Draws the last state and leaves the cursor below it.
  void end();

 private:
  void draw(Nanos now);
  [[nodiscard]] std::string panel(double seconds, double holds_per_second) const;
  [[nodiscard]] std::string line(double seconds, double holds_per_second) const;

  Stage& stage_;
  const Crowd& crowd_;
  const bool redraws_;
  int lines_drawn_ = 0;
  Nanos begun_ = 0;
  Nanos last_ = 0;
  std::uint64_t last_holds_ = 0;
  Timer timer_;
};

// Milliseconds with as many digits as matter: "0.31", "12.4", "803".
std::string milliseconds_text(std::int64_t nanos);

}  // namespace onsale::rehearsal
