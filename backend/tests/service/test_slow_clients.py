"""Slow and silent clients: each is cut at its deadline, and a buyer beside hundreds of them notices nothing.

Slow-loris heads, bodies that never come, readers who do not read, viewers who do not read.
"""

import select
import socket
import time

from client import CATALOG, RESERVATION, Buyer, Public
from moments import wait_until
from raw import RawClient

ATTACKERS = 300
DEADLINE_S = 2
SLACK_S = 8  # a sanitizer build on a busy machine

LIMITS = {
    "http.header_time_ms": DEADLINE_S * 1000,
    "http.body_time_ms": DEADLINE_S * 1000,
    "http.idle_time_ms": DEADLINE_S * 1000,
    "http.write_time_ms": DEADLINE_S * 1000,
}


def flood(office, first_bytes: bytes, receive_buffer: int = 0) -> list:
    lines = []
    for _ in range(ATTACKERS):
        line = socket.socket()
        if receive_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line.settimeout(30)
        line.connect((office.host, office.port))
        if first_bytes:
            line.sendall(first_bytes)
        lines.append(line)
    return lines


def holds_still_work(office, seconds: float) -> float:
    """Holds and releases for a while; the slowest answer in seconds."""
    buyer = Buyer(office)
    slowest, until, seat = 0.0, time.monotonic() + seconds, 1
    while time.monotonic() < until:
        before = time.monotonic()
        assert buyer.hold(1, seat).status == 201
        slowest = max(slowest, time.monotonic() - before)
        assert buyer.release(1, seat).status == 204
    buyer.close()
    return slowest


def wait_for_all_ends(lines, trickle: bytes, limit_s: float) -> list:
    """Trickles a byte on every line that is open until each has ended; what each had been told."""
    told = {line: b"" for line in lines}
    left = set(lines)
    until = time.monotonic() + limit_s
    while left:
        assert time.monotonic() < until, f"{len(left)} of {len(lines)} were not cut"
        readable, _, _ = select.select(list(left), [], [], 0.2)
        for line in readable:
            try:
                data = line.recv(65536)
            except ConnectionError:
                data = b""
            told[line] += data
            if not data:
                left.discard(line)
        for line in left:
            try:
                if trickle:
                    line.send(trickle)
            except OSError:
                pass
    for line in lines:
        line.close()
    return list(told.values())


def test_slow_heads_are_told_408_and_cut_while_holds_are_served(start_office):
    office = start_office(LIMITS)
    lines = flood(office, f"GET {CATALOG}/events HTTP/1.1\r\nHost: x\r\nA: ".encode())
    assert holds_still_work(office, 1) < 1
    for told in wait_for_all_ends(lines, b"b", DEADLINE_S + SLACK_S):
        assert told.startswith(b"HTTP/1.1 408 ")
    assert holds_still_work(office, 0.5) < 1


def test_slow_bodies_are_told_408_and_cut_while_holds_are_served(start_office):
    office = start_office(LIMITS)
    lines = flood(office, f"POST {RESERVATION}/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          "Content-Length: 10000\r\n\r\n{".encode())
    assert holds_still_work(office, 1) < 1
    for told in wait_for_all_ends(lines, b" ", DEADLINE_S + SLACK_S):
        assert told.startswith(b"HTTP/1.1 408 ")


def test_silent_clients_are_cut_without_a_word(start_office):
    office = start_office(LIMITS)
    lines = flood(office, b"")
    assert holds_still_work(office, 1) < 1
    assert set(wait_for_all_ends(lines, b"", DEADLINE_S + SLACK_S)) == {b""}


def largest_event(office) -> int:
    public = Public(office)
    events = sorted(public.events(), key=lambda event: event["seatCount"])
    public.close()
    return events[-1]["id"]


def test_clients_that_do_not_read_cost_only_themselves(start_office):
    office = start_office(LIMITS)
    request = f"GET {CATALOG}/events/{largest_event(office)}/seats HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    descriptors = office.descriptors()
    lines = flood(office, request * 4, receive_buffer=4096)  # nobody reads the maps
    wait_until(lambda: office.descriptors() >= descriptors + ATTACKERS - 5, 20, "all attackers are in")
    assert holds_still_work(office, 1) < 2
    wait_until(lambda: office.descriptors() <= descriptors + 10, DEADLINE_S + SLACK_S, "all of them are cut")
    for line in lines:
        line.close()


def test_memory_is_the_same_after_floods(start_office):
    office = start_office(LIMITS)
    head = f"GET {CATALOG}/events HTTP/1.1\r\nHost: x\r\nA: ".encode() + b"a" * 3000

    def one_flood():
        wait_for_all_ends(flood(office, head), b"b", DEADLINE_S + SLACK_S)
    one_flood()
    before = office.rss_bytes()
    one_flood()
    one_flood()
    assert office.rss_bytes() - before < 16 << 20


def test_a_viewer_that_does_not_read_is_cut_and_others_see_everything_at_once(start_office):
    office = start_office(LIMITS)
    stream = f"GET {CATALOG}/events/1/seats/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with RawClient(office) as viewer:
        viewer.send(stream)
        while b"event: INIT" not in viewer.buffer:  # what was before it is told by the map
            assert viewer._more(), "the viewer was cut"
        stuck = flood(office, stream, receive_buffer=4096)
        buyer = Buyer(office)
        for seat in (1, 4, 7, 10):
            before = time.monotonic()
            assert buyer.hold(1, seat).status == 201
            while f'"seatId":{seat},'.encode() not in viewer.buffer:
                assert viewer._more(), "the viewer was cut"
            assert time.monotonic() - before < 2
        buyer.close()
        for line in stuck:
            line.close()
