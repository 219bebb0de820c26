"""The engines die under the whole office: what is lost, what is not, who says so, and how soon all is well again."""

import contextlib
import socket
import time

import pytest

from client import CATALOG, FINAL, ORDER, Buyer, Public
from sse import SseClient

BACK_WITHIN_S = 5  # after the fault's end
PATIENCE_S = 30


def redis(office, *words) -> bytes:
    with socket.create_connection(("127.0.0.1", office.stack.redis.port), timeout=5) as connection:
        connection.sendall(f"*{len(words)}\r\n".encode() + b"".join(f"${len(word)}\r\n{word}\r\n".encode() for word in words))
        return connection.recv(65536)


def until(holds, seconds: float, what: str) -> float:
    """How long it took."""
    began = time.monotonic()
    while True:
        with contextlib.suppress(OSError):
            if holds():
                return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def sells(office, seats, event) -> bool:
    buyer = Buyer(office)
    try:
        seat = seats.one()
        return buyer.hold(event, seat).status == 201 and buyer.order(event, seat).status == 201
    finally:
        buyer.close()


def ended(buyer, order_id) -> dict:
    until(lambda: buyer.get(f"{ORDER}/orders/{order_id}").json["status"] in FINAL, PATIENCE_S, "the order's end")
    return buyer.get(f"{ORDER}/orders/{order_id}").json


def all_ready(office) -> bool:
    return all(node.ready() for node in office.stack.all_nodes())


def alive(office) -> bool:
    from scaled_stack import answers
    return all(answers("127.0.0.1", node.internal_port, "/actuator/health/liveness") for node in office.stack.all_nodes())


def test_scenario_08_redis_is_emptied_and_a_sold_seat_is_never_free(office, seats, event):
    """FLUSHALL: SOLD comes back from the orders, the event is closed meanwhile (503), viewers are told RESET."""
    buyer, rival, public = Buyer(office), Buyer(office), Public(office)
    sold = buyer.buy(event, seats.take(3))
    held = seats.one()
    assert buyer.hold(event, held).status == 201
    viewer = SseClient(office, event)
    for _ in range(4):
        redis(office, "FLUSHALL")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = rival.hold(event, sold["seatIds"][0])
            assert (answer.status, answer.code) in ((409, "SEAT_SOLD"), (503, "UNAVAILABLE")), answer
            if answer.status == 409:
                break
            assert answer.header("Retry-After")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        statuses = public.statuses_once_open(event, PATIENCE_S)
        assert [statuses[seat] for seat in sold["seatIds"]] == ["SOLD"] * 3
    viewer.wait_for(lambda told: told.name == "RESET", PATIENCE_S)
    viewer.close()
    until(lambda: sells(office, seats, event), PATIENCE_S, "a sale")
    office.assert_audit_clean()


def test_redis_is_killed_and_readiness_says_so(office, seats, event):
    buyer = Buyer(office)
    sold = buyer.buy(event, seats.take(2))
    titles = {told["id"]: told["title"] for _ in range(4) for told in Public(office).events()}  # each node has counted once
    stack = office.stack
    stack.redis.kill()
    try:
        answer = buyer.hold(event, seats.one())
        assert answer.status == 503 and answer.header("Retry-After"), answer
        until(lambda: not any(node.ready() for node in stack.nodes["reservation"] + stack.nodes["catalog"]), PATIENCE_S,
              "readiness of what lives on Redis")
        assert alive(office)
        assert buyer.get(f"{ORDER}/orders/{sold['orderId']}").json["status"] == "CONFIRMED"
        public = Public(office)
        assert public.get(f"{CATALOG}/events/{event}/seats").status == 503, "a map of before could show a sold seat free"
        assert {told["id"]: told["title"] for told in public.events()} == titles, "what is on is known without it"
        assert public.event(event)["title"] == titles[event]
        public.close()
        time.sleep(1)
    finally:
        stack.redis.begin()
    until(lambda: sells(office, seats, event), BACK_WITHIN_S, "a sale after Redis is back")
    until(lambda: all_ready(office), BACK_WITHIN_S, "readiness after Redis is back")
    assert Buyer(office).hold(event, sold["seatIds"][0]).code == "SEAT_SOLD"
    office.assert_audit_clean()


def test_the_database_is_killed_and_no_order_is_lost(office, seats, event):
    buyer = Buyer(office)
    placed = []
    for seat in seats.take(4):
        assert buyer.hold(event, seat).status == 201
        placed.append(buyer.order(event, seat).json["orderId"])
    stack = office.stack
    stack.mariadb.kill()
    try:
        seat = seats.one()
        held = buyer.hold(event, seat)  # seats are Redis'
        assert held.status in (201, 503), held
        began = time.monotonic()
        assert buyer.order(event, seat).status in (503, 410, 409)
        assert time.monotonic() - began < 15, "nothing hangs past its deadline"
        assert alive(office)
    finally:
        stack.mariadb.begin()
    until(lambda: sells(office, seats, event), 2 * BACK_WITHIN_S, "a sale after the database is back")
    assert {ended(buyer, order_id)["status"] for order_id in placed} == {"CONFIRMED"}
    until(lambda: all_ready(office), BACK_WITHIN_S, "readiness")
    office.assert_audit_clean()


def test_without_kafka_sales_go_on_and_the_backlog_drains(office, seats, event):
    stack = office.stack
    buyer = Buyer(office)
    stack.kafka.stop()
    try:
        for _ in range(5):
            assert buyer.buy(event, seats.take(1))["status"] == "CONFIRMED"
        assert all_ready(office), "a sale waits for no event"
        waiting = int(stack.mariadb.sql("SELECT COUNT(*) FROM onsale.outbox").stdout)
        assert waiting >= 15
    finally:
        stack.kafka.begin()
    until(lambda: int(stack.mariadb.sql("SELECT COUNT(*) FROM onsale.outbox").stdout) == 0, 2 * PATIENCE_S, "the outbox is empty")
    office.assert_audit_clean()


@pytest.mark.parametrize("role", ["catalog", "reservation", "order", "payment"])
def test_all_nodes_of_a_role_are_killed_and_come_back(office, seats, event, role):
    """kill -9 of every node of a role, orders under way: they come to their end when it is back."""
    stack, buyer = office.stack, Buyer(office)
    placed = []
    for seat in seats.take(6):
        assert buyer.hold(event, seat).status == 201
        answer = buyer.order(event, seat)
        assert answer.status == 201, answer
        placed.append(answer.json["orderId"])
    for node in stack.nodes[role]:
        node.kill()
    answer = Public(office).get(f"{CATALOG}/events")
    assert answer.status == (503 if role == "catalog" else 200), answer
    time.sleep(1)
    for node in stack.nodes[role]:
        node.begin()
    for node in stack.nodes[role]:
        node.wait_ready()
    until(lambda: sells(office, seats, event), 2 * BACK_WITHIN_S, "a sale")
    for order_id in placed:
        assert ended(buyer, order_id)["status"] in FINAL
    office.assert_audit_clean()
