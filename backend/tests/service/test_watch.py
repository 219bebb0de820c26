"""Metrics, dashboards and alerts of an office in one process, watched by a real Prometheus while it sells."""

import json
import re
import sqlite3
import time

import pytest

import watching
from client import Buyer, Internal, Public
from live_sale import LiveSale
from sse import SseClient
from watch_stack import Prometheus

PAGE = "/actuator/prometheus"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
OFFICE = {"holds.seconds_min": 1, "payments.mock.success_share": 0.7, "audit.every_seconds": 1}


@pytest.fixture(scope="module")
def sale(office):
    going_on = LiveSale(office)
    yield going_on
    going_on.end()


def page(office, accept=None) -> str:
    operator = Internal(office)
    answer = operator.request("GET", PAGE, None, {"Accept": accept} if accept else {})
    operator.close()
    assert answer.status == 200, answer
    return answer.body.decode()


def value(text: str, pattern: str) -> float:
    """The sum of the samples whose line begins as `pattern` says."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(pattern, line))


def test_every_metric_is_in_the_table_and_every_row_on_the_page(office, sale):
    time.sleep(3)
    assert watching.differences(page(office), "embedded") == []


def test_names_and_types_are_as_prometheus_wants_them(office, sale):
    assert watching.promtool_check(page(office)) == ""


def test_no_label_is_an_id(office, sale):
    text = page(office)
    assert not re.search(r'="[0-9a-f]{8}-[0-9a-f]{4}-', text) and not re.search(r'="[0-9a-f]{32}"', text)
    assert not re.search(r'(seat|order|buyer|trace)\w*="', text)


def test_the_promise_is_a_bound_of_the_histogram(office, sale):
    bounds = re.findall(r'onsale_http_request_duration_seconds_bucket\{route="holdSeats",role="reservation",le="([^"]+)"\}', page(office))
    assert "0.3" in bounds
    seconds = [float(bound) for bound in bounds]
    assert min(seconds) <= 0.0001 and sorted(seconds)[-2] == 10


def test_open_metrics_by_accept_only(office, sale):
    operator = Internal(office)
    assert operator.get(PAGE).header("Content-Type").startswith("text/plain; version=0.0.4")
    answer = operator.get(PAGE, Accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    assert answer.header("Content-Type") == OPEN_METRICS
    text = answer.body.decode()
    assert text.endswith("# EOF\n") and "# TYPE onsale_holds_asked counter\n" in text
    assert re.search(r"^onsale_holds_asked_total \d+$", text, re.M)
    operator.close()


def test_refusals_are_counted_by_reason(office, sale):
    first, second = Buyer(office), Buyer(office)
    before = page(office)
    assert first.hold(2, 2, 30).status == 201
    assert second.hold(2, 2, 30).code == "RESERVATION_CONFLICT"
    after = page(office)
    for pattern in (r'onsale_holds_refused_total\{reason="RESERVATION_CONFLICT"', r"onsale_holds_granted_total",
                    r'onsale_refusals_total\{route="holdSeats",code="RESERVATION_CONFLICT"'):
        assert value(after, pattern) >= value(before, pattern) + 1, pattern
    first.release(2, 2)


def test_how_late_a_lapse_was_is_told(start_office):
    office = start_office({"holds.seconds_min": 1})
    Buyer(office).hold(1, 1, 1)
    deadline = time.monotonic() + 10
    while value(page(office), r"onsale_expiry_lateness_seconds_count") < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert value(page(office), r'onsale_expiry_lateness_seconds_bucket\{le="1"') == 1


def test_every_panel_shows_something(office, sale, tmp_path):
    prometheus = watching.start(lambda: Prometheus(tmp_path, [f"127.0.0.1:{office.internal_port}"], interval="1s"))
    try:
        assert watching.empty_panels(prometheus, "embedded") == []
        stored = prometheus.get("/api/v1/targets")["activeTargets"]
        assert [target["lastError"] for target in stored] == [""]
    finally:
        prometheus.stop()


def test_the_background_audit_is_clean_while_the_office_sells(office, sale):
    deadline = time.monotonic() + 30
    while value(page(office), "onsale_audits_total") < 3:
        assert time.monotonic() < deadline, page(office)
        time.sleep(0.2)
    text = page(office)
    assert value(text, "onsale_audit_breaches") == 0, office.log()
    assert value(text, "onsale_audits_unfinished_total") == 0, office.log()


def sell_twice(office) -> None:
    """Puts a seat of a confirmed order into another one, as no office ever would."""
    buyers = [Buyer(office), Buyer(office)]
    orders = [buyer.buy(1, seat) for buyer, seat in zip(buyers, (1, 4))]
    assert [order["status"] for order in orders] == ["CONFIRMED"] * 2, orders
    database = sqlite3.connect(office.data_dir / "office.sqlite", timeout=10)
    columns = [row[1] for row in database.execute("PRAGMA table_info(orders)")]
    first, second = (database.execute("SELECT * FROM orders WHERE hex(id) = ?", (order["orderId"].replace("-", "").upper(),)).fetchone()
                     for order in orders)
    seats = columns.index("seats")
    database.execute("UPDATE orders SET seats = ? WHERE id = ?", (first[seats], second[columns.index("id")]))
    database.commit()
    database.close()


def test_the_alerts_are_caused(start_office, tmp_path):
    """Oversold, a limit nearly full, an office that is gone: each office has one trouble."""
    oversold = start_office({"audit.every_seconds": 1})
    crowded = start_office({"streams.viewers_max": 10, "http.loops": 1})  # the limit is shared out over the loops
    gone = start_office()
    targets = [f"127.0.0.1:{office.internal_port}" for office in (oversold, crowded, gone)]
    prometheus = watching.start(lambda: Prometheus(tmp_path, targets))
    viewers = []
    try:
        sell_twice(oversold)
        viewers = [SseClient(crowded, 1) for _ in range(9)]
        gone.kill()
        for name in ("OnsaleOversold", "OnsaleAuditBreach", "OnsaleLimitNearFull", "OnsaleDown"):
            prometheus.wait_alert(name, 120)
        summaries = {alert["labels"]["alertname"]: alert["annotations"]["summary"] for alert in prometheus.get("/api/v1/alerts")["alerts"]}
        assert summaries["OnsaleOversold"] == "1 seats are in two orders"
        assert "audit breach" in oversold.log() and "I1 seat" in oversold.log()
    finally:
        for viewer in viewers:
            viewer.close()
        prometheus.stop()


def test_the_log_tells_more_when_it_is_asked_to(start_office):
    office = start_office({"log.level": "error", "log.format": "json"})
    operator = Internal(office)
    wrong = operator.request("PUT", "/actuator/log-level", {"level": "loud"})
    assert (wrong.status, wrong.code) == (422, "VALIDATION_FAILED")
    assert Public(office).request("PUT", "/actuator/log-level", {"level": "debug"}).status == 404
    answer = operator.request("PUT", "/actuator/log-level", {"level": "info"})
    assert (answer.status, answer.json) == (200, {"level": "info"})
    assert operator.reset(3).status == 200
    assert office.stop() == 0
    lines = [json.loads(line) for line in office.log().splitlines() if line.startswith("{")]
    assert "event reset" in [line["message"] for line in lines]


def test_no_secret_is_in_the_log(start_office):
    for form in ("text", "json"):
        office = start_office({"log.level": "trace", "log.format": form, "log.access_sample": 1})
        buyer = Buyer(office)
        order = buyer.buy(1, 1, key="the-key-of-this-order")
        operator = Internal(office)
        operator.reset(3)
        trace = "0af7651916cd43dd8448eb211c80319c"
        buyer.request("GET", f"/ticketing/order/api/orders/{order['orderId']}", None, {"Trace-Id": trace})
        token, credential = buyer.token, office.internal_token
        assert office.stop() == 0
        log = office.log()
        for secret in (token, token.split(".")[-1], credential, "the-key-of-this-order", "Bearer", "onsale_buyer="):
            assert secret not in log, secret
        line = next(line for line in log.splitlines() if trace in line)
        assert order["orderId"] in line, "the access line of an order's call names the order"
