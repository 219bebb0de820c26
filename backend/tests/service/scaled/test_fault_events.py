"""Events that come twice, late, or in another order than they were sent: no effect."""

import os
import re
import signal
import time

import pytest

from client import Buyer, Public
from crowd import EVENT, Crowd
from events import replay, told_of
from scaled_stack import wait_until

SETTINGS = {"payments.mock.delay_ms": 20, "payments.mock.success_share": 0.7}
LAG = r"^onsale_kafka_lag(?:\{[^}]*\})? (\S+)$"
HANDLED = r"^onsale_kafka_handled_total(?:\{[^}]*\})? (\S+)$"
TYPES = ("ORDER_CREATED", "PAYMENT_SUCCESS", "PAYMENT_FAILED", "ORDER_CONFIRMED", "ORDER_CANCELLED", "SEATS_SOLD", "SEATS_RELEASED")


def settled(office) -> None:
    """Every order is at its end, everything written is published, everything published is handled."""
    sql = office.stack.mariadb.sql
    wait_until("no order under way", lambda: sql("SELECT COUNT(*) FROM onsale.orders WHERE status NOT IN (2, 4)").stdout.strip() == "0", 30)
    wait_until("an empty outbox", lambda: sql("SELECT COUNT(*) FROM onsale.outbox").stdout.strip() == "0", 30)
    nodes = office.stack.nodes["reservation"] + office.stack.nodes["order"]
    wait_until("no lag", lambda: all(lag(node) == 0 for node in nodes), 30)


def lag(node) -> float:
    return sum(float(value) for value in re.findall(LAG, node.metrics(), re.M))


def handled(office) -> float:
    nodes = office.stack.nodes["reservation"] + office.stack.nodes["order"]
    return sum(float(value) for node in nodes for value in re.findall(HANDLED, node.metrics(), re.M))


def truth(office, orders) -> dict:
    """All that an event could have changed."""
    sql = office.stack.mariadb.sql
    seats = Public(office).seat_map(EVENT)
    return {"orders": {order_id: buyer.read_order(order_id).body for buyer, order_id in orders}, "seats": seats,
            "rows": sql("SELECT HEX(id), status, version FROM onsale.orders ORDER BY id").stdout,
            "claims": sql("SELECT event, seat, HEX(order_id) FROM onsale.claims ORDER BY 1, 2").stdout}


def some_orders(office, count: int) -> list:
    ids = [seat for seat, status in Public(office).statuses(EVENT).items() if status == "AVAILABLE"][:count]
    orders = []
    for seat in ids:
        buyer = Buyer(office)
        assert buyer.hold(EVENT, seat).status == 201
        orders.append((buyer, buyer.order(EVENT, seat).json["orderId"]))
    ends = {buyer.wait_final(order_id)["status"] for buyer, order_id in orders}
    assert ends == {"CONFIRMED", "CANCELLED"}
    return orders


@pytest.mark.parametrize("inbox", ["as it is", "emptied"])
def test_events_repeated_and_in_another_order_change_nothing(scaled_office, cli, inbox):
    """All that was ever delivered is delivered again, type by type from the last to the first, and once more as it stands. The
    inbox knows the ids; without it the state of orders and seats decides, to the same end."""
    office = scaled_office.configure(SETTINGS)
    office.reset()
    orders = some_orders(office, 24)
    settled(office)
    before = truth(office, orders)
    if inbox == "emptied":
        assert office.stack.mariadb.sql("DELETE FROM onsale.inbox").returncode == 0
    handled_before = handled(office)
    again = sum(replay(cli, office.stack, "--event", EVENT, "--type", kind) for kind in reversed(TYPES))
    again += replay(cli, office.stack, "--event", EVENT)
    assert again >= 3 * 4 * len(orders)
    wait_until("all of it handled", lambda: handled(office) >= handled_before + again, 60)
    settled(office)
    assert truth(office, orders) == before
    office.assert_audit_clean()


@pytest.mark.parametrize("fast_path", ["on", "off"])
def test_events_that_are_late_change_nothing(scaled_office, cli, fast_path):
    """Kafka stands still for seconds while buyers go on. On the fast path its events come when all is decided; on events alone
    the orders wait for them, with their seats."""
    office = scaled_office.configure({**SETTINGS, "saga.fast_path": fast_path == "on"})
    office.reset()
    crowd = Crowd(office, 4)
    try:
        for _ in range(3):
            time.sleep(0.3)
            os.kill(office.stack.kafka.pid, signal.SIGSTOP)
            try:
                time.sleep(1.5)
            finally:
                os.kill(office.stack.kafka.pid, signal.SIGCONT)
            crowd.serves_again(5)
            crowd.check()
        crowd.rest()
        crowd.check()
        settled(office)
        told = told_of(cli, office.stack, EVENT)
        for order_id, entry in crowd.orders.items():
            assert told[order_id][0] == "ORDER_CREATED" and len(told[order_id]) == 3, (order_id, entry["seen"], told[order_id])
    finally:
        crowd.end()
    assert crowd.counts["confirmed"] > 3
