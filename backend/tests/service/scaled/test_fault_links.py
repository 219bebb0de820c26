"""The network between any two parts goes bad: late, reset, half-open, one byte a second, cut after some bytes. On each link:
nothing hangs past its deadline, readiness tells the truth, liveness stays up, all is well within 5 s of the fault's end, the
audit is clean.

A fault lasts until readiness has told it (or, where the link is none of readiness' business, until a buyer has met it).
"""

import itertools
import os
import threading
import time

import pytest

from client import AWAY, CATALOG, FINAL, Buyer, Public
from crowd import EVENT, patiently
from scaled_stack import answers, straight_on, wait_until
from tcp_gate import FAULTS, Gates

BACK_WITHIN_S = 5
TOLD_WITHIN_S = 20  # a silent database is given 5 s by each who waits for it
# The longest that a buyer may wait: the database is silent, so is the second try (docs/scaled/mysql.md: 5 s each), and a call
# between roles around it; and nginx gives a node that says nothing 15 s.
DEADLINE_S = 17
BOOKS = {"database", "provider", "catalogue"}  # who of a role notices first depends on who asks: writers, or the look at the catalogue
LINKS = {  # who -> whom: the parts of its readiness that may say so
    ("reservation", "redis"): {"redis"}, ("catalog", "redis"): {"redis"},
    ("reservation", "mariadb"): BOOKS, ("catalog", "mariadb"): BOOKS, ("order", "mariadb"): BOOKS,
    ("payment", "mariadb"): BOOKS,
    ("reservation", "kafka"): None, ("order", "kafka"): None,  # a sale waits for no event
    ("order", "reservation"): {"reservation"}, ("order", "payment"): {"payment"},
    ("nginx", "catalog"): None, ("nginx", "reservation"): None, ("nginx", "order"): None, ("nginx", "payment"): None,
}
# In `make test`; ONSALE_KILLS >= 100 has each link with each fault.
QUICK = {("reservation", "redis"): FAULTS, ("catalog", "redis"): ("reset", "half-open"),
         ("reservation", "mariadb"): ("half-open", "cut"), ("catalog", "mariadb"): ("reset", "drip"),
         ("order", "mariadb"): ("latency", "reset"), ("payment", "mariadb"): ("half-open", "latency"),
         ("reservation", "kafka"): ("half-open", "drip"), ("order", "kafka"): ("reset",),
         ("order", "reservation"): ("reset", "half-open"), ("order", "payment"): ("half-open",),
         ("nginx", "catalog"): ("reset",), ("nginx", "reservation"): ("drip",), ("nginx", "order"): ("half-open",)}
ALL = int(os.environ.get("ONSALE_KILLS", "8")) >= 100
CASES = [(link, fault) for link in LINKS for fault in (FAULTS if ALL else QUICK.get(link, ()))]
HARD = ("reset", "half-open", "drip")
SETTINGS = {"payments.mock.delay_ms": 20, "http.header_time_ms": 3000, "http.body_time_ms": 3000}


@pytest.fixture(scope="module")
def gated(scaled_office):
    """The office with a gate on every link."""
    stack, gates = scaled_office.stack, Gates()

    def way(who, whom, port):
        link = f"{who}-{whom}"
        if "," in who:
            return port
        if whom == "kafka":
            behind, at = stack.kafka.behind[who]
            return gates.to(link, behind, at)
        return gates.to(link, port)

    scaled_office.configure(SETTINGS)
    stack.way = way
    scaled_office.restart()
    stack.nginx.stop()
    stack.nginx.begin()
    scaled_office.gates = gates
    scaled_office.reset()
    yield scaled_office
    stack.way = straight_on
    scaled_office.restart()
    stack.nginx.stop()
    stack.nginx.begin()
    gates.close()


class Probe:
    """A buyer who goes on whatever happens, and somebody who asks every node whether it is alive. What took how long."""

    def __init__(self, office, ids, may_be_cut: bool):
        self.may_be_cut = may_be_cut
        self.office, self.ids, self.stop = office, list(ids), threading.Event()
        self.slowest, self.wrong, self.orders, self.sales, self.tries, self.dead = 0.0, [], [], 0, 0, []
        self.threads = [threading.Thread(target=run, daemon=True) for run in (self.buy, self.buy, self.look)]
        [thread.start() for thread in self.threads]

    def timed(self, ask, allowed):
        began = time.monotonic()
        try:
            answer = ask()
            if answer.status not in allowed:
                self.wrong.append(f"{answer}")
            return answer
        except AWAY as error:  # between nginx and the buyer all is well; but nginx may have begun to pass an answer on
            if not self.may_be_cut:
                self.wrong.append(f"{type(error).__name__}: {error}")
            return None
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)

    def buy(self):
        while not self.stop.is_set():
            buyer = Buyer(self.office, timeout=DEADLINE_S + 10)
            seat = self.ids.pop()
            self.timed(lambda: buyer.get(f"{CATALOG}/events"), (200, 503))
            held = self.timed(lambda: buyer.hold(EVENT, seat), (201, 409, 503))
            if held is not None and held.status == 201:
                placed = self.timed(lambda: buyer.order(EVENT, seat), (201, 503))
                if placed is not None and placed.status == 201:
                    self.orders.append((buyer.token, placed.json["orderId"]))
                    self.sales += 1
            self.tries += 1
            buyer.close()
            self.stop.wait(0.05)

    def look(self):
        nodes = self.office.stack.all_nodes()
        while not self.stop.is_set():
            for node in nodes:
                if not answers("127.0.0.1", node.internal_port, "/actuator/health/liveness", timeout=5):
                    self.dead.append(node.name)
            self.stop.wait(0.2)

    def end(self):
        self.stop.set()
        [thread.join(DEADLINE_S + 30) for thread in self.threads]
        assert not any(thread.is_alive() for thread in self.threads), "a client hangs"


def parts_down(node) -> set:
    public = Public(type("Node", (), {"host": "127.0.0.1", "port": node.internal_port}), timeout=5)
    answer = public.get("/actuator/health/readiness")
    public.close()
    down = {name for name, part in answer.json["components"].items() if part["status"] != "UP"}
    assert (answer.status == 200) == (not down), answer
    return down


def sells(office, seat) -> bool:
    buyer = Buyer(office, timeout=5)
    try:
        if buyer.get(f"{CATALOG}/events/{EVENT}/seats").status != 200:
            return False
        if buyer.hold(EVENT, seat).status != 201:
            return False
        placed = buyer.order(EVENT, seat)
        return placed.status == 201 and buyer.wait_final(placed.json["orderId"], 5)["status"] == "CONFIRMED"
    except (AssertionError, *AWAY):
        return False
    finally:
        buyer.close()


@pytest.mark.parametrize("link, fault", CASES, ids=lambda part: part if isinstance(part, str) else "-".join(part))
def test_a_link_goes_bad(gated, link, fault):
    office, (who, whom) = gated, link
    if f"{who}-{whom}" not in office.gates.links:
        pytest.skip("nobody goes this way")
    ids = [seat for seat, status in Public(office).statuses(EVENT).items() if status == "AVAILABLE"]
    if len(ids) < 300:
        office.reset()
        ids = list(Public(office).statuses(EVENT))
    nodes = office.stack.nodes.get(who, [])
    others = [node for node in office.stack.all_nodes() if node not in nodes]
    probe = Probe(office, ids[40:], may_be_cut=who == "nginx")
    try:
        office.gates.fault(f"{who}-{whom}", fault)
        began = time.monotonic()
        part = LINKS[link]
        if part and fault in HARD:
            wait_until(f"readiness of {who} says that {part} is down", lambda: all(part & parts_down(node) for node in nodes),
                       TOLD_WITHIN_S)
            told = time.monotonic() - began
        else:
            before, told = probe.tries, 0.0
            wait_until("a buyer has been through it", lambda: probe.tries > before + 2 or time.monotonic() > began + DEADLINE_S,
                       DEADLINE_S + 5)
            if not part or fault == "latency":
                assert all(node.ready() for node in nodes), f"{who} is well without it"
        assert all(node.ready() for node in others), f"only {who} lacks something: {[(n.name, parts_down(n)) for n in others]}"
        sold_under_it = probe.sales
        if fault == "latency":
            wait_until("a sale, though slow", lambda: probe.sales > sold_under_it, DEADLINE_S)
    except BaseException:
        probe.stop.set()
        raise
    finally:
        office.gates.fault(f"{who}-{whom}", None)
    ended = time.monotonic()
    seats = itertools.cycle(ids[:40])
    try:
        wait_until(f"a sale within {BACK_WITHIN_S} s", lambda: sells(office, next(seats)), BACK_WITHIN_S)
        sold = time.monotonic() - ended
        left = max(0.1, BACK_WITHIN_S - sold)
        wait_until("every node ready", lambda: all(node.ready() for node in office.stack.all_nodes()), left)
        ready = time.monotonic() - ended
    finally:
        probe.stop.set()
    probe.end()
    print(f"{who}-{whom} {fault}: told after {told:.1f} s, slowest call {probe.slowest:.1f} s, {probe.sales} sales of {probe.tries} tries, "
          f"sold again after {sold:.1f} s, ready after {ready:.1f} s")
    assert not probe.dead, f"liveness: {probe.dead}"
    assert not probe.wrong, probe.wrong[:3]
    assert probe.slowest < DEADLINE_S
    for token, order_id in probe.orders:
        buyer = Buyer(office, token)
        deadline = time.monotonic() + 10
        while patiently(lambda: buyer.read_order(order_id), 10, "an order").json["status"] not in FINAL:
            assert time.monotonic() < deadline, f"order {order_id} is not at its end"
            time.sleep(0.05)
        buyer.close()
    office.assert_audit_clean()
