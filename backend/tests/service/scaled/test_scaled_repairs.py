"""Who goes on when a node dies in the middle, who notices what got lost, and whose trace it all was."""

import re
import uuid

import pytest

from client import CATALOG, FINAL, ORDER, Buyer, Public
from test_scaled_engines import ended, redis, until

OFFICE = {"payments.mock.delay": "fixed", "payments.mock.delay_ms": 1000, "reconcile.every_ms": 1000,
          "reconcile.settle_ms": 1000, "log.access_sample": 1.0, "log.format": "json"}
WITHIN_S = 10
BY_EVENTS_WITHIN_S = 15  # Kafka gives a dead node's partitions to the others after its session, 6 s


def metric(nodes, name: str) -> float:
    """The sum over the nodes that answer."""
    lines = [line for node in nodes if node.running for line in node.metrics().splitlines()]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(re.escape(name) + r"[{ ]", line))


def authorisations(office, orders) -> list:
    ids = ",".join(f"X'{uuid.UUID(order).hex}'" for order in orders)
    told = office.stack.mariadb.sql("SELECT COUNT(*) FROM onsale_provider.provider_movements WHERE operation = 0 AND "
                                    f"order_id IN ({ids}) GROUP BY order_id")
    return [int(line) for line in told.stdout.split()]


@pytest.mark.parametrize("fast_path", [True, False])
def test_scenario_06_one_order_node_is_killed_and_the_other_finishes_its_orders(office, seats, event, fast_path):
    """kill -9 in mid-saga: all at their end soon, without the dead node, one authorisation an order."""
    if not fast_path:
        office.configure({**OFFICE, "saga.fast_path": False})
    dead, other = office.stack.nodes["order"]
    before = metric([other], "onsale_orders_recovered_total")
    buyers, orders, mine = [], [], 0
    while mine == 0 and len(orders) < 64:  # nginx passes over a node that has just come back for two seconds
        for _ in range(16):
            buyers.append(Buyer(office))
            seat = seats.one()
            assert buyers[-1].hold(event, seat).status == 201
            answer = buyers[-1].order(event, seat)
            assert answer.status == 201, answer
            orders.append(answer.json["orderId"])
        mine = metric([dead], "onsale_sagas_in_flight")
    assert mine > 0, "the dead node had nothing to do"
    dead.kill()
    try:
        def all_final():
            return all(buyer.get(f"{ORDER}/orders/{order}").json["status"] in FINAL for buyer, order in zip(buyers, orders, strict=True))
        took = until(all_final, WITHIN_S if fast_path else BY_EVENTS_WITHIN_S, "every order's end")
        print(f"\n{len(orders)} orders, {mine:.0f} of the dead node, all at their end after {took:.1f} s")
        assert {ended(buyer, order)["status"] for buyer, order in zip(buyers, orders, strict=True)} == {"CONFIRMED"}
        assert authorisations(office, orders) == [1] * len(orders)
        assert metric([other], "onsale_orders_recovered_total") >= before + 1
    finally:
        dead.begin()
        dead.wait_ready()
    office.assert_audit_clean()


def test_a_node_that_stops_in_order_hands_its_orders_over(office, seats, event):
    """SIGTERM in mid-saga: the other node goes on at once, not after a lease."""
    dead, other = office.stack.nodes["order"]
    buyers, orders = [Buyer(office) for _ in range(8)], []
    for buyer in buyers:
        seat = seats.one()
        assert buyer.hold(event, seat).status == 201
        orders.append(buyer.order(event, seat).json["orderId"])
    assert dead.stop() == 0
    try:
        for buyer, order in zip(buyers, orders, strict=True):
            assert ended(buyer, order)["status"] == "CONFIRMED"
        assert authorisations(office, orders) == [1] * len(orders)
    finally:
        dead.begin()
        dead.wait_ready()
    office.assert_audit_clean()


def erase(office, event: int, seat: int) -> None:
    """By hand: Redis does not know the seat any more."""
    listed = [one["id"] for one in Public(office).get(f"{CATALOG}/events/{event}/seats").json["seats"]]
    index = listed.index(seat)
    erased = redis(office, "EVAL", f"return redis.call('HDEL', redis.call('KEYS', 'seats{{e:{event}}}*')[1], "
                   f"string.char({index % 256}, {index // 256}, 0, 0))", "0")
    assert erased == b":1\r\n", erased


def test_a_sold_seat_erased_from_redis_is_sold_again(office, seats, event):
    nodes = office.stack.nodes["reservation"]
    before = metric(nodes, "onsale_seats_repaired_total")
    buyer, rival = Buyer(office), Buyer(office)
    sold = buyer.buy(event, seats.take(1))
    erase(office, event, sold["seatIds"][0])
    until(lambda: metric(nodes, "onsale_seats_repaired_total") > before, WITHIN_S, "the repair")
    answer = rival.hold(event, sold["seatIds"][0])
    assert (answer.status, answer.code) == (409, "SEAT_SOLD"), answer
    assert Public(office).statuses(event)[sold["seatIds"][0]] == "SOLD"
    assert any("seat set right" in node.log_path.read_text() and sold["orderId"] in node.log_path.read_text() for node in nodes)
    office.assert_audit_clean()


def test_a_crowd_at_sold_seats_is_refused_from_the_copy(office, seats, event):
    nodes = office.stack.nodes["reservation"]
    buyer, rival = Buyer(office), Buyer(office)
    sold = buyer.buy(event, seats.take(2))
    before = metric(nodes, "onsale_refused_from_copy_total")
    for _ in range(50):
        answer = rival.hold(event, sold["seatIds"])
        assert (answer.status, answer.code) == (409, "SEAT_SOLD"), answer
        assert sorted(seat["seatId"] for seat in answer.json["seats"]) == sorted(sold["seatIds"])
    assert metric(nodes, "onsale_refused_from_copy_total") >= before + 30
    office.reset()
    assert rival.hold(event, sold["seatIds"]).status == 201, "a reset is heard at once"


def test_an_orders_trace_goes_through_every_role(office, seats, event):
    buyer = Buyer(office)
    seat = seats.one()
    assert buyer.hold(event, seat).status == 201
    trace = uuid.uuid4().hex
    answer = buyer.request("POST", f"{ORDER}/orders", {"eventId": event, "seatIds": [seat]},
                           {"Idempotency-Key": trace, "Trace-Id": trace})
    assert answer.status == 201, answer
    ended(buyer, answer.json["orderId"])

    def told(role: str, path: str) -> bool:
        lines = [line for node in office.stack.nodes[role] for line in node.log_path.read_text().splitlines()]
        return any(trace in line and path in line for line in lines)
    for role, path in (("reservation", "seats/pin"), ("payment", "payments/authorize"), ("reservation", "seats/settle"),
                       ("payment", "payments/capture")):
        until(lambda role=role, path=path: told(role, path), WITHIN_S, f"{path} in the order's trace")
