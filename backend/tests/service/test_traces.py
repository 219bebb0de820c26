"""Traces in a real Jaeger: the span tree of one sale, what is kept whatever the share, a collector that is away."""

import re
import secrets
import time

import pytest

import watching
from client import ORDER, Buyer, Internal
from sse import SseClient
from watch_stack import Jaeger, free_port


@pytest.fixture(scope="module")
def jaeger(tmp_path_factory):
    running = watching.start(lambda: Jaeger(tmp_path_factory.mktemp("jaeger")))
    yield running
    running.stop()


def click() -> tuple:
    """The trace id and the traceparent of a browser that samples."""
    trace = secrets.token_hex(16)
    return trace, f"00-{trace}-{secrets.token_hex(8)}-01"


def names(spans: list) -> list:
    return sorted(span["operationName"] for span in spans)


def parent_of(span: dict, spans: list):
    """The span that this one is a child of; None for a root, or for a parent that is not ours."""
    ids = {each["spanID"]: each for each in spans}
    for reference in span["references"]:
        if reference["refType"] == "CHILD_OF" and reference["spanID"] in ids:
            return ids[reference["spanID"]]
    return None


def one(spans: list, name: str) -> dict:
    found = [span for span in spans if span["operationName"] == name]
    assert len(found) == 1, names(spans)
    return found[0]


def buy(office, seat: int, traceparent: str, event: int = 1) -> dict:
    buyer = Buyer(office)
    path = "/ticketing/reservation/api/reservations"
    held = buyer.request("POST", path, {"eventId": event, "seatId": seat}, {"traceparent": traceparent})
    assert held.status == 201, held
    placed = buyer.request("POST", f"{ORDER}/orders", {"eventId": event, "seatIds": [seat]},
                           {"traceparent": traceparent, "Idempotency-Key": secrets.token_hex(8)})
    assert placed.status == 201, placed
    order = buyer.wait_final(placed.json["orderId"])
    buyer.close()
    return order


SALE = {"holdSeats", "placeOrder", "saga", "saga authorise", "saga sell", "provider authorise", "provider capture",
        "publish PAYMENT_SUCCESS", "consume PAYMENT_SUCCESS", "publish ORDER_CONFIRMED"}


def test_one_click_is_one_tree(start_office, jaeger):
    office = start_office({"tracing.endpoint": jaeger.endpoint, "tracing.share": 0, "http.loops": 1})
    viewer = SseClient(office, 1)
    trace, traceparent = click()
    order = buy(office, 1, traceparent)
    assert order["status"] == "CONFIRMED"
    spans = jaeger.wait_trace(trace, lambda found: SALE | {"push seats"} <= set(names(found)))
    assert SALE <= set(names(spans)), names(spans)
    placed, saga = one(spans, "placeOrder"), one(spans, "saga")
    assert parent_of(saga, spans) is placed
    for name in ("saga authorise", "saga sell", "provider authorise", "provider capture", "publish PAYMENT_SUCCESS",
                 "publish ORDER_CONFIRMED"):
        assert parent_of(one(spans, name), spans) is saga, name
    consumer = one(spans, "consume PAYMENT_SUCCESS")
    assert parent_of(consumer, spans) is one(spans, "publish PAYMENT_SUCCESS")
    # The browser's own span is the parent of what it asked for.
    assert placed["references"][0]["spanID"] == traceparent.split("-")[2]
    pushes = [span for span in spans if span["operationName"] == "push seats"]
    assert {parent_of(push, spans)["operationName"] for push in pushes} == {"holdSeats", "saga"}
    # Whoever has the trace has the order, and the other way round.
    for name in ("placeOrder", "saga", "provider capture"):
        assert one(spans, name)["notes"]["onsale.order"] == order["orderId"]
    assert saga["notes"]["onsale.status"] == "CONFIRMED"
    assert all(span["service"] == "onsale" for span in spans)
    viewer.close()


def test_an_order_that_is_declined_shows_why(start_office, jaeger):
    office = start_office({"tracing.endpoint": jaeger.endpoint, "tracing.share": 0, "payments.mock.success_share": 0})
    trace, traceparent = click()
    assert buy(office, 4, traceparent)["status"] == "CANCELLED"
    spans = jaeger.wait_trace(trace, lambda found: {"saga", "saga cancel", "provider void"} <= set(names(found)))
    assert one(spans, "saga")["notes"]["onsale.reason"].lower().replace("_", " ") == "payment declined"
    assert one(spans, "provider authorise")["notes"]["onsale.answer"] == "declined"


def test_without_a_share_only_what_was_sampled_is_told(start_office, jaeger):
    office = start_office({"tracing.endpoint": jaeger.endpoint, "tracing.share": 0})
    quiet = secrets.token_hex(16)
    buy(office, 7, f"00-{quiet}-{secrets.token_hex(8)}-00")
    trace, traceparent = click()
    buy(office, 10, traceparent)
    jaeger.wait_trace(trace, lambda found: "saga" in names(found))
    assert jaeger.trace(quiet) == []


def test_a_slow_call_is_told_whatever_the_share(start_office, jaeger):
    office = start_office({"tracing.endpoint": jaeger.endpoint, "tracing.share": 0, "tracing.slow_ms": 1})
    buyer = Buyer(office)
    for seat in range(1, 60, 3):  # an order waits for its commit; one of them longer than a millisecond
        assert buyer.hold(1, seat).status == 201
        placed = buyer.order(1, seat)
        assert placed.status == 201, placed
        buyer.wait_final(placed.json["orderId"])
        buyer.token = None
        spans = jaeger.wait_trace(placed.header("Trace-Id"), lambda found: "saga" in names(found), 2)
        if spans:
            break
    assert "placeOrder" in names(spans)


def test_a_scrape_leads_to_a_trace_that_exists(start_office, jaeger):
    office = start_office({"tracing.endpoint": jaeger.endpoint, "tracing.share": 1})
    buy(office, 13, click()[1])
    text = Internal(office).get("/actuator/prometheus", Accept="application/openmetrics-text").body.decode()
    exemplars = re.findall(r'route="placeOrder".*# \{trace_id="([0-9a-f]{32})"\} [0-9.e-]+ [0-9.]+$', text, re.M)
    assert exemplars, text
    assert "placeOrder" in names(jaeger.wait_trace(exemplars[0], lambda found: "placeOrder" in names(found)))


def test_a_collector_that_is_away_costs_spans_and_nothing_else(start_office):
    office = start_office({"tracing.endpoint": f"http://127.0.0.1:{free_port()}", "tracing.share": 1})
    assert buy(office, 16, click()[1])["status"] == "CONFIRMED"
    deadline = time.monotonic() + 15
    lost = 0
    while lost == 0:
        assert time.monotonic() < deadline
        text = Internal(office).get("/actuator/prometheus").body.decode()
        lost = float(re.search(r'^onsale_spans_dropped_total\{reason="collector_away"\} (\S+)$', text, re.M).group(1))
        time.sleep(0.1)
    assert office.stop() == 0
