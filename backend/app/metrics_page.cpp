// Families built at scrape time from plain counters, serialised by prometheus-cpp.
#include "app/metrics_page.hpp"

#include <prometheus/text_serializer.h>

#include <array>
#include <limits>
#include <sstream>

#include "api/routes/route_table.hpp"

namespace onsale::app {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void MetricsPage::counter(const char* name, const char* help, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = value;
  family(name, help, MetricType::Counter).metric.push_back(std::move(metric));
}
void MetricsPage::gauge(const char* name, const char* help, double value, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family(name, help, MetricType::Gauge).metric.push_back(std::move(metric));
}
void MetricsPage::durations(const char* name, const char* help,
                            const api::RequestCounters::Cell& cell, MetricLabels labels) {
  ClientMetric metric;
  metric.label = std::move(labels);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < cell.by_bucket.size(); ++i) {
    seen += cell.by_bucket[i];
    const bool last = i == api::RequestCounters::kBucketsUs.size();
    const double bound =
        last ? std::numeric_limits<double>::infinity() : api::RequestCounters::kBucketsUs[i] / 1e6;
    metric.histogram.bucket.push_back({seen, bound});
  }
  metric.histogram.sample_count = seen;
  metric.histogram.sample_sum = static_cast<double>(cell.microseconds) / 1e6;
  family(name, help, MetricType::Histogram).metric.push_back(std::move(metric));
}
std::string MetricsPage::text() const {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families_);
  return out.str();
}

MetricFamily& MetricsPage::family(const char* name, const char* help, MetricType type) {
  for (MetricFamily& each : families_) {
    if (each.name == name) return each;
  }
  families_.push_back({name, help, type, {}});
  return families_.back();
}

void add_build(MetricsPage& page) {
  page.gauge("onsale_build_info", "The version that runs", 1, {{"version", ONSALE_VERSION}});
}

void add_requests(MetricsPage& page, const api::RequestCounters& counters) {
  constexpr std::array<const char*, 4> kClasses = {"2xx", "3xx", "4xx", "5xx"};
  const auto routes = api::route_table();
  for (std::size_t i = 0; i < api::RequestCounters::kRoutesMax; ++i) {
    if (i >= routes.size() && i + 1 < api::RequestCounters::kRoutesMax) continue;
    const std::string route = i < routes.size() ? std::string{routes[i].name} : "none";
    const auto cell = counters.sum(i);
    for (std::size_t c = 0; c < kClasses.size(); ++c) {
      if (cell.by_class[c] == 0) continue;
      page.counter("onsale_http_requests_total", "Requests answered, by route and status class",
                   static_cast<double>(cell.by_class[c]),
                   {{"route", route}, {"status", kClasses[c]}});
    }
  }
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto cell = counters.sum(i);
    if (cell.by_bucket.back() == 0 && cell.microseconds == 0) continue;
    page.durations("onsale_http_request_duration_seconds",
                   "From the whole request to its answer, by route", cell,
                   {{"route", std::string{routes[i].name}}});
  }
}

void add_edge(MetricsPage& page, const http::ServerStats& stats) {
  page.gauge("onsale_http_connections", "Open connections", static_cast<double>(stats.connections));
  page.gauge("onsale_http_requests_in_flight", "Requests being answered",
             static_cast<double>(stats.in_flight));
  page.counter("onsale_http_connections_total", "Connections accepted",
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
}

}  // namespace onsale::app
