// Text for the organiser, JSON for the next program; both from the same records.
#include "rehearsal/report.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <utility>

#include "rehearsal/live_view.hpp"

namespace onsale::rehearsal {

namespace {

namespace bj = boost::json;

double to_thousandths(double value) { return std::round(value * 1'000) / 1'000; }

bj::value latency(const Histogram& histogram, double unit_nanos) {
  if (histogram.count() == 0) return nullptr;
  const auto told = [&](double nanos) { return to_thousandths(nanos / unit_nanos); };
  const auto at = [&](double share) {
    return told(static_cast<double>(histogram.percentile(share)));
  };
  return bj::object{{"count", histogram.count()},
                    {"mean", told(histogram.mean())},
                    {"p50", at(0.50)},
                    {"p90", at(0.90)},
                    {"p95", at(0.95)},
                    {"p99", at(0.99)},
                    {"p999", at(0.999)},
                    {"max", told(static_cast<double>(histogram.max()))}};
}

bj::value latency_ms(const Histogram& histogram) { return latency(histogram, 1e6); }

std::string_view curve_word(Curve curve) {
  switch (curve) {
    case Curve::constant:
      return "constant";
    case Curve::step:
      return "step";
    case Curve::ramp:
      return "ramp";
  }
  return "";
}

struct Count {
  const char* name;
  const char* meaning;
  std::uint64_t Verdict::* field;
};
constexpr Count counts[] = {
    {"oversold_seats", "seats sold twice", &Verdict::oversold_seats},
    {"sold_to_nobody", "seats sold to nobody", &Verdict::sold_to_nobody},
    {"lost_orders", "acknowledged orders lost", &Verdict::lost_orders},
    {"unsold_orders", "confirmed orders whose seats are not sold", &Verdict::unsold_orders},
    {"unfinished_orders", "orders without an end", &Verdict::unfinished_orders},
    {"false_refusals", "refusals of a free seat", &Verdict::false_refusals},
    {"double_holds", "seats granted to two buyers at once", &Verdict::double_holds},
    {"revoked_holds", "holds taken away before their time", &Verdict::revoked_holds},
    {"broken_replays", "repeated orders answered differently", &Verdict::broken_replays},
    {"stale_viewers", "viewers left with a wrong map", &Verdict::stale_viewers},
};

std::string latency_line(const char* name, const Histogram& histogram) {
  char line[160];
  std::snprintf(line, sizeof line, "  %-22s p50 %8s   p95 %8s   p99 %8s   max %8s ms\n", name,
                milliseconds_text(histogram.percentile(0.50)).c_str(),
                milliseconds_text(histogram.percentile(0.95)).c_str(),
                milliseconds_text(histogram.percentile(0.99)).c_str(),
                milliseconds_text(histogram.max()).c_str());
  return line;
}

double seconds_between(Nanos from, Nanos to) { return static_cast<double>(to - from) / 1e9; }

}  // namespace

std::string report_text(const Evening& evening) {
  const Tally& tally = evening.stage.tally;
  const AudienceTally& audience = evening.stage.audience.tally;
  const Verdict& verdict = evening.verdict;
  const Board board =
      evening.stage.history.closing ? evening.stage.history.closing->board : evening.crowd.board();
  std::string text = "\nRehearsal of event " + std::to_string(evening.stage.options.event_id) +
                     " at " + evening.stage.options.url + ", seed " +
                     std::to_string(evening.stage.options.seed) + "\n\n";
  const auto add = [&](std::string_view name, const std::string& value) {
    text += "  " + std::string(name) + std::string(name.size() < 22 ? 22 - name.size() : 1, ' ') +
            value + "\n";
  };
  const auto n = [](std::uint64_t value) { return std::to_string(value); };
  add("buyers", n(tally.buyers_arrived) + " came, " +
                    n(tally.goodbyes.contains("bought") ? tally.goodbyes.at("bought") : 0) +
                    " bought");
  add("seats", n(board.size()) + ": " + n(board.count(SeatStatus::sold)) + " sold, " +
                   n(board.count(SeatStatus::held)) + " held, " +
                   n(board.count(SeatStatus::available)) + " available, " +
                   n(board.count(SeatStatus::blocked)) + " blocked");
  if (evening.crowd.sold_out() != 0) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f s after the doors opened",
                  seconds_between(evening.crowd.opened(), evening.crowd.sold_out()));
    add("sold out", seconds);
  }
  add("holds", n(tally.holds) + " granted (" + n(tally.seats_held) + " seats), " +
                   n(tally.of(Call::hold).refused) + " refused");
  add("orders", n(tally.orders) + " acknowledged, " + n(tally.confirmed) + " confirmed (" +
                    n(tally.seats_confirmed) + " seats), " + n(tally.cancelled) + " cancelled");
  add("same key again", n(tally.replays_identical) + " identical answers");
  text += latency_line("hold", tally.of(Call::hold).latency);
  text += latency_line("order", tally.of(Call::order).latency);
  text += latency_line("order to its end", tally.settled);
  text += latency_line("viewers' lag", evening.stage.audience.lag_book.lag());
  add("viewers", n(evening.crowd.viewers_checked()) + " compared with the map, " +
                     n(evening.crowd.viewers_absent()) + " absent; " + n(audience.updates) +
                     " updates, " + n(audience.gaps) + " gaps, " + n(audience.repeats) +
                     " repeats, " + n(audience.resets) + " resets, " + n(audience.reconnects) +
                     " reconnects");
  for (const auto& [code, times] : tally.refusals) add("refused", n(times) + " × " + code);
  for (const auto& [status, times] : tally.server_errors) {
    add("server error", n(times) + " × " + std::to_string(status));
  }
  std::uint64_t cut = 0;
  for (const CallTally& call : tally.by_call) cut += call.resets + call.timeouts + call.unreachable;
  if (cut > 0) {
    add("no answer", n(cut) + " (the office was away " + n(evening.stage.history.outages.size()) +
                         " times); " + n(tally.unknown_resolved) + " outcomes learned by asking");
  }
  for (const auto& [how, times] : tally.goodbyes) add("went home", n(times) + ": " + how);
  text += "\n";
  for (const Count& count : counts) {
    const std::uint64_t found = verdict.*count.field;
    text += std::string(found == 0 ? "  ok      " : "  BREACH  ") + n(found) + " " + count.meaning +
            "\n";
  }
  text += "          (" + n(verdict.refusals_judged) + " refusals judged, " +
          n(verdict.refusals_unjudged) + " could not be)\n";
  for (const std::string& finding : verdict.findings) text += "  - " + finding + "\n";
  text +=
      verdict.clean() ? "\nVerdict: clean" : "\nVerdict: " + n(verdict.breaches()) + " breaches";
  if (evening.crowd.cut_short()) text += " (cut short: not everybody was done)";
  return text + "\n";
}

std::string report_json(const Evening& evening) {
  const Stage& stage = evening.stage;
  const Options& options = stage.options;
  const Tally& tally = stage.tally;
  const AudienceTally& audience = stage.audience.tally;
  const Board board = stage.history.closing ? stage.history.closing->board : evening.crowd.board();
  const double selling = static_cast<double>(evening.crowd.crowd_seconds_nanos()) / 1e9;

  bj::object calls;
  for (std::size_t i = 0; i < call_kinds; ++i) {
    const CallTally& call = tally.by_call[i];
    calls[call_names[i]] = bj::object{
        {"ok", call.ok},
        {"refused", call.refused},
        {"server_errors", call.server_errors},
        {"resets", call.resets},
        {"timeouts", call.timeouts},
        {"unreachable", call.unreachable},
        {"latency", latency_ms(call.latency)},
    };
  }
  bj::object refusals;
  for (const auto& [code, times] : tally.refusals) refusals[code] = times;
  bj::object server_errors;
  for (const auto& [status, times] : tally.server_errors) {
    server_errors[std::to_string(status)] = times;
  }
  bj::object goodbyes;
  for (const auto& [how, times] : tally.goodbyes) goodbyes[how] = times;
  bj::array outages;
  for (const Span& outage : stage.history.outages) {
    outages.push_back(
        bj::object{{"from_seconds", to_thousandths(seconds_between(evening.begun, outage.from))},
                   {"to_seconds", to_thousandths(seconds_between(evening.begun, outage.to))}});
  }
  bj::object verdict{{"clean", evening.verdict.clean()}, {"complete", !evening.crowd.cut_short()}};
  for (const Count& count : counts) verdict[count.name] = evening.verdict.*count.field;
  verdict["refusals_judged"] = evening.verdict.refusals_judged;
  verdict["refusals_unjudged"] = evening.verdict.refusals_unjudged;
  bj::array findings;
  for (const std::string& finding : evening.verdict.findings)
    findings.push_back(bj::string(finding));
  verdict["findings"] = std::move(findings);

  const bj::object report{
      {"kind", "rehearsal"},
      {"url", options.url},
      {"event_id", options.event_id},
      {"seed", options.seed},
      {"started_at", evening.started_at},
      {"seconds", to_thousandths(seconds_between(evening.begun, evening.ended))},
      {"selling_seconds", to_thousandths(selling)},
      {"crowd",
       {{"buyers", options.buyers},
        {"arrived", tally.buyers_arrived},
        {"viewers", options.viewers},
        {"curve", curve_word(options.arrival.curve)},
        {"arrival_seconds", options.arrival.rate_per_second > 0
                                ? options.buyers / options.arrival.rate_per_second
                                : options.arrival.seconds}}},
      {"seats",
       {{"all", board.size()},
        {"available", board.count(SeatStatus::available)},
        {"held", board.count(SeatStatus::held)},
        {"sold", board.count(SeatStatus::sold)},
        {"blocked", board.count(SeatStatus::blocked)}}},
      {"sold_out_after_seconds", evening.crowd.sold_out() == 0
                                     ? bj::value(nullptr)
                                     : bj::value(to_thousandths(seconds_between(
                                           evening.crowd.opened(), evening.crowd.sold_out())))},
      {"calls", std::move(calls)},
      {"refusals", std::move(refusals)},
      {"server_errors", std::move(server_errors)},
      {"holds", tally.holds},
      {"seats_held", tally.seats_held},
      {"holds_per_second",
       selling > 0 ? to_thousandths(static_cast<double>(tally.holds) / selling) : 0},
      {"orders", tally.orders},
      {"confirmed", tally.confirmed},
      {"cancelled", tally.cancelled},
      {"seats_confirmed", tally.seats_confirmed},
      {"replays_identical", tally.replays_identical},
      {"unknown_resolved", tally.unknown_resolved},
      {"settled", latency_ms(tally.settled)},
      {"goodbyes", std::move(goodbyes)},
      {"audience",
       {{"checked", evening.crowd.viewers_checked()},
        {"absent", evening.crowd.viewers_absent()},
        {"updates", audience.updates},
        {"reads", audience.reads},
        {"bytes", audience.bytes},
        {"gaps", audience.gaps},
        {"missing", audience.missing},
        {"repeats", audience.repeats},
        {"resets", audience.resets},
        {"reconnects", audience.reconnects},
        {"refused", audience.refused},
        {"unreadable", audience.unreadable},
        {"lag", latency_ms(stage.audience.lag_book.lag())}}},
      {"outages", std::move(outages)},
      {"verdict", std::move(verdict)},
  };
  return bj::serialize(report);
}

std::string latency_us_json(const Histogram& histogram) {
  return bj::serialize(latency(histogram, 1e3));
}

bool write_report(const std::string& path, const std::string& json) {
  if (path.empty()) return true;
  const bool to_stdout = path == "-";
  std::FILE* file = to_stdout ? stdout : std::fopen(path.c_str(), "w");
  const bool written = file != nullptr && std::fputs((json + "\n").c_str(), file) >= 0;
  const bool closed = file == nullptr || (to_stdout ? std::fflush(file) : std::fclose(file)) == 0;
  if (!written || !closed) {
    std::fprintf(stderr, "onsale rehearse: cannot write the report to %s\n", path.c_str());
    return false;
  }
  return true;
}

}  // namespace onsale::rehearsal
