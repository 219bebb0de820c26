#!/usr/bin/python3
"""The Grafana dashboards as code: what each panel asks Prometheus, and why.

    deploy/grafana/dashboards.py           writes dashboards/*.json
    deploy/grafana/dashboards.py --check   says which of them are not what this file makes

A panel is (title, unit, why, [(legend, expression), …]). `only` names the form of the office whose panel it is: a whole
office in one process has no Kafka, a role's process no journal. Tests run every expression against a real Prometheus that
scrapes a real sale (backend/tests/service/test_watch.py and scaled/test_scaled_watch.py).
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent / "dashboards"
RATE = "$__rate_interval"
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, COLUMNS = 8, 8, 3


def quantiles(metric: str, by: str = "", where: str = "", of=(50, 95, 99)) -> list:
    """Lines of a histogram; `by`: one set for each value of that label."""
    labels = f"le, {by}" if by else "le"
    name = f"{{{{{by}}}}} " if by else ""
    return [(f"{name}p{q}", f"histogram_quantile({q / 100:g}, sum by ({labels}) (rate({metric}_bucket{where}[{RATE}])))") for q in of]


def rate(metric: str, legend: str, by: str = "", where: str = "") -> tuple:
    return legend, f"sum{f' by ({by})' if by else ''} (rate({metric}{where}[{RATE}]))"


HOLD_ORDER = '{route=~"holdSeats|placeOrder"}'

DASHBOARDS = {
    "onsale-now": ("On sale now", "What buyers meet this minute.", [
        ("Seats left", "short", "By event on sale; a map's view in an office by roles.",
         [("event {{event}}", 'max by (event) (onsale_seats{state="available"} or onsale_map_seats{state="AVAILABLE"})')]),
        ("Seats by state", "short", "All events on sale together.",
         [("{{state}}", "sum by (state) (max by (event, state) (onsale_seats or onsale_map_seats))")]),
        ("Funnel, a second", "ops", "Holds asked for, granted; orders placed; orders confirmed.",
         [rate("onsale_holds_asked_total", "holds asked"), rate("onsale_holds_granted_total", "holds granted"),
          rate("onsale_orders_placed_total", "orders placed"), rate("onsale_orders_confirmed_total", "confirmed")]),
        ("Holds and orders: latency", "s", "From the whole request to its answer. The promise: p95 below 300 ms.",
         quantiles("onsale_http_request_duration_seconds", "route", HOLD_ORDER)),
        ("Holds refused, by reason", "ops", "What a busy sale says no with; none of it is an error.",
         [rate("onsale_holds_refused_total", "{{reason}}", "reason")]),
        ("Refusals, by route and code", "ops", "Every answer that refuses.",
         [rate("onsale_refusals_total", "{{route}} {{code}}", "route, code")]),
        ("Viewers", "short", "Open streams of live seats.", [("viewers", "sum(onsale_stream_viewers)")]),
        ("Change → viewers", "s", "From a frame's first change to its hand-over to the connections.",
         quantiles("onsale_fan_out_delay_seconds")),
        ("Slow viewers", "ops", "Caught up by a coalesced frame, cut, or refused at streams.viewers_max.",
         [rate("onsale_stream_caught_up_total", "caught up"), rate("onsale_stream_slow_cut_total", "cut"),
          rate("onsale_stream_refused_total", "refused")]),
        ("Seats come free late", "s", "From the end of a hold to its seat's freedom; at most a second is promised.",
         quantiles("onsale_expiry_lateness_seconds"), "embedded"),
        ("Feed versions", "short", "How fast each event's feed grows.",
         [("event {{event}}", f"max by (event) (deriv(onsale_feed_version[{RATE}]))")]),
        ("Requests, by role and status", "reqps", "Everything that is answered.",
         [rate("onsale_http_requests_total", "{{role}} {{status}}", "role, status")]),
    ]),
    "onsale-saga": ("Saga and outbox", "From an order to its end, and what it tells the world.", [
        ("Orders under way", "short", "Driven now, and waiting for their turn.",
         [("in flight", "sum(onsale_sagas_in_flight)"), ("queued", "sum(onsale_sagas_queued)")]),
        ("Ends, a second", "ops", "Where orders end.",
         [rate("onsale_orders_confirmed_total", "CONFIRMED"), rate("onsale_orders_cancelled_total", "CANCELLED {{reason}}", "reason")]),
        ("Placing → end", "s", "How long buyers wait for the end of an order.", quantiles("onsale_saga_duration_seconds", "end")),
        ("Steps", "s", "How long each step of the saga takes.", quantiles("onsale_saga_step_duration_seconds", "step", of=(50, 99))),
        ("Steps tried again", "ops", "A port was away or did not know.", [rate("onsale_saga_step_retries_total", "retries"),
                                                                       rate("onsale_orders_recovered_total", "orders recovered")]),
        ("Payment outcomes", "ops", "What the provider said.", [rate("onsale_payments_total", "{{outcome}}", "outcome")]),
        ("Calls to the provider", "short", "Under way and waiting.",
         [("open", "sum(onsale_payment_calls_open)"), ("waiting", "sum(onsale_payment_calls_waiting)")]),
        ("Circuit breaker", "short", "0 closed, 1 half-open, 2 open.",
         [("{{instance}}", "onsale_payment_breaker_state"), rate("onsale_payment_breaker_refused_total", "refused a second")]),
        ("Outbox: backlog", "short", "Events not yet sent.", [("{{instance}}", "onsale_outbox_backlog")]),
        ("Outbox: age", "s", "Of the oldest event not yet sent.", [("{{instance}}", "onsale_outbox_oldest_age_seconds")]),
        ("Outbox: sent", "ops", "Events the bus has taken.", [rate("onsale_outbox_sent_total", "sent")]),
        ("Orders repeated and refused", "ops", "Answers given again for a known key; orders refused before they existed.",
         [rate("onsale_orders_replayed_total", "replayed"), rate("onsale_orders_refused_total", "refused")]),
    ]),
    "onsale-engines": ("Engines", "What the office stands on.", [
        ("Commits", "ops", "Durable commits, and commands in them: the more in one, the busier the rush.",
         [rate("onsale_store_commits_total", "commits"), rate("onsale_store_commands_total", "commands")]),
        ("Commands waiting", "short", "For the store's writer.", [("{{instance}} {{file}}", "onsale_store_queued")]),
        ("Commits that failed", "ops", "Or were refused for want of room.",
         [rate("onsale_store_failed_commits_total", "failed"), rate("onsale_store_refused_total", "refused")]),
        ("Event loops: lag", "s", "How late the loops run what is due.", quantiles("onsale_loop_lag_seconds", of=(50, 99))),
        ("Limits", "percentunit", "How full the named limits are.",
         [("{{instance}} {{limit}}", "onsale_limit_used / onsale_limit_max")]),
        ("Connections", "short", "Open, and requests being answered.",
         [("connections", "sum(onsale_http_connections)"), ("in flight", "sum(onsale_http_requests_in_flight)")]),
        ("Refused at the edge", "ops", "By named limit.", [rate("onsale_http_refused_total", "{{limit}}", "limit")]),
        ("Processor", "percentunit", "Cores in use.", [("{{instance}}", f"rate(process_cpu_seconds_total[{RATE}])")]),
        ("Memory", "bytes", "Resident.", [("{{instance}}", "process_resident_memory_bytes")]),
        ("Engines reachable", "short", "1: it answers.",
         [("Redis {{instance}}", "onsale_redis_reachable"), ("database {{instance}}", "onsale_db_healthy"),
          ("Kafka {{instance}}", "onsale_kafka_reachable")], "scaled"),
        ("Kafka: published and handled", "ops", "Events acknowledged by the brokers; events that had their effect.",
         [rate("onsale_kafka_published_total", "published"), rate("onsale_kafka_handled_total", "{{consumer}}", "consumer")], "scaled"),
        ("Kafka: lag", "short", "Events that have had no effect yet.", [("{{consumer}}", "sum by (consumer) (onsale_kafka_lag)")],
         "scaled"),
        ("Kafka: trouble", "ops", "Not acknowledged, tried again, given up.",
         [rate("onsale_kafka_publish_failures_total", "not acknowledged"), rate("onsale_kafka_retries_total", "retries"),
          rate("onsale_kafka_dead_letters_total", "dead letters")], "scaled"),
        ("Database: again", "ops", "Transactions begun again, connections made anew, keys taken.",
         [rate("onsale_db_retried_total", "retried"), rate("onsale_db_reconnects_total", "reconnects"),
          rate("onsale_db_conflicts_total", "conflicts")], "scaled"),
        ("Peers", "ops", "Questions between the roles.",
         [rate("onsale_peer_asked_total", "asked {{role}}", "role"), rate("onsale_peer_asked_again_total", "again {{role}}", "role"),
          rate("onsale_peer_unanswered_total", "unanswered {{role}}", "role")], "scaled"),
    ]),
    "onsale-slo": ("SLO", "The promise: p95 of hold and order below 300 ms, errors below 0.5 %, nothing sold twice.", [
        ("Seats sold twice", "short", "By the background audit. Anything but 0 pages at once.",
         [("oversold", "max(onsale_audit_oversold_seats)")]),
        ("Money astray", "short", "Charged without seats, or seats not charged.", [("orders", "max(onsale_audit_money_astray)")]),
        ("Audit age", "s", "Since the last finished audit.", [("{{instance}}", "onsale_audit_age_seconds")]),
        ("Holds and orders within 300 ms", "percentunit", "At least 95 % are promised.",
         [("within", f'sum(rate(onsale_http_request_duration_seconds_bucket{{route=~"holdSeats|placeOrder",le="0.3"}}[{RATE}])) / '
                     f'sum(rate(onsale_http_request_duration_seconds_count{HOLD_ORDER}[{RATE}]))')]),
        ("Budget burnt: slow", "short", "1: exactly as fast as is promised at most; 4 for five minutes pages.",
         [("1 minute", "onsale:slow:ratio1m / 0.05"), ("5 minutes", "onsale:slow:ratio5m / 0.05"),
          ("30 minutes", "onsale:slow:ratio30m / 0.05")]),
        ("p95", "s", "Of holds and orders.", quantiles("onsale_http_request_duration_seconds", "route", HOLD_ORDER, of=(95,))),
        ("Errors", "percentunit", "5xx of all answers of catalog, reservation and order. At most 0.5 % are promised.",
         [("1 minute", "onsale:errors:ratio1m"), ("5 minutes", "onsale:errors:ratio5m")]),
        ("Budget burnt: errors", "short", "10 for five minutes pages.",
         [("1 minute", "onsale:errors:ratio1m / 0.005"), ("5 minutes", "onsale:errors:ratio5m / 0.005"),
          ("30 minutes", "onsale:errors:ratio30m / 0.005")]),
        ("Broken invariants", "short", "That the last audit found.", [("{{instance}}", "onsale_audit_breaches")]),
    ]),
}


def panel(number: int, spec: tuple) -> dict:
    title, unit, why, lines = spec[:4]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "description": why,
        "datasource": DATASOURCE,
        "gridPos": {"x": number % COLUMNS * WIDTH, "y": number // COLUMNS * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"lineWidth": 1, "fillOpacity": 8, "showPoints": "never"}},
                        "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"refId": chr(ord("A") + i), "datasource": DATASOURCE, "expr": expression, "legendFormat": legend,
                     "exemplar": "_bucket" in expression} for i, (legend, expression) in enumerate(lines)],
    }


def dashboard(uid: str) -> dict:
    title, why, specs = DASHBOARDS[uid]
    return {
        "uid": uid, "title": f"Onsale · {title}", "description": why, "tags": ["onsale"], "schemaVersion": 39, "version": 1,
        "editable": False, "refresh": "5s", "time": {"from": "now-15m", "to": "now"}, "timezone": "browser",
        "annotations": {"list": []},
        "links": [{"type": "dashboards", "title": "Onsale", "tags": ["onsale"], "asDropdown": False, "keepTime": True}],
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]},
        "panels": [panel(number, spec) for number, spec in enumerate(specs)],
    }


def expressions(form: str) -> list:
    """(dashboard, panel, expression) of everything that an office of that form has."""
    return [(uid, spec[0], expression) for uid, (_, _, specs) in DASHBOARDS.items() for spec in specs
            if len(spec) < 5 or spec[4] == form for _, expression in spec[3]]


def main() -> int:
    stale = []
    for uid in DASHBOARDS:
        path, text = HERE / f"{uid}.json", json.dumps(dashboard(uid), ensure_ascii=False, indent=1) + "\n"
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print("not what dashboards.py makes:", ", ".join(stale))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
