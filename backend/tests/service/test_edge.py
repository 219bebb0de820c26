"""The HTTP edge of the real office: framing that two servers could read in two ways, every limit, and the error body.

The parser's own tests are beside it (backend/runtime/http); here the question is what a client of the whole
office gets to see: the right status, the house's one error body, a Trace-Id, and an end of the connection.
"""

import json
import os
import re
import resource
import socket
import time
from pathlib import Path

import pytest

from client import CATALOG, RESERVATION
from moments import wait_until
from raw import RawClient

OFFICE = {
    "http.header_bytes_max": 8192,
    "http.target_bytes_max": 1024,
    "http.header_fields_max": 40,
    "http.body_bytes_max": 16384,
}

HOLD = f"POST {RESERVATION}/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
EVENTS = f"GET {CATALOG}/events HTTP/1.1\r\nHost: x\r\n".encode()

CODES = {400: "MALFORMED_REQUEST", 503: "UNAVAILABLE"}


def assert_problem(answer, status):
    assert answer is not None, "the connection ended without an answer"
    got, fields, body = answer
    assert got == status, body
    assert fields["content-type"].split(";")[0] in ("application/problem+json", "application/json")
    problem = json.loads(body)
    assert {"code", "message", "traceId"} <= problem.keys()
    if CODES.get(status):
        assert problem["code"] == CODES[status]
    assert re.fullmatch("[0-9a-f]{32}", fields["trace-id"])
    assert problem["traceId"].replace("-", "") == fields["trace-id"]
    assert "date" in fields


ATTACKS = {
    "both lengths": (HOLD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "repeated length": (HOLD + b"Content-Length: 0\r\nContent-Length: 9\r\n\r\n", 400),
    "list of lengths": (HOLD + b"Content-Length: 2, 2\r\n\r\n{}", 400),
    "signed length": (HOLD + b"Content-Length: +2\r\n\r\n{}", 400),
    "huge length": (HOLD + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    "bare line feed": (EVENTS.replace(b"\r\n", b"\n") + b"\n", 400),
    "bare carriage return": (EVENTS + b"A: b\rC: d\r\n\r\n", 400),
    "folded line": (HOLD + b"A: b\r\n Content-Length: 5\r\n\r\n", 400),
    "space before colon": (HOLD + b"Content-Length : 5\r\n\r\n", 400),
    "NUL in a field": (EVENTS + b"A: \0\r\n\r\n", 400),
    "no host": (f"GET {CATALOG}/events HTTP/1.1\r\n\r\n".encode(), 400),
    "two hosts": (EVENTS + b"Host: y\r\n\r\n", 400),
    "chunk size not hex": (HOLD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "chunk longer than it says": (HOLD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX\r\n0\r\n\r\n", 400),
    "chunk extension flood": (HOLD + b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 2000 + b"\r\n{}\r\n0\r\n\r\n", 400),
    "other transfer coding": (HOLD + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "unknown method": (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    "CONNECT": (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    "fragment in target": (b"GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "not HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "other expectation": (HOLD + b"Expect: cake\r\nContent-Length: 2\r\n\r\n{}", 417),
    "body announced too large": (HOLD + b"Content-Length: 16385\r\n\r\n", 413),
    "chunked body too large": (HOLD + b"Transfer-Encoding: chunked\r\n\r\n4001\r\n", 413),
    "target too long": (b"GET /" + b"a" * 1024 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "fields too large": (EVENTS + b"A: " + b"a" * 8192 + b"\r\n\r\n", 431),
    "too many fields": (EVENTS + b"A: b\r\n" * 40 + b"\r\n", 431),
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda name: name.replace(" ", "-"))
def test_ambiguous_or_oversized_requests_are_refused_and_the_connection_ends(office, attack):
    data, status = ATTACKS[attack]
    with RawClient(office) as client:
        client.send(EVENTS + b"\r\n" + data + EVENTS + b"\r\n")  # the last one would be the smuggled request
        assert client.answer()[0] == 200
        answer = client.answer()
        assert_problem(answer, status)
        assert answer[1]["connection"] == "close"
        assert client.ended() and client.buffer == b"", "something behind the attack was answered"


def test_pipelined_answers_come_in_order(office):
    targets = [f"{CATALOG}/events/{1 + i % 3}" for i in range(60)]
    with RawClient(office) as client:
        client.send(b"".join(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for target in targets))
        for target in targets:
            status, _, body = client.answer()
            assert status == 200
            assert json.loads(body)["id"] == int(target.rsplit("/", 1)[1])


def test_a_request_in_single_bytes_is_a_request(office):
    with RawClient(office) as client:
        for byte in EVENTS + b"\r\n":
            client.send(bytes([byte]))
        assert client.answer()[0] == 200


def test_head_is_get_without_a_body(office):
    with RawClient(office) as client:
        client.send(EVENTS.replace(b"GET", b"HEAD", 1) + b"\r\n")
        status, fields, _ = client.answer(head_only=True)
        assert status == 200 and int(fields["content-length"]) > 0
        client.send(EVENTS + b"\r\n")
        assert client.answer()[0] == 200


def test_http_1_0_is_answered_and_closed_unless_it_asks_to_stay(office):
    with RawClient(office) as client:
        client.send(f"GET {CATALOG}/events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode())
        status, fields, _ = client.answer()
        assert (status, fields["connection"]) == (200, "keep-alive")
        client.send(f"GET {CATALOG}/events HTTP/1.0\r\n\r\n".encode())
        status, fields, _ = client.answer()
        assert (status, fields["connection"]) == (200, "close")
        assert client.ended()


def test_continue_is_said_before_a_body_that_waits_for_it(office):
    body = b'{"eventId":1,"seatId":999999}'
    with RawClient(office) as client:
        client.send(HOLD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert client.answer()[0] == 100
        client.send(body)
        assert client.answer()[0] == 404


def test_absolute_targets_and_options_asterisk_are_understood(office):
    with RawClient(office) as client:
        client.send(f"GET http://box.example:80{CATALOG}/events HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer()[0] == 200
        client.send(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" + EVENTS + b"\r\n")
        status, head, _ = client.answer()[:3]
        assert status == 204 and "DELETE" in head["allow"]
        assert client.answer()[0] == 200


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("field, adopted", [
    (f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01", True),
    (f"Trace-Id: {TRACE}", True),
    ("Trace-Id: 4BF92F35-77B3-4DA6-A3CE-929D0E0E4736", True),
    (f"traceparent: 00-{TRACE}-0000000000000000-01", False),
    (f"traceparent: ff-{TRACE}-00f067aa0ba902b7-01", False),
    ("Trace-Id: 00000000000000000000000000000000", False),
    ("Trace-Id: <script>", False),
])
def test_traces_are_continued_adopted_or_replaced(office, field, adopted):
    with RawClient(office) as client:
        client.send(EVENTS + field.encode() + b"\r\n\r\n")
        _, fields, _ = client.answer()
        assert re.fullmatch("[0-9a-f]{32}", fields["trace-id"])
        assert (fields["trace-id"] == TRACE) == adopted


def test_one_connection_too_many_is_told_and_the_rest_are_served(start_office):
    office = start_office({"http.connections_max": 10})
    inside = []
    try:
        for _ in range(10):
            inside.append(RawClient(office))
            inside[-1].send(EVENTS + b"\r\n")
            assert inside[-1].answer()[0] == 200
        with RawClient(office) as one_more:
            one_more.send(EVENTS + b"\r\n")
            answer = one_more.answer()
            assert_problem(answer, 503)
            assert "retry-after" in answer[1]
            assert one_more.ended()
        inside[0].send(EVENTS + b"\r\n")
        assert inside[0].answer()[0] == 200
    finally:
        for client in inside:
            client.line.close()

    def room_again():
        with RawClient(office) as client:
            return client.send(EVENTS + b"\r\n").answer()[0] == 200
    wait_until(room_again, 10, "a place that became free is given away")


def cpu_seconds(office) -> float:
    fields = Path(f"/proc/{office.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_out_of_descriptors_the_office_waits_and_recovers(start_office):
    def few_descriptors():
        resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96))
    office = start_office(preexec=few_descriptors)
    crowd = []
    try:
        for _ in range(150):  # those that are not accepted wait in the backlog
            line = socket.socket()
            line.settimeout(10)
            line.connect((office.host, office.port))
            crowd.append(line)
        used = cpu_seconds(office)
        time.sleep(1)
        assert cpu_seconds(office) - used < 0.5, "it spins"
    finally:
        for line in crowd:
            line.close()

    def answers():
        with RawClient(office) as client:
            answer = client.send(EVENTS + b"\r\n").answer()
            return answer is not None and answer[0] == 200
    wait_until(answers, 20, "the office accepts again")
