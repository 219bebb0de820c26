// The families of a role.
#include "app/scaled_metrics.hpp"

#include "app/metrics.hpp"
#include "app/metrics_page.hpp"

namespace onsale::app {
namespace {

void add_map(MetricsPage& page, const catalog::CatalogService& catalog, Instant now) {
  std::size_t shown = 0;
  for (const auto& entry : catalog.all()) {
    if (entry.offer->sale_state(now) != catalog::SaleState::on_sale) continue;
    if (shown++ == kEventsInMetricsMax) break;
    const auto counts = entry.seat_map->counts();
    const std::string event = std::to_string(entry.offer->event().id.value);
    for (const auto status : {seat::WireStatus::available, seat::WireStatus::held,
                              seat::WireStatus::sold, seat::WireStatus::blocked}) {
      page.gauge("onsale_map_seats", "Seats by event on sale and state, as viewers see them",
                 counts.of_status[static_cast<std::size_t>(status)],
                 {{"event", event}, {"state", std::string{seat::name_of(status)}}});
    }
    page.gauge("onsale_feed_version", "Version of an event's feed that the map stands at",
               static_cast<double>(counts.version.value), {{"event", event}});
  }
}

void add_database(MetricsPage& page, const mysql::DatabaseStats& stats) {
  page.gauge("onsale_db_healthy", "A writer is connected", stats.healthy ? 1 : 0);
  page.counter("onsale_store_commits_total", "Durable commits", static_cast<double>(stats.commits));
  page.counter("onsale_store_commands_total", "Commands in those commits",
               static_cast<double>(stats.commands));
  page.counter("onsale_store_failed_commits_total", "Commits that failed",
               static_cast<double>(stats.failed_commits));
  page.counter("onsale_store_refused_total", "Commands refused: queue full or no connection",
               static_cast<double>(stats.refused));
  page.counter("onsale_db_retried_total", "Transactions begun again",
               static_cast<double>(stats.retried));
  page.counter("onsale_db_conflicts_total", "Transactions begun again because a key was taken",
               static_cast<double>(stats.conflicts));
  page.counter("onsale_db_reconnects_total", "Connections made anew",
               static_cast<double>(stats.reconnects));
  page.gauge("onsale_store_queued", "Commands waiting", static_cast<double>(stats.queued));
  page.gauge("onsale_db_reads_queued", "Reads waiting", static_cast<double>(stats.reads_queued));
}

void add_kafka(MetricsPage& page, const KafkaStats& stats) {
  page.gauge("onsale_kafka_reachable", "A broker answers", stats.reachable ? 1 : 0);
  page.counter("onsale_kafka_published_total", "Messages the brokers have acknowledged",
               static_cast<double>(stats.published));
  page.counter("onsale_kafka_publish_failures_total", "Messages not acknowledged, each time",
               static_cast<double>(stats.publish_failures));
  for (const KafkaConsumerStats& consumer : stats.consumers) {
    const MetricLabels labels{{"consumer", consumer.name}};
    page.counter("onsale_kafka_handled_total", "Messages that had their effect",
                 static_cast<double>(consumer.handled), labels);
    page.counter("onsale_kafka_retries_total", "Messages tried again",
                 static_cast<double>(consumer.retries), labels);
    page.counter("onsale_kafka_dead_letters_total", "Messages given up",
                 static_cast<double>(consumer.dead_letters), labels);
    page.gauge("onsale_kafka_lag", "Messages that have had no effect yet",
               static_cast<double>(consumer.lag), labels);
  }
}

void add_reconciler(MetricsPage& page, const ReconcilerStats& stats) {
  page.counter("onsale_reconciled_total", "Rounds in which seats were held against orders",
               static_cast<double>(stats.rounds));
  page.counter("onsale_reconcile_suspects_total", "Seats that were looked at a second time",
               static_cast<double>(stats.suspects));
  for (std::size_t i = 0; i < kRepairs; ++i) {
    page.counter("onsale_seats_repaired_total", "Seats that were wrong and were set right",
                 static_cast<double>(stats.repaired[i]),
                 {{"repair", std::string{name_of(static_cast<Repair>(i))}}});
  }
}

void add_peer(MetricsPage& page, const char* role, const PeerClient& peer) {
  const MetricLabels labels{{"role", role}};
  const PeerStats& stats = peer.stats();
  page.gauge("onsale_peer_reachable", "Some node is not known to be away", peer.reachable() ? 1 : 0,
             labels);
  page.counter("onsale_peer_asked_total", "Questions to a peer", static_cast<double>(stats.asked),
               labels);
  page.counter("onsale_peer_asked_again_total", "Questions asked again",
               static_cast<double>(stats.asked_again), labels);
  page.counter("onsale_peer_unanswered_total", "Questions given up",
               static_cast<double>(stats.unanswered), labels);
  page.counter("onsale_peer_breaker_refused_total", "Questions the circuit breakers refused",
               static_cast<double>(stats.breaker_refused), labels);
}

}  // namespace

std::string render_scaled_metrics(const ScaledMetricSources& sources, MetricsForm form) {
  MetricsPage page;
  const Instant now = sources.clock.now();
  const http::ServerStats edge = sources.server.stats();
  add_build(page, sources.config);
  add_process(page);
  add_requests(page, sources.api.counters(), sources.api.exemplars());
  add_edge(page, edge);
  add_limits(page, sources.config, edge, sources.orders.stats());
  add_loops(page, sources.loops.sum());
  if (sources.shows_map) {
    add_map(page, sources.catalog, now);
    add_fan_out(page, sources.pump.stats());
  }
  add_orders(page, sources.orders.stats());
  if (sources.payments != nullptr) add_payments(page, *sources.payments);
  add_outbox(page, sources.outbox.stats(), now);
  page.counter("onsale_outcomes_applied_total", "Outcomes applied to seats by event",
               static_cast<double>(sources.consumer.applied()));
  page.counter("onsale_outcomes_repeated_total", "Outcomes that had been applied before",
               static_cast<double>(sources.consumer.repeated()));
  if (sources.reconciler != nullptr) add_reconciler(page, sources.reconciler->stats());
  add_database(page, sources.office.stats());
  if (sources.redis != nullptr) {
    page.gauge("onsale_redis_reachable", "The seats' Redis answers", sources.redis_up ? 1 : 0);
    page.counter("onsale_ledger_rebuilt_total", "Events rebuilt from the orders by this process",
                 static_cast<double>(sources.redis->rebuilt_total()));
    page.counter("onsale_refused_from_copy_total",
                 "Holds of SOLD or BLOCKED seats refused by this node's copy of the feed",
                 static_cast<double>(sources.redis->refused_from_copy_total()));
    page.counter("onsale_refusal_reads_total", "Reads of the feed that proved those refusals",
                 static_cast<double>(sources.redis->refusal_reads_total()));
    page.counter("onsale_holds_lapsed_total", "Holds and pins freed because their time was over",
                 static_cast<double>(sources.redis->lapsed_total()));
  }
  if (sources.kafka != nullptr) add_kafka(page, sources.kafka->stats());
  if (sources.reservation.stats().asked > 0) add_peer(page, "reservation", sources.reservation);
  if (sources.payment.stats().asked > 0) add_peer(page, "payment", sources.payment);
  const http::ClientStats& calls = sources.client.stats();
  page.gauge("onsale_peer_connections", "Open connections to peers",
             static_cast<double>(calls.open));
  page.gauge("onsale_peer_calls_waiting", "Calls waiting for a connection",
             static_cast<double>(calls.waiting));
  if (sources.auditor.on()) add_audit(page, sources.auditor.stats(), now);
  if (sources.probe != nullptr) add_traces(page, sources.probe->stats());
  return page.text(form);
}

}  // namespace onsale::app
