"""SIGTERM: not ready at once, requests in flight finish, viewers are told, everything is kept, exit 0."""

import os
import signal
import socket
import threading
import time

from client import AWAY, RESERVATION, Buyer, Public
from moments import wait_until
from sse import SseClient


def readiness(office):
    """The status of readiness on a new connection; None when nobody answers any more."""
    try:
        caller = Public(office, timeout=5)
        status = caller.get("/actuator/health/readiness").status
        caller.close()
        return status
    except AWAY:
        return None


def send_terminate(office):
    office.process.send_signal(signal.SIGTERM)


def half_a_request(office, body: bytes) -> socket.socket:
    """A hold whose body is still on its way: a request in flight."""
    line = socket.create_connection((office.host, office.port), timeout=30)
    line.sendall(f"POST {RESERVATION}/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
    time.sleep(0.2)
    return line


def test_sigterm_of_an_idle_office_is_quick_and_clean(start_office):
    office = start_office()
    Buyer(office).hold(1, 1)
    started = time.monotonic()
    assert office.stop() == 0
    assert time.monotonic() - started < 10
    assert not (office.data_dir / "endpoints.json").exists(), "a clean exit takes its address away"
    office.assert_audit_clean()


def test_while_draining_readiness_is_503_and_requests_in_flight_finish(start_office):
    office = start_office()
    probe = Public(office)
    assert probe.get("/actuator/health/readiness").status == 200
    body = b'{"eventId":1,"seatId":1}'
    line = half_a_request(office, body)
    send_terminate(office)
    # The probe's connection was open before; a new one may be refused already: both mean "not ready".
    def not_ready():
        try:
            return probe.get("/actuator/health/readiness").status == 503
        except AWAY:
            return readiness(office) in (None, 503)
    wait_until(not_ready, 5, "readiness is 503 or refused")
    assert office.running, "a request is in flight"
    line.sendall(body[5:])
    answer = b""
    while more := line.recv(65536):
        answer += more
    assert answer.startswith(b"HTTP/1.1 201 "), answer[:200]
    assert b"connection: close" in answer.lower()
    assert office.process.wait(timeout=30) == 0
    office.assert_no_report()
    office.start()
    assert Public(office).status(1, 1) == "HELD", "what was answered is kept"


def test_viewers_are_told_to_come_back_and_may_resume(start_office):
    office = start_office()
    viewers = [SseClient(office, 1) for _ in range(5)]
    for viewer in viewers:
        viewer.wait_for(lambda e: e.name == "INIT")
    last = viewers[0].last_id
    assert office.stop() == 0
    for viewer in viewers:
        viewer.wait_end()
        assert viewer.retry
    office.start()
    with SseClient(office, 1, last_event_id=last) as viewer:
        viewer.wait_for(lambda e: e.name in ("INIT", "RESET"))


def test_idle_connections_do_not_hold_the_office_up(start_office):
    office = start_office()
    lines = [socket.create_connection((office.host, office.port)) for _ in range(50)]
    started = time.monotonic()
    assert office.stop() == 0
    assert time.monotonic() - started < 10
    [line.close() for line in lines]


def test_a_second_signal_ends_it(start_office):
    office = start_office()
    line = half_a_request(office, b'{"eventId":1,"seatId":1}')
    send_terminate(office)
    time.sleep(0.3)
    assert office.running
    send_terminate(office)
    office.process.wait(timeout=10)
    office.assert_no_report()
    line.close()
    office.process = None  # its exit code is its own: it was told not to wait


def test_sigint_is_sigterm(start_office):
    office = start_office()
    os.kill(office.pid, signal.SIGINT)
    assert office.process.wait(timeout=30) == 0


def test_orders_under_way_at_sigterm_end_after_the_next_start(start_office):
    office = start_office({"payments.mock.delay_ms": 2000})
    buyer = Buyer(office)
    buyer.hold(1, [1, 4])
    order = buyer.order(1, [1, 4]).json
    assert office.stop() == 0
    office.assert_audit_clean()
    office.start()
    buyer.move_to(office)
    assert buyer.wait_final(order["orderId"], timeout=10)["status"] == "CONFIRMED"


def test_sales_during_sigterm_lose_nothing_that_was_acknowledged(start_office):
    office = start_office()
    event = max((e for e in Public(office).events() if e["seatCount"] <= 10_000), key=lambda e: e["seatCount"])["id"]
    ids = list(Public(office).statuses(event))
    acked, lock = [], threading.Lock()

    def sell(mine):
        try:
            for seat in mine:
                buyer = Buyer(office)
                if buyer.hold(event, seat).status != 201:
                    return
                placed = buyer.order(event, seat)
                if placed.status != 201:
                    return
                with lock:
                    acked.append((buyer, placed.json["orderId"]))
        except AWAY:
            return

    threads = [threading.Thread(target=sell, args=(ids[n::6],)) for n in range(6)]
    [thread.start() for thread in threads]
    time.sleep(0.7)
    assert office.stop() == 0
    [thread.join() for thread in threads]
    assert acked
    office.assert_audit_clean()
    office.start()
    for buyer, order_id in acked:
        buyer.move_to(office)
        assert buyer.wait_final(order_id, timeout=10)["status"] == "CONFIRMED"
