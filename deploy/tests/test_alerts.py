"""Alerts are caused: each by the trouble it is made for, in an office that sells, seen firing in a real Prometheus with the
rules that are shipped. backend/tests/service/test_watch.py causes four more (sold twice, limits, an office that is gone)."""

import contextlib
import ctypes
import os
import resource
import signal
import sqlite3
import subprocess
import threading
import time
import uuid

import pytest
import watching
from client import AWAY, Buyer, Public
from conftest import BINARY
from office import Office
from scaled_stack import Missing, Stack, free_port, wait_until
from watch_stack import Prometheus

EVENT = 5  # the stadium: it is not sold out before the test ends
CALM = {"payments.mock.success_share": 1.0, "payments.mock.delay": "fixed", "payments.mock.delay_ms": 5}


class Sales:
    """Buyers one after the other, whatever they are answered, until told to stop."""

    def __init__(self, office, *, buyers: int = 1, order: bool = True, seconds: int = 900, rest: float = 0.1):
        self.office, self.order, self.seconds, self.rest = office, order, seconds, rest
        self.placed, self.stopping = 0, threading.Event()
        free = [seat for seat, status in Public(office).statuses(EVENT).items() if status == "AVAILABLE"]
        self.threads = [threading.Thread(target=self.sell, args=(free[n::buyers],), daemon=True) for n in range(buyers)]

    def sell(self, seats: list) -> None:
        for seat in seats:
            if self.stopping.is_set():
                return
            with contextlib.suppress(*AWAY):
                buyer = Buyer(self.office, timeout=10)
                held = buyer.hold(EVENT, [seat], self.seconds)
                if held.status == 201 and self.order:
                    self.placed += buyer.order(EVENT, [seat], str(uuid.uuid4())).status == 201
                buyer.close()
            time.sleep(self.rest)

    def __enter__(self) -> "Sales":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()


class Stutter:
    """A process that stands still for `still` seconds out of each still + going."""

    def __init__(self, pid: int, still: float, going: float):
        self.pid, self.still, self.going, self.stopping = pid, still, going, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        while not self.stopping.is_set():
            os.kill(self.pid, signal.SIGSTOP)
            time.sleep(self.still)
            os.kill(self.pid, signal.SIGCONT)
            time.sleep(self.going)

    def __enter__(self) -> "Stutter":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.stopping.set()
        self.thread.join()


@contextlib.contextmanager
def still(pid: int):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class Watch:
    """Prometheus, and when each alert fired first."""

    def __init__(self, folder, targets: list):
        self.prometheus = watching.start(lambda: Prometheus(folder, targets))
        self.began = time.monotonic()

    def wait(self, name: str, seconds: float) -> None:
        self.prometheus.wait_alert(name, seconds)
        summary = next(alert["annotations"]["summary"] for alert in self.prometheus.get("/api/v1/alerts")["alerts"]
                       if alert["labels"]["alertname"] == name and alert["state"] == "firing")
        print(f"{name} fires after {time.monotonic() - self.began:.0f} s: {summary}", flush=True)

    def over(self, name: str, seconds: float) -> None:
        wait_until(f"an end of {name}", lambda: name not in self.prometheus.alerts(), seconds)

    def stop(self) -> None:
        self.prometheus.stop()


@pytest.fixture
def start(tmp_path):
    """start(name, settings) -> an office in one process, ended after the test whatever happens."""
    offices = []

    def begin(name: str, settings=None) -> Office:
        offices.append(Office(tmp_path / name, {"http.loops": 1, **(settings or {})}))
        return offices[-1].start()

    yield begin
    for office in offices:
        office.kill()


def target(office) -> str:
    return f"127.0.0.1:{office.internal_port}"


def forget_a_charge(office) -> None:
    """Takes a confirmed order's charge out of the provider's book, as no provider ever would."""
    assert Buyer(office).buy(1, 1)["status"] == "CONFIRMED"
    with contextlib.closing(sqlite3.connect(office.data_dir / "provider.sqlite", timeout=10)) as book:
        assert book.execute("DELETE FROM movements").rowcount > 0 and book.execute("DELETE FROM attempts").rowcount > 0
        book.commit()


def provider_fails(office, fails: bool) -> None:
    """The mock provider's book cannot be read or written: its calls and what is asked of it afterwards fail alike."""
    with contextlib.closing(sqlite3.connect(office.data_dir / "provider.sqlite", timeout=20)) as book:
        book.execute(f"ALTER TABLE {'attempts' if fails else 'away'} RENAME TO {'away' if fails else 'attempts'}")
        book.commit()


def test_troubles_of_an_office_on_one_machine(start, tmp_path):
    """Each office has one trouble; the last three alerts want five minutes of it."""
    astray = start("astray", {"audit.every_seconds": 1})
    full = start("full", {"payments.deadline_ms": 600_000})
    left_alone = start("left-alone", {"payments.deadline_ms": 600_000})
    traced = start("traced", {"tracing.endpoint": f"http://127.0.0.1:{free_port()}", "tracing.share": 1})
    stutters = start("stutters", {"holds.seconds_min": 1})
    watch = Watch(tmp_path, [target(office) for office in (astray, full, left_alone, traced, stutters)])
    try:
        forget_a_charge(astray)
        provider_fails(left_alone, True)
        with Sales(full, rest=0.2) as going_on, Sales(left_alone, rest=0.5), Sales(traced, rest=0.5), \
                Sales(stutters, buyers=4, order=False, seconds=1), Stutter(stutters.pid, 2.5, 0.7):
            wait_until("a sale", lambda: going_on.placed > 0, 30)
            resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            for name in ("OnsaleMoneyAstray", "OnsaleCommitsFail", "OnsaleErrorsNow", "OnsaleBreakerOpen", "OnsaleLoopBusy", "OnsaleExpiryLate"):
                watch.wait(name, 240)
            for name in ("OnsaleErrors", "OnsaleSpansLost"):
                watch.wait(name, 480)
            assert "OnsaleDown" not in watch.prometheus.alerts(), "none of them was away"
            resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            placed = going_on.placed
            wait_until("it sells again when there is room", lambda: going_on.placed > placed, 60)
        provider_fails(left_alone, False)
        watch.over("OnsaleBreakerOpen", 120)
        free = [seat for seat, status in Public(left_alone).statuses(1).items() if status == "AVAILABLE"]
        assert Buyer(left_alone).buy(1, free[0])["status"] == "CONFIRMED"
    finally:
        watch.stop()


def publish(stack, topic: str, text: bytes) -> None:
    """By the library that the office itself uses."""
    library = ctypes.CDLL("librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_topic_new"):
        getattr(library, name).restype = ctypes.c_void_p
    why = ctypes.create_string_buffer(200)
    settings = ctypes.c_void_p(library.rd_kafka_conf_new())
    library.rd_kafka_conf_set(settings, b"bootstrap.servers", stack.kafka.brokers().encode(), why, len(why))
    producer = ctypes.c_void_p(library.rd_kafka_new(0, settings, why, len(why)))
    assert producer, why.value
    where = ctypes.c_void_p(library.rd_kafka_topic_new(producer, topic.encode(), None))
    copy = 2  # RD_KAFKA_MSG_F_COPY
    assert library.rd_kafka_produce(where, 0, copy, text, ctypes.c_size_t(len(text)), None, ctypes.c_size_t(0), None) == 0
    assert library.rd_kafka_flush(producer, 20_000) == 0, "not taken within 20 s"


def replay(stack) -> int:
    """Delivers again what was delivered; how many."""
    done = subprocess.run([BINARY, "events", "replay", "--delivered", "--since", "1h", "--yes", "--kafka.brokers", stack.kafka.brokers()],
                          capture_output=True, text=True, check=True, timeout=120)
    return len(done.stdout.splitlines())


@pytest.fixture
def several(tmp_path):
    """An office on several machines, and its watch."""
    try:
        stack = Stack(tmp_path, BINARY, nodes=1, settings=CALM)
        stack.start()
    except Missing as missing:
        pytest.skip(str(missing))
    watch = None
    try:
        watch = Watch(tmp_path, [f"127.0.0.1:{node.internal_port}" for node in stack.all_nodes()])
        yield stack, watch
        free = [seat for seat, status in Public(stack).statuses(1).items() if status == "AVAILABLE"]
        assert Buyer(stack).buy(1, free[0])["status"] == "CONFIRMED", "it sells again"
        audit = stack.audit()
        assert audit.returncode == 0, audit.stdout
    finally:
        if watch:
            watch.stop()
        stack.stop()


def test_engines_that_are_slow_away_or_full_of_nonsense(several):
    """Redis slow while Kafka is gone; a message that nobody understands; the database stands still with a thousand events on their
    way."""
    stack, watch = several
    with Sales(stack, buyers=2) as going_on:
        wait_until("sales", lambda: going_on.placed >= 40, 120)
        stack.kafka.kill()
        with Stutter(stack.redis.pid, 0.45, 0.02):
            placed = going_on.placed
            for name in ("OnsaleEngineAway", "OnsaleOutboxOld", "OnsaleSlowNow"):
                watch.wait(name, 240)
            watch.wait("OnsaleSlow", 480)
            assert going_on.placed > placed, "sales go on without Kafka"
    stack.kafka.begin()
    wait_until("the outbox is empty again", lambda: stack.mariadb.sql("SELECT COUNT(*) FROM onsale.outbox").stdout.strip() == "0", 120)
    watch.over("OnsaleOutboxOld", 60)

    publish(stack, "order.events", b"this is no event")
    watch.wait("OnsaleDeadLetters", 60)

    with still(stack.mariadb.pid):
        again = 0
        while again < 1500:
            again += replay(stack)
        watch.wait("OnsaleConsumerLag", 180)
    watch.over("OnsaleConsumerLag", 120)


def test_a_role_that_is_away(several):
    """Whether a peer is there is known by asking it, so the office sells meanwhile."""
    stack, watch = several
    with Sales(stack):
        for node in stack.nodes["payment"]:
            node.stop()
        watch.wait("OnsalePeerAway", 120)
        for node in stack.nodes["payment"]:
            node.begin()
            node.wait_ready()
        watch.over("OnsalePeerAway", 120)


@pytest.mark.skipif("ONSALE_PATIENCE" not in os.environ, reason="takes 32 minutes: ONSALE_PATIENCE=1")
def test_an_audit_that_does_not_come(start, tmp_path):
    watch = Watch(tmp_path, [target(start("unaudited", {"audit.every_seconds": 86_400}))])
    try:
        watch.wait("OnsaleAuditStale", 2100)
    finally:
        watch.stop()
