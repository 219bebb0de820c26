// The closing report, for people and for programs.
//
// The JSON of a rehearsal (member: meaning; times in milliseconds, null if nothing was measured):
//   kind            "rehearsal"
//   url, event_id, seed, started_at (ISO 8601, UTC), seconds (whole run), selling_seconds
//   crowd           {buyers, arrived, viewers, curve, arrival_seconds}
//   seats           {all, available, held, sold, blocked}  at the end, and
//   sold_out_after_seconds  since the doors opened, or null
//   calls           {look|hold|extend|release|order|replay|poll|ask: {ok, refused, server_errors,
//                    resets, timeouts, unreachable, latency}}; latency: {count, mean, p50, p95, p99,
//                    p999, max} of 2xx and 4xx, from the intended start
//   refusals        {"409 RESERVATION_CONFLICT": n, …}; server_errors {"503": n, …}
//   holds, seats_held, holds_per_second (mean over the selling), orders, confirmed, cancelled,
//   seats_confirmed, replays_identical, unknown_resolved, settled (latency: POST to its end)
//   goodbyes        {"bought": n, …}: how each buyer's visit ended
//   audience        {checked, absent, updates, reads, bytes, gaps, missing, repeats, resets,
//                    reconnects, refused, unreadable, lag}
//   outages         [{from_seconds, to_seconds}]: when the office gave no answers
//   verdict         {clean, complete, each count of Verdict by its name, findings: [text]}
//
// Of a hammer run: {kind: "hammer", shot, requests, seconds, per_second, by_class {"2xx", "4xx",
// "5xx"}, by_status {"201": n}, resets, latency_us {count, mean, p50, p90, p95, p99, p999, max},
// client_cpu_us_per_request, bytes_received, from_monotonic_ns, to_monotonic_ns (CLOCK_MONOTONIC:
// so that whoever watches the server's CPU time knows which part of it was measured)}.
// Of a fan-out run: {kind: "viewers", viewers, connected, changes, seconds, expected_deliveries,
// deliveries, reads, bytes, reads_per_second, connect_seconds, latency_us, client_cpu_seconds,
// gaps, repeats, resets, reconnects, from_monotonic_ns, to_monotonic_ns}.
#pragma once

#include <string>

#include "rehearsal/crowd.hpp"
#include "rehearsal/histogram.hpp"
#include "rehearsal/stage.hpp"
#include "rehearsal/verdict.hpp"

namespace onsale::rehearsal {

struct Evening {
  const Stage& stage;
  const Crowd& crowd;
  const Verdict& verdict;
  Nanos begun = 0;
  Nanos ended = 0;
  std::string started_at;
};

std::string report_text(const Evening& evening);
std::string report_json(const Evening& evening);

// Microseconds, the form of the benchmarks' reports.
std::string latency_us_json(const Histogram& histogram);

// "-" is standard output. False, with a line on standard error, if it cannot be written.
bool write_report(const std::string& path, const std::string& json);

}  // namespace onsale::rehearsal
