// Families built at scrape time from plain counters, serialised by prometheus-cpp (open_metrics.cpp has
// the other form).
#include "app/metrics_page.hpp"

#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <sstream>
#include <string_view>

#include "api/routes/route_table.hpp"
#include "api/wire_errors.hpp"

namespace onsale::app {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void MetricsPage::counter(const char* name, const char* help, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  family(name, help, MetricType::Counter).all.metric.push_back(std::move(metric));
}
void MetricsPage::gauge(const char* name, const char* help, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family(name, help, MetricType::Gauge).all.metric.push_back(std::move(metric));
}
void MetricsPage::durations(const char* name, const char* help, const DurationSum& sum,
                            MetricLabels labels, const api::Exemplars::OfRoute* exemplars) {
  ClientMetric metric;
  metric.label = std::move(labels);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < sum.by_bucket.size(); ++i) {
    seen += sum.by_bucket[i];
    const bool last = i == kDurationBucketsUs.size();
    const double bound =
        last ? std::numeric_limits<double>::infinity() : kDurationBucketsUs[i] / 1e6;
    metric.histogram.bucket.push_back({seen, bound});
  }
  metric.histogram.sample_count = seen;
  metric.histogram.sample_sum = static_cast<double>(sum.microseconds) / 1e6;
  Family& mine = family(name, help, MetricType::Histogram);
  if (exemplars != nullptr) mine.exemplars[mine.all.metric.size()] = *exemplars;
  mine.all.metric.push_back(std::move(metric));
}
std::string MetricsPage::text(MetricsForm form) const {
  if (form == MetricsForm::open_metrics) return open_metrics();
  std::vector<MetricFamily> all;
  all.reserve(families_.size());
  for (const Family& each : families_) all.push_back(each.all);
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, all);
  return out.str();
}

MetricsPage::Family& MetricsPage::family(const char* name, const char* help, MetricType type) {
  for (Family& each : families_) {
    if (each.all.name == name) return each;
  }
  families_.push_back({{name, help, type, {}}, {}});
  return families_.back();
}

void add_build(MetricsPage& page, const Config& config) {
  page.gauge("onsale_build_info", "What runs: version, roles (all: a whole office), node", 1,
             {{"version", ONSALE_VERSION},
              {"roles", config.roles.empty() ? "all" : config.roles},
              {"node", config.node.name}});
}

// By the names that every dashboard knows.
void add_process(MetricsPage& page) {
  std::ifstream statm("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  statm >> pages >> resident;
  page.gauge("process_resident_memory_bytes", "Resident memory size in bytes",
             resident * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 2)));
  constexpr int kUserTime = 11;  // fields after the name, from 0: proc(5), stat
  constexpr int kStartTime = 19;
  std::string field;
  double user = 0;
  double system = 0;
  double started = 0;
  for (int i = 0; i <= kStartTime && fields >> field; ++i) {
    if (i == kUserTime) user = std::stod(field);
    if (i == kUserTime + 1) system = std::stod(field);
    if (i == kStartTime) started = std::stod(field);
  }
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  page.counter("process_cpu_seconds_total", "User and system CPU time spent in seconds",
               (user + system) / ticks);
  std::ifstream boot("/proc/stat");
  double booted = 0;
  while (std::getline(boot, line)) {
    if (line.starts_with("btime ")) booted = std::stod(line.substr(line.find(' ')));
  }
  page.gauge("process_start_time_seconds", "Start time of the process since the epoch in seconds",
             booted + started / ticks);
}

namespace {

void add_refusals(MetricsPage& page, const api::Route& route,
                  const api::RequestCounters::Cell& cell) {
  for (const api::WireError& error : api::kWireErrors) {
    const auto count = cell.by_code[static_cast<std::size_t>(error.code)];
    if (count == 0) continue;
    page.counter("onsale_refusals_total", "Answers that refuse, by route and code",
                 static_cast<double>(count),
                 {{"route", std::string{route.name}}, {"code", std::string{error.name}}});
  }
}

// The heart of a sale: what was asked for, what was given, why not.
void add_holds(MetricsPage& page, const api::RequestCounters::Cell& cell) {
  std::uint64_t asked = 0;
  for (const std::uint64_t count : cell.by_class) asked += count;
  page.counter("onsale_holds_asked_total", "Wishes to hold seats", static_cast<double>(asked));
  page.counter("onsale_holds_granted_total", "Wishes granted",
               static_cast<double>(cell.by_class[0]));
  for (const Code code : {Code::reservation_conflict, Code::seat_sold, Code::limit_exceeded,
                          Code::not_on_sale, Code::too_many_requests, Code::unavailable}) {
    page.counter("onsale_holds_refused_total", "Wishes refused, by reason",
                 static_cast<double>(cell.by_code[static_cast<std::size_t>(code)]),
                 {{"reason", std::string{api::wire_error(code).name}}});
  }
}

}  // namespace

void add_requests(MetricsPage& page, const api::RequestCounters& counters,
                  const api::Exemplars& exemplars) {
  constexpr std::array<const char*, 4> kClasses = {"2xx", "3xx", "4xx", "5xx"};
  const auto routes = api::route_table();
  for (std::size_t i = 0; i < api::RequestCounters::kRoutesMax; ++i) {
    if (i >= routes.size() && i + 1 < api::RequestCounters::kRoutesMax) continue;
    const std::string route = i < routes.size() ? std::string{routes[i].name} : "none";
    const std::string role =
        i < routes.size() ? std::string{api::name_of(routes[i].service)} : "none";
    const auto cell = counters.sum(i);
    for (std::size_t c = 0; c < kClasses.size(); ++c) {
      // Of a route in use the errors are there before the first: a rate needs a beginning.
      const bool in_use = cell.by_class[0] + cell.by_class[2] != 0;
      if (cell.by_class[c] == 0 && !(in_use && c == kClasses.size() - 1)) continue;
      page.counter("onsale_http_requests_total",
                   "Requests answered, by route, role and status class",
                   static_cast<double>(cell.by_class[c]),
                   {{"route", route}, {"role", role}, {"status", kClasses[c]}});
    }
  }
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto cell = counters.sum(i);
    bool any = false;
    for (const std::uint64_t count : cell.took.by_bucket) any = any || count != 0;
    if (routes[i].name == "holdSeats") add_holds(page, cell);
    if (!any) continue;
    const auto remembered = exemplars.of(i);
    page.durations("onsale_http_request_duration_seconds",
                   "From the whole request to its answer, by route and role", cell.took,
                   {{"route", std::string{routes[i].name}},
                    {"role", std::string{api::name_of(routes[i].service)}}},
                   &remembered);
    add_refusals(page, routes[i], cell);
  }
}

void add_limits(MetricsPage& page, const Config& config, const http::ServerStats& edge,
                const OrderStats& orders) {
  const auto limit = [&](const char* name, double used, std::int64_t most) {
    const MetricLabels labels{{"limit", name}};
    page.gauge("onsale_limit_used", "How much of a named limit is in use", used, labels);
    page.gauge("onsale_limit_max", "A named limit", static_cast<double>(most), labels);
  };
  limit("http.connections_max", static_cast<double>(edge.connections), config.http.connections_max);
  limit("http.in_flight_max", static_cast<double>(edge.in_flight), config.http.in_flight_max);
  limit("streams.viewers_max", static_cast<double>(edge.streams.viewers),
        config.streams.viewers_max);
  limit("payments.orders_in_flight_max", static_cast<double>(orders.sagas_in_flight),
        config.payments.orders_in_flight_max);
}

void add_loops(MetricsPage& page, const DurationSum& lag) {
  page.durations("onsale_loop_lag_seconds", "How late the event loops run what is due", lag);
}

void add_audit(MetricsPage& page, const AuditorStats& audit, Instant now) {
  constexpr double kMs = 1e3;
  page.counter("onsale_audits_total", "Audits of the open office that were finished",
               static_cast<double>(audit.audits));
  page.counter("onsale_audits_unfinished_total", "Audits for which a book could not be read",
               static_cast<double>(audit.unfinished));
  page.gauge("onsale_audit_breaches", "Broken invariants that the last audit found",
             static_cast<double>(audit.breaches));
  page.gauge("onsale_audit_oversold_seats", "Seats that two orders have; must be 0",
             static_cast<double>(audit.oversold));
  page.gauge("onsale_audit_money_astray", "Orders charged without seats or not charged; must be 0",
             static_cast<double>(audit.money_astray));
  page.gauge("onsale_audit_age_seconds", "Time since the last finished audit, or since the start",
             static_cast<double>(ms_of(now) - audit.finished_at_ms) / kMs);
  page.gauge("onsale_audit_duration_seconds", "How long the last audit took",
             static_cast<double>(audit.took_ms) / kMs);
}

void add_traces(MetricsPage& page, const OtlpStats& stats) {
  page.counter("onsale_spans_sent_total", "Spans the collector has taken",
               static_cast<double>(stats.sent));
  page.counter("onsale_spans_dropped_total", "Spans lost, by reason",
               static_cast<double>(stats.dropped_full), {{"reason", "queue_full"}});
  page.counter("onsale_spans_dropped_total", "", static_cast<double>(stats.dropped_unsent),
               {{"reason", "collector_away"}});
  page.gauge("onsale_spans_queued", "Spans waiting to be sent", static_cast<double>(stats.queued));
}

void add_edge(MetricsPage& page, const http::ServerStats& stats) {
  page.gauge("onsale_http_connections", "Open connections", static_cast<double>(stats.connections));
  page.gauge("onsale_http_requests_in_flight", "Requests being answered",
             static_cast<double>(stats.in_flight));
  page.counter("onsale_http_connections_accepted_total", "Connections accepted",
               static_cast<double>(stats.accepted));
  page.counter("onsale_http_refused_total", "Refused at a limit of the edge",
               static_cast<double>(stats.refused_connections), {{"limit", "connections_max"}});
  page.counter("onsale_http_refused_total", "", static_cast<double>(stats.refused_in_flight),
               {{"limit", "in_flight_max"}});
  page.counter("onsale_http_refused_total", "", static_cast<double>(stats.timed_out),
               {{"limit", "time"}});
  page.counter("onsale_http_refused_total", "", static_cast<double>(stats.malformed),
               {{"limit", "framing"}});
  page.gauge("onsale_stream_viewers", "Viewers of live seat streams",
             static_cast<double>(stats.streams.viewers));
  page.counter("onsale_stream_frames_sent_total", "Frames sent to viewers",
               static_cast<double>(stats.streams.frames_sent));
  page.counter("onsale_stream_bytes_sent_total", "Bytes sent to viewers",
               static_cast<double>(stats.streams.bytes_sent));
  page.counter("onsale_stream_caught_up_total", "Coalesced catch-ups of slow viewers",
               static_cast<double>(stats.streams.caught_up));
  page.counter("onsale_stream_slow_cut_total", "Viewers cut because they took nothing",
               static_cast<double>(stats.streams.cut_slow));
  page.counter("onsale_stream_refused_total", "Viewers refused at streams.viewers_max",
               static_cast<double>(stats.streams.refused_full));
}

namespace {

void add_sagas(MetricsPage& page, const OrderStats& stats) {
  constexpr std::array<const char*, 3> kSteps = {"authorise", "sell", "cancel"};
  for (std::size_t i = 0; i < kSteps.size(); ++i) {
    page.durations("onsale_saga_step_duration_seconds", "Steps of the saga, by step",
                   stats.steps[i].sum(), {{"step", kSteps[i]}});
  }
  page.durations("onsale_saga_duration_seconds", "From an order's placing to its end, by end",
                 stats.confirmed_after.sum(), {{"end", "CONFIRMED"}});
  page.durations("onsale_saga_duration_seconds", "", stats.cancelled_after.sum(),
                 {{"end", "CANCELLED"}});
}

}  // namespace

void add_orders(MetricsPage& page, const OrderStats& stats) {
  page.counter("onsale_orders_placed_total", "Orders stored", static_cast<double>(stats.placed));
  page.counter("onsale_orders_replayed_total", "Answers repeated for a known Idempotency-Key",
               static_cast<double>(stats.replayed));
  page.counter("onsale_orders_refused_total", "Orders refused before they existed",
               static_cast<double>(stats.refused));
  page.counter("onsale_orders_confirmed_total", "Orders at their good end",
               static_cast<double>(stats.confirmed));
  for (std::size_t i = 1; i < stats.cancelled.size(); ++i) {
    page.counter("onsale_orders_cancelled_total", "Orders cancelled, by reason",
                 static_cast<double>(stats.cancelled[i]),
                 {{"reason", std::string{order::name_of(static_cast<order::Reason>(i))}}});
  }
  page.counter("onsale_orders_recovered_total", "Orders taken up by recovery or the sweep",
               static_cast<double>(stats.recovered));
  page.counter("onsale_saga_step_retries_total", "Saga steps tried again",
               static_cast<double>(stats.step_retries));
  page.counter("onsale_orders_left_to_others_total", "Orders that another node had taken over",
               static_cast<double>(stats.left_to_others));
  page.counter("onsale_order_leases_renewed_total", "Leases renewed of orders that take long",
               static_cast<double>(stats.leases_renewed));
  page.gauge("onsale_sagas_in_flight", "Orders being driven",
             static_cast<double>(stats.sagas_in_flight));
  page.gauge("onsale_sagas_queued", "Orders waiting to be driven",
             static_cast<double>(stats.sagas_queued));
  add_sagas(page, stats);
}

void add_payments(MetricsPage& page, const PaymentService& payments) {
  const PaymentStats& stats = payments.stats();
  const auto outcome = [&](const char* name, std::uint64_t value) {
    page.counter("onsale_payments_total", "Outcomes at the provider", static_cast<double>(value),
                 {{"outcome", name}});
  };
  outcome("authorised", stats.authorised);
  outcome("declined", stats.declined);
  outcome("captured", stats.captured);
  outcome("voided", stats.voided);
  outcome("unknown", stats.unknown);
  page.gauge("onsale_payment_calls_open", "Calls to the provider under way",
             static_cast<double>(stats.calls_open));
  page.gauge("onsale_payment_calls_waiting", "Calls waiting for their turn",
             static_cast<double>(stats.calls_waiting));
  page.counter("onsale_payment_lookups_total", "Questions after an unknown outcome",
               static_cast<double>(stats.lookups));
  page.counter("onsale_payment_breaker_refused_total", "Calls the circuit breaker refused",
               static_cast<double>(stats.breaker_refused));
  page.gauge("onsale_payment_breaker_state", "0 closed, 1 half-open, 2 open",
             payments.breaker_state() == payment::BreakerState::closed      ? 0
             : payments.breaker_state() == payment::BreakerState::half_open ? 1
                                                                            : 2);
}

void add_outbox(MetricsPage& page, const DispatcherStats& outbox, Instant now) {
  page.counter("onsale_outbox_sent_total", "Messages the bus has taken",
               static_cast<double>(outbox.sent));
  page.durations("onsale_outbox_delay_seconds",
                 "From what a message tells of to the bus' acknowledgement, commit included",
                 outbox.acknowledged_after.sum());
  page.gauge("onsale_outbox_backlog", "Messages not yet sent", static_cast<double>(outbox.backlog));
  const auto oldest = outbox.oldest_unsent_ms.load();
  page.gauge("onsale_outbox_oldest_age_seconds", "Age of the oldest unsent message",
             oldest == 0 ? 0.0 : static_cast<double>(ms_of(now) - oldest) / 1000.0);
}

void add_fan_out(MetricsPage& page, const sse::FanOutPump::Stats& fan_out) {
  page.counter("onsale_fan_out_frames_total", "Frames encoded for viewers",
               static_cast<double>(fan_out.frames));
  page.counter("onsale_fan_out_changes_total", "Seat changes those frames told",
               static_cast<double>(fan_out.changes));
  page.durations("onsale_fan_out_delay_seconds",
                 "From a frame's first change to its hand-over to the connections", fan_out.delay);
}

}  // namespace onsale::app
