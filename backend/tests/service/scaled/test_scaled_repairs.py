"""Who notices what got lost, and who refuses what is gone."""

import re

from client import CATALOG, Buyer, Public
from test_scaled_engines import redis, until

OFFICE = {"payments.mock.delay": "fixed", "payments.mock.delay_ms": 1000, "reconcile.every_ms": 1000,
          "reconcile.settle_ms": 1000, "log.access_sample": 1.0, "log.format": "json"}
WITHIN_S = 10


def metric(nodes, name: str) -> float:
    """The sum over the nodes that answer."""
    lines = [line for node in nodes if node.running for line in node.metrics().splitlines()]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(re.escape(name) + r"[{ ]", line))


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
