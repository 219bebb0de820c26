"""The office by roles, watched: every panel against a real Prometheus, one sale as one trace across HTTP and Kafka."""

import pytest

import watching
from live_sale import LiveSale
from scaled_stack import ROLES
from test_traces import buy, click, jaeger, names, one, parent_of  # noqa: F401
from watch_stack import Prometheus

SALE = {"holdSeats", "placeOrder", "saga", "saga authorise", "saga sell", "peerAuthorize", "peerCapture", "provider authorise",
        "provider capture", "publish PAYMENT_SUCCESS", "consume PAYMENT_SUCCESS", "publish ORDER_CONFIRMED"}


@pytest.fixture
def sale(office):
    going_on = LiveSale(office)
    yield going_on
    going_on.end()


def test_every_panel_shows_something(office, sale, tmp_path):
    targets = [f"127.0.0.1:{node.internal_port}" for node in office.stack.all_nodes()]
    prometheus = watching.start(lambda: Prometheus(tmp_path, targets, interval="1s"))
    try:
        assert watching.empty_panels(prometheus, "scaled") == []
    finally:
        prometheus.stop()


def test_every_metric_of_a_role_is_in_the_table(office, sale):
    pages = {node.role: node.metrics() for node in office.stack.all_nodes()}
    assert set(pages) == set(ROLES)
    unknown = [name for page in pages.values() for name in watching.families(page) if name not in watching.table()]
    assert unknown == []
    for page in pages.values():
        assert watching.promtool_check(page) == ""


def test_one_click_is_one_tree_across_roles_and_kafka(start_office, jaeger):  # noqa: F811
    office = start_office({"tracing.endpoint": jaeger.endpoint, "tracing.share": 1})
    trace, traceparent = click()
    order = buy(office, 1, traceparent)
    assert order["status"] == "CONFIRMED"
    spans = jaeger.wait_trace(trace, lambda found: SALE <= set(names(found)), 30)
    assert SALE <= set(names(spans)), names(spans)
    saga = one(spans, "saga")
    assert parent_of(saga, spans) is one(spans, "placeOrder")
    assert parent_of(one(spans, "peerAuthorize"), spans) is saga
    assert parent_of(one(spans, "provider authorise"), spans) is saga
    consumer = one(spans, "consume PAYMENT_SUCCESS")
    assert parent_of(consumer, spans) is one(spans, "publish PAYMENT_SUCCESS")
    services = {span["operationName"]: span["service"] for span in spans}
    assert services["placeOrder"] == "onsale-order" and services["holdSeats"] == "onsale-reservation"
    assert services["provider authorise"] == "onsale-payment"
    assert services["consume PAYMENT_SUCCESS"] == "onsale-reservation"
