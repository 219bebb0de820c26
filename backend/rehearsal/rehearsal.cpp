// Sets the stage, plays the evening, asks for the verdict, writes the report.
#include "rehearsal/rehearsal.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <string>
#include <utility>

#include "rehearsal/closing_bell.hpp"
#include "rehearsal/crowd.hpp"
#include "rehearsal/fan_out.hpp"
#include "rehearsal/hammer.hpp"
#include "rehearsal/live_view.hpp"
#include "rehearsal/report.hpp"
#include "rehearsal/stage.hpp"
#include "rehearsal/verdict.hpp"

namespace onsale::rehearsal {

namespace {

// Descriptors beside the viewers and buyers: standard streams, epoll, report, a few connections.
constexpr std::size_t descriptors_spare = 64;

int fail(const std::string& why) {
  std::fprintf(stderr, "onsale rehearse: %s\n", why.c_str());
  return exit_could_not_run;
}

std::string wall_clock_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), length};
}

std::string wrong_with(const Options& options) {
  const Behaviour& wishes = options.behaviour;
  if (wishes.seats_min == 0 || wishes.seats_max < wishes.seats_min || wishes.seats_max > 16) {
    return "seats a buyer wants: 1 to 16, the least not above the most";
  }
  for (const double share : {wishes.stream, wishes.walk_away, wishes.silent, wishes.extend,
                             wishes.order, wishes.retry_order}) {
    if (!(share >= 0 && share <= 1)) return "a share is a number from 0 to 1";
  }
  if (!(options.arrival.seconds >= 0) || !(options.arrival.rate_per_second >= 0)) {
    return "the arrival's time and rate cannot be below zero";
  }
  return {};
}

int run_evening(const Options& options, Target target) {
  std::string why = wrong_with(options);
  if (!why.empty()) return fail(why);
  // A buyer needs one descriptor, two when it follows the stream.
  const std::size_t wanted =
      options.viewers + 2UL * std::min(options.buyers, 8'000U) + descriptors_spare;
  if (!allow_descriptors(wanted, why)) return fail(why);

  Stage stage(options, std::move(target));
  Crowd crowd(stage);
  LiveView view(stage, crowd);
  ClosingBell bell(stage.loop, [&crowd] { crowd.ask_to_close(); });
  const std::string started_at = wall_clock_text();
  const Nanos begun = Loop::now();
  crowd.begin();
  view.begin();
  stage.loop.run();
  if (!crowd.trouble().empty()) return fail(crowd.trouble());
  view.end();

  VerdictRules rules;
  rules.sole_customer = options.sole_customer && !crowd.cut_short();
  rules.complete = !crowd.cut_short();
  const Verdict verdict = judge(stage.history, stage.seats, rules);
  const Evening evening{stage, crowd, verdict, begun, Loop::now(), started_at};
  const std::string text = report_text(evening);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  if (!write_report(options.report_path, report_json(evening))) return exit_could_not_run;
  return verdict.clean() ? exit_clean : exit_breach;
}

}  // namespace

int run(const Options& options) {
  std::string why;
  std::optional<Target> target = Target::parse(options.url, why);
  if (!target) return fail(why);
  switch (options.mode) {
    case Mode::rehearsal:
      return run_evening(options, std::move(*target));
    case Mode::hammer:
      return run_hammer(options, *target);
    case Mode::viewers:
      return run_fan_out(options, *target);
  }
  return exit_could_not_run;
}

}  // namespace onsale::rehearsal
