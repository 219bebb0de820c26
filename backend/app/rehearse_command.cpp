// `onsale rehearse URL`: an opening, rehearsed; and with --mode the load generator of the benchmarks.
#include "app/rehearse_command.hpp"

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "rehearsal/rehearsal.hpp"

namespace onsale::app {

void add_rehearse(CLI::App& app, int& code) {
  using namespace rehearsal;  // NOLINT: names of one folder, in one function
  auto options = std::make_shared<Options>();
  auto* verb = app.add_subcommand(
      "rehearse",
      "Play a crowd against a running office and judge it by what it acknowledged.\n"
      "Exits 0 if the verdict is clean, 1 on a breach, 2 if it could not run.");
  Options& o = *options;
  verb->add_option("url", o.url, "Where the office is [http://127.0.0.1:8080]");
  verb->add_option("--event", o.event_id, "Event to rush [1]")->check(CLI::PositiveNumber);
  verb->add_option("--seed", o.seed, "Seed of every decision [1]");
  verb->add_option("--buyers", o.buyers, "Buyers [200]");
  const std::map<std::string, Curve> curves{
      {"constant", Curve::constant}, {"step", Curve::step}, {"ramp", Curve::ramp}};
  verb->add_option("--arrival", o.arrival.curve,
                   "How they come: constant, step (tenfold at once), ramp [constant]")
      ->transform(CLI::CheckedTransformer(curves, CLI::ignore_case).description(""))
      ->type_name("CURVE");
  verb->add_option("--seconds", o.arrival.seconds, "They come within this time [30]")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--rate", o.arrival.rate_per_second, "… or at this mean rate a second")
      ->check(CLI::NonNegativeNumber);
  auto& b = o.behaviour;
  verb->add_option("--stream-share", b.stream, "Share that follows the live stream [0.2]")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--walk-away", b.walk_away, "Share that holds and never orders [0.1]")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--extend", b.extend, "Share that extends its holds [0.1]")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--retry-order", b.retry_order, "Share that sends its order twice [0.1]")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--seats-min", b.seats_min, "Seats a buyer wants at least [1]")
      ->check(CLI::Range(1, 16));
  verb->add_option("--seats-max", b.seats_max, "… and at most [4]")->check(CLI::Range(1, 16));
  verb->add_option("--hold-seconds", b.hold_seconds, "Hold asked for [120]");
  verb->add_option("--think-ms", b.think.look_ms_mean, "Mean time over the map [300]")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--order-think-ms", b.think.order_ms_mean, "Mean time from hold to order [500]")
      ->check(CLI::NonNegativeNumber);
  verb->add_flag("--until-sold-out", o.until_sold_out, "More buyers come until no seat is left");
  verb->add_option("--viewers", o.viewers, "Viewers that only watch [0]");
  verb->add_flag("!--not-alone", o.sole_customer,
                 "Other customers are buying too: do not judge seats that are not ours");
  verb->add_option("--max-seconds", o.duration_seconds_max, "The whole run at most [600]")
      ->check(CLI::PositiveNumber);
  verb->add_option("--patience", o.patience_seconds,
                   "How long a buyer keeps trying to reach a dead office [60]");
  verb->add_option("--report", o.report_path,
                   "Write the report as JSON to this file; - is standard output");
  verb->add_flag("--quiet", o.quiet, "No live view, the closing report only");

  const std::map<std::string, Mode> modes{
      {"rehearsal", Mode::rehearsal}, {"hammer", Mode::hammer}, {"viewers", Mode::viewers}};
  verb->add_option("--mode", o.mode,
                   "rehearsal, hammer (one kind of request) or viewers (fan-out) [rehearsal]")
      ->transform(CLI::CheckedTransformer(modes, CLI::ignore_case).description(""))
      ->type_name("MODE")
      ->group("Benchmarks");
  auto& h = o.hammer;
  const std::map<std::string, Shot> shots{
      {"plain", Shot::plain},     {"hold", Shot::hold},     {"hold_release", Shot::hold_release},
      {"refused", Shot::refused}, {"lapsed", Shot::lapsed}, {"order", Shot::order}};
  verb->add_option("--shot", h.shot, "plain, hold, hold_release, refused, lapsed, order [plain]")
      ->transform(CLI::CheckedTransformer(shots, CLI::ignore_case).description(""))
      ->type_name("SHOT")
      ->group("Benchmarks");
  verb->add_option("--method", h.method, "Method of a plain shot [GET]")->group("Benchmarks");
  verb->add_option("--path", h.path, "Path of a plain shot")->group("Benchmarks");
  verb->add_option("--body", h.body, "JSON body of a plain shot")->group("Benchmarks");
  verb->add_option("--header", h.headers, "Header line of a plain shot; may be repeated")
      ->group("Benchmarks");
  verb->add_option("--connections", h.connections, "Connections [50]")->group("Benchmarks");
  verb->add_option("--pipeline", h.pipeline, "Requests in flight on one connection [1]")
      ->group("Benchmarks");
  verb->add_option("--measure-seconds", h.seconds, "Measured time [5]")->group("Benchmarks");
  verb->add_option("--warm-up-seconds", h.warm_up_seconds, "Time before it [1]")
      ->group("Benchmarks");
  verb->add_option("--hammer-rate", h.rate_per_second,
                   "Open loop at this rate; 0: as fast as it goes")
      ->group("Benchmarks");
  verb->add_option("--requests", h.requests, "Stop after so many; 0: by time")->group("Benchmarks");
  verb->add_option("--events", h.event_ids, "Events to spread holds and orders over")
      ->group("Benchmarks");
  verb->add_option("--seats-per-buyer", h.seats_per_buyer, "The office's limit [8]")
      ->group("Benchmarks");
  verb->add_option("--seats-per-call", h.seats_per_call, "Seats in one hold or order [1]")
      ->group("Benchmarks");
  verb->add_option("--shot-hold-seconds", h.hold_seconds, "Hold asked for by shots [600]")
      ->group("Benchmarks");
  auto& f = o.fan_out;
  verb->add_option("--changes-per-second", f.changes_per_second,
                   "Seat changes while viewers watch [10]")
      ->group("Benchmarks");
  verb->add_option("--fan-out-seconds", f.seconds, "How long [10]")->group("Benchmarks");
  verb->callback([options, &code] { code = rehearsal::run(*options); });
}

}  // namespace onsale::app
