// Plain ANSI: cursor up, clear line. No curses, no colours that a white terminal would swallow.
#include "rehearsal/live_view.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace onsale::rehearsal {

namespace {

bool wants_redraw(const Options& options) {
  switch (options.view) {
    case Options::View::redraw:
      return true;
    case Options::View::lines:
      return false;
    case Options::View::automatic:
      return ::isatty(STDOUT_FILENO) == 1;
  }
  return false;
}

std::string percentiles(const Histogram& histogram) {
  if (histogram.count() == 0) return "     –";
  return milliseconds_text(histogram.percentile(0.50)) + " / " +
         milliseconds_text(histogram.percentile(0.95)) + " / " +
         milliseconds_text(histogram.percentile(0.99)) + " ms";
}

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace

std::string milliseconds_text(std::int64_t nanos) {
  const double ms = static_cast<double>(nanos) / 1e6;
  return fixed(ms, ms < 10 ? 2 : ms < 100 ? 1 : 0);
}

LiveView::LiveView(Stage& stage, const Crowd& crowd)
    : stage_(stage),
      crowd_(crowd),
      redraws_(wants_redraw(stage.options)),
      timer_(stage.loop, [this](Nanos due) {
        draw(due);
        timer_.set(due + (redraws_ ? nanos_per_second / 4 : nanos_per_second));
      }) {}

void LiveView::begin() {
  begun_ = Loop::now();
  last_ = begun_;
  // Not at once: an office that is not there gets one clear line and no view.
  if (!stage_.options.quiet) timer_.set(begun_ + nanos_per_second / 4);
}

void LiveView::end() {
  timer_.cancel();
  if (!stage_.options.quiet) draw(Loop::now());
}

void LiveView::draw(Nanos now) {
  const double seconds = static_cast<double>(now - begun_) / 1e9;
  const double since = static_cast<double>(now - last_) / 1e9;
  const double rate = since > 0 ? static_cast<double>(stage_.tally.holds - last_holds_) / since : 0;
  last_ = now;
  last_holds_ = stage_.tally.holds;
  std::string text;
  if (redraws_) {
    if (lines_drawn_ > 0) text = "\x1b[" + std::to_string(lines_drawn_) + "A";
    const std::string drawn = panel(seconds, rate);
    lines_drawn_ = static_cast<int>(std::count(drawn.begin(), drawn.end(), '\n'));
    for (const char c : drawn) {
      if (c == '\n') text += "\x1b[K";
      text += c;
    }
  } else {
    text = line(seconds, rate);
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

std::string LiveView::panel(double seconds, double holds_per_second) const {
  const Tally& tally = stage_.tally;
  const AudienceTally& audience = stage_.audience.tally;
  const Board& board = crowd_.board();
  const std::uint32_t size = std::max(1U, board.size());
  constexpr std::uint32_t width = 50;
  const std::uint32_t sold = board.count(SeatStatus::sold);
  const std::uint32_t held = board.count(SeatStatus::held);
  const std::uint32_t sold_cells = sold * width / size;
  const std::uint32_t held_cells = (sold + held) * width / size - sold_cells;
  std::string text = "  rehearsal of event " + std::to_string(stage_.options.event_id) + "   " +
                     fixed(seconds, 1) + " s   " + std::string(crowd_.phase()) + "\n";
  text += "  [" + std::string(sold_cells, '#') + std::string(held_cells, '+') +
          std::string(width - sold_cells - held_cells, '.') + "]  " + std::to_string(sold) +
          " sold  " + std::to_string(held) + " held  of " + std::to_string(board.size()) + "\n";
  text += "  buyers   " + std::to_string(tally.buyers_arrived) + " of " +
          std::to_string(crowd_.expected_buyers()) + " came, " +
          std::to_string(tally.buyers_arrived - tally.buyers_gone) + " inside\n";
  text += "  holds    " + fixed(holds_per_second, 0) + " /s   " + std::to_string(tally.holds) +
          " granted, " + std::to_string(tally.of(Call::hold).refused) + " refused\n";
  text += "  orders   " + std::to_string(tally.orders) + " placed, " +
          std::to_string(tally.confirmed) + " confirmed, " + std::to_string(tally.cancelled) +
          " cancelled, " + std::to_string(tally.replays_identical) + " replays identical\n";
  text += "  p50/p95/p99   hold " + percentiles(tally.of(Call::hold).latency) + "   order " +
          percentiles(tally.of(Call::order).latency) + "   settled " + percentiles(tally.settled) +
          "\n";
  text += "  viewers  " + std::to_string(audience.following) + " following, lag p50/p95/p99 " +
          percentiles(stage_.audience.lag_book.lag()) + ", " + std::to_string(audience.resets) +
          " resets, " + std::to_string(audience.reconnects) + " reconnects\n";
  std::uint64_t errors = 0;
  std::uint64_t cut = 0;
  for (const CallTally& call : tally.by_call) {
    errors += call.server_errors;
    cut += call.resets + call.timeouts + call.unreachable;
  }
  text += "  trouble  " + std::to_string(errors) + " × 5xx, " + std::to_string(cut) +
          " without an answer\n";
  std::string refusals;
  for (const auto& [code, times] : tally.refusals) {
    refusals += (refusals.empty() ? "" : ", ") + code + " × " + std::to_string(times);
  }
  constexpr std::size_t line_max = 110;
  if (refusals.size() > line_max) refusals.resize(refusals.rfind(',', line_max));
  return text + "  refusals " + (refusals.empty() ? "none" : refusals) + "\n";
}

std::string LiveView::line(double seconds, double holds_per_second) const {
  const Tally& tally = stage_.tally;
  const Board& board = crowd_.board();
  return fixed(seconds, 1) + " s  " + std::string(crowd_.phase()) + "  buyers " +
         std::to_string(tally.buyers_arrived) + "/" + std::to_string(crowd_.expected_buyers()) +
         "  holds " + fixed(holds_per_second, 0) + "/s  sold " +
         std::to_string(board.count(SeatStatus::sold)) + "/" + std::to_string(board.size()) +
         "  refused " + std::to_string(tally.of(Call::hold).refused) + "  hold " +
         percentiles(tally.of(Call::hold).latency) + "  order " +
         percentiles(tally.of(Call::order).latency) + "  viewers " +
         std::to_string(stage_.audience.tally.following) + " lag " +
         percentiles(stage_.audience.lag_book.lag()) + "\n";
}

}  // namespace onsale::rehearsal
