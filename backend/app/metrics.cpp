// Families built at scrape time from plain counters, serialised by prometheus-cpp.
#include "app/metrics.hpp"

#include "app/metrics_page.hpp"
#include "app/run_now.hpp"

namespace onsale::app {
namespace {

void add_seats(MetricsPage& page, const MetricSources& sources) {
  std::size_t shown = 0;
  const Instant now = sources.clock.now();
  for (const auto& entry : sources.catalog.all()) {
    if (entry.offer->sale_state(now) != catalog::SaleState::on_sale) continue;
    if (shown++ == kEventsInMetricsMax) break;
    const EventId id = entry.offer->event().id;
    const auto counts = run_now(sources.ledger.counts(id));
    if (!counts) continue;
    const std::string event = std::to_string(id.value);
    const auto seats = [&](const char* state, std::uint64_t value) {
      page.gauge("onsale_seats", "Seats by event on sale and state", static_cast<double>(value),
                 {{"event", event}, {"state", state}});
    };
    seats("available", counts->available);
    seats("held", counts->held);
    seats("pinned", counts->pinned);
    seats("sold", counts->sold);
    seats("blocked", counts->blocked);
    page.gauge("onsale_feed_version", "Version of an event's feed",
               static_cast<double>(counts->version.value), {{"event", event}});
  }
  page.counter("onsale_holds_lapsed_total", "Holds and pins freed because their time was over",
               static_cast<double>(sources.ledger.lapsed_total()));
  page.durations("onsale_expiry_lateness_seconds",
                 "From the end of a hold or pin to its seat's freedom", sources.ledger.late());
}

void add_store(MetricsPage& page, const char* file, const sqlite::DatabaseStats& stats) {
  const MetricLabels labels{{"file", file}};
  page.counter("onsale_store_commits_total", "Durable commits", static_cast<double>(stats.commits),
               labels);
  page.counter("onsale_store_commands_total", "Commands in those commits",
               static_cast<double>(stats.commands), labels);
  page.counter("onsale_store_failed_commits_total", "Commits the disk refused",
               static_cast<double>(stats.failed_commits), labels);
  page.counter("onsale_store_refused_total", "Commands refused because the queue was full",
               static_cast<double>(stats.refused), labels);
  page.gauge("onsale_store_queued", "Commands waiting", static_cast<double>(stats.queued), labels);
}

}  // namespace

std::string render_metrics(const MetricSources& sources, MetricsForm form) {
  MetricsPage page;
  const http::ServerStats edge = sources.server.stats();
  add_build(page, sources.config);
  add_process(page);
  add_requests(page, sources.api.counters(), sources.api.exemplars());
  add_edge(page, edge);
  add_limits(page, sources.config, edge, sources.orders.stats());
  add_loops(page, sources.loops.sum());
  add_seats(page, sources);
  add_orders(page, sources.orders.stats());
  add_payments(page, sources.payments);
  add_outbox(page, sources.outbox.stats(), sources.clock.now());
  add_store(page, "office", sources.office.stats());
  add_store(page, "provider", sources.provider.stats());
  add_fan_out(page, sources.pump.stats());
  if (sources.auditor.on()) add_audit(page, sources.auditor.stats(), sources.clock.now());
  if (sources.probe != nullptr) add_traces(page, sources.probe->stats());
  return page.text(form);
}

}  // namespace onsale::app
