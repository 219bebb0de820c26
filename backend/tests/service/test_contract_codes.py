"""Every code of contract/errors.json is provoked by a test: here where one or two plain calls do it, else by the suite that
sets the stage for it (its test says so by the marker `provokes`, or a unit test names the code)."""

import http.client
import json
import re
import socket
import uuid
from pathlib import Path

import pytest

from client import CATALOG, ORDER, RESERVATION, Answer, Buyer, Caller, Public
from promise import check, check_problem, errors

BACKEND = Path(__file__).resolve().parents[2]
HOLDS, ORDERS = f"{RESERVATION}/reservations", f"{ORDER}/orders"
NOBODY = "019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a"
# The enum's word for a code, where it is another than the wire's.
ENUM = {"FORBIDDEN": "not_allowed", "NOT_FOUND": "route_not_found"}


class Stage:
    """What a provocation may use: two buyers, free seats, the listeners."""

    def __init__(self, office, seats):
        self.office, self.seats, self.event = office, seats, seats.event
        self.buyer, self.other, self.public = Buyer(office), Buyer(office), Public(office)
        self.inside = Caller(office.internal_host, office.internal_port)

    def one(self) -> int:
        return self.seats.one()

    def order(self, seats, key) -> Answer:
        return self.buyer.order(self.event, seats, key)

    def raw(self, request: bytes) -> Answer:
        with socket.create_connection((self.office.host, self.office.port), timeout=30) as connection:
            connection.sendall(request)
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Answer(response.status, response.getheaders(), response.read())


@pytest.fixture
def stage(office, seats):
    return Stage(office, seats)


def conflict(stage):
    seat = stage.one()
    stage.other.hold(stage.event, seat)
    return stage.buyer.hold(stage.event, seat)


def sold(stage):
    seat = stage.one()
    assert stage.other.buy(stage.event, seat)["status"] == "CONFIRMED"
    return stage.buyer.hold(stage.event, seat)


def not_owned(stage):
    seat = stage.one()
    stage.other.hold(stage.event, seat)
    return stage.buyer.extend(stage.event, seat, 60)


def key_reused(stage):
    one, two = stage.seats.take(2)
    stage.buyer.hold(stage.event, [one, two])
    key = str(uuid.uuid4())
    assert stage.order([one], key).status == 201
    return stage.order([two], key)


def post(path, text, **headers):
    """A POST of a text as it is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda stage: stage.buyer.request("POST", path, text, named)


# code -> (method, path of the contract, provocation)
PROVOKED = {
    "RESERVATION_CONFLICT": ("POST", HOLDS, conflict),
    "SEAT_SOLD": ("POST", HOLDS, sold),
    "RESERVATION_EXPIRED": ("POST", f"{HOLDS}/1/1/extend", lambda stage: stage.buyer.extend(stage.event, stage.one(), 60)),
    "HOLD_NOT_OWNED": ("POST", f"{HOLDS}/1/1/extend", not_owned),
    "VALIDATION_FAILED": ("POST", HOLDS, post(HOLDS, '{"eventId":"one"}')),
    "MALFORMED_REQUEST": ("POST", HOLDS, post(HOLDS, '{"eventId":1,')),
    "IDEMPOTENCY_KEY_MISSING": ("POST", ORDERS, post(ORDERS, '{"eventId":1,"seatIds":[1]}')),
    "IDEMPOTENCY_KEY_REUSED": ("POST", ORDERS, key_reused),
    "EVENT_NOT_FOUND": ("POST", HOLDS, lambda stage: stage.buyer.hold(424242, 999999)),
    "SEAT_NOT_FOUND": ("POST", HOLDS, lambda stage: stage.buyer.hold(1, 999999)),
    "ORDER_NOT_FOUND": ("GET", f"{ORDERS}/{NOBODY}", lambda stage: stage.buyer.read_order(NOBODY)),
    "LIMIT_EXCEEDED": ("POST", HOLDS, lambda stage: stage.buyer.hold(stage.event, stage.seats.take(9))),
    "TOKEN_INVALID": ("POST", HOLDS, lambda stage: Buyer(stage.office, token="v1.AAAA.BBBB").hold(stage.event, stage.one())),
    "ORIGIN_NOT_ALLOWED": ("POST", HOLDS, post(HOLDS, '{"eventId":1,"seatId":1}', Sec_Fetch_Site="cross-site")),
    "FORBIDDEN": ("POST", f"{HOLDS}/1/1/confirm", lambda stage: stage.buyer.confirm(stage.event, stage.one())),
    "CREDENTIAL_REQUIRED": ("POST", f"{RESERVATION}/internal/admin/reset", lambda stage: stage.inside.request(
        "POST", f"{RESERVATION}/internal/admin/reset", {"eventId": 3})),
    "NOT_FOUND": ("GET", "/nowhere", lambda stage: stage.public.get("/nowhere")),
    "METHOD_NOT_ALLOWED": ("PUT", f"{CATALOG}/events", lambda stage: stage.public.request("PUT", f"{CATALOG}/events", {})),
    "UNSUPPORTED_MEDIA_TYPE": ("POST", HOLDS, post(HOLDS, '{"eventId":1,"seatId":1}', Content_Type="text/plain")),
    "NOT_ACCEPTABLE": ("GET", f"{CATALOG}/events", lambda stage: stage.public.get(f"{CATALOG}/events", Accept="image/png")),
    "CONTENT_TOO_LARGE": ("POST", HOLDS, lambda stage: stage.raw(
        f"POST {HOLDS} HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n".encode())),
    "URI_TOO_LONG": ("GET", f"{CATALOG}/events", lambda stage: stage.raw(
        f"GET {CATALOG}/events?x={'y' * 12_000} HTTP/1.1\r\nHost: a\r\n\r\n".encode())),
    "HEADERS_TOO_LARGE": ("GET", f"{CATALOG}/events", lambda stage: stage.raw(
        f"GET {CATALOG}/events HTTP/1.1\r\nHost: a\r\nX: {'y' * 40_000}\r\n\r\n".encode())),
    "LENGTH_REQUIRED": ("POST", HOLDS, lambda stage: stage.raw(f"POST {HOLDS} HTTP/1.1\r\nHost: a\r\n\r\n".encode())),
    "REQUEST_TIMEOUT": ("GET", f"{CATALOG}/events", lambda stage: stage.raw(f"GET {CATALOG}/events HTTP/1.1\r\nHost:".encode())),
    "EXPECTATION_FAILED": ("GET", f"{CATALOG}/events", lambda stage: stage.public.get(f"{CATALOG}/events", Expect="200-maybe")),
    "NOT_IMPLEMENTED": ("GET", f"{CATALOG}/events", lambda stage: stage.public.request("BREW", f"{CATALOG}/events")),
}
# What a plain call cannot provoke, and why.
ELSEWHERE = {
    "IDEMPOTENCY_IN_PROGRESS": "two calls at once",
    "NOT_ON_SALE": "an event whose sale has not opened",
    "TOO_MANY_REQUESTS": "a rate limit, which is off unless configured",
    "UNAVAILABLE": "a full or stopping office",
    "INTERNAL_ERROR": "a handler with a fault in it",
}


@pytest.mark.parametrize("code", sorted(PROVOKED))
def test_a_code_is_provoked(stage, code):
    method, path, provoke = PROVOKED[code]
    answer = provoke(stage)
    told = check_problem(answer, code)
    assert told["code"] == code
    assert (told["title"], told["type"]) == (errors()[code]["title"], errors()[code]["docs"])
    check(method, path, answer)


def test_each_refused_seat_is_named(stage):
    mine, held, gone = stage.seats.take(3)
    stage.other.hold(stage.event, held)
    told = check_problem(stage.buyer.hold(stage.event, [mine, held]))
    assert told["seats"] == [{"seatId": held, "status": "HELD"}]
    stage.other.buy(stage.event, gone)
    told = check_problem(stage.buyer.hold(stage.event, [mine, held, gone]))
    assert told["code"] == "SEAT_SOLD"
    assert sorted((seat["seatId"], seat["status"]) for seat in told["seats"]) == sorted([(held, "HELD"), (gone, "SOLD")])


@pytest.mark.parametrize("body, pointers", [
    ({}, {"/eventId"}),
    ({"eventId": 1}, None),
    ({"eventId": 1, "seatId": 1, "seatIds": [4]}, None),
    ({"eventId": 0, "seatId": -1}, {"/eventId", "/seatId"}),
    ({"eventId": 1, "seatId": 2**53}, {"/seatId"}),
    ({"eventId": 1, "seatId": 1.5}, {"/seatId"}),
    ({"eventId": 1, "seatId": None}, {"/seatId"}),
    ({"eventId": 1, "seatIds": []}, {"/seatIds"}),
    ({"eventId": 1, "seatIds": [1, "4"]}, {"/seatIds/1"}),
    ({"eventId": 1, "seatIds": [1, 1]}, {"/seatIds/1"}),
    ({"eventId": 1, "seatIds": list(range(1, 52, 3))}, {"/seatIds"}),
    ({"eventId": 1, "seatId": 1, "holdSeconds": "5"}, {"/holdSeconds"}),
    ([], {""}),
    ("text", {""}),
])
def test_each_wrong_member_is_pointed_at(stage, body, pointers):
    answer = stage.buyer.request("POST", HOLDS, json.dumps(body))
    check("POST", HOLDS, answer)
    told = check_problem(answer)
    assert told["code"] == "VALIDATION_FAILED"
    if pointers is not None:
        assert pointers <= {error["pointer"] for error in told["errors"]}


def test_a_sum_of_all_wrongs_is_told_at_once(stage):
    told = check_problem(stage.buyer.request("POST", HOLDS, {"eventId": "x", "seatId": "y", "holdSeconds": "z"}))
    assert {error["pointer"] for error in told["errors"]} == {"/eventId", "/seatId", "/holdSeconds"}


def test_each_code_is_provoked_somewhere():
    assert sorted(set(PROVOKED) | set(ELSEWHERE)) == sorted(errors())
    services = "\n".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py") if file != Path(__file__))
    marked = {code for names in re.findall(r"provokes\(([^)]*)\)", services) for code in re.findall(r'"(\w+)"', names)}
    units = "\n".join(file.read_text() for file in BACKEND.rglob("*_test.cpp"))
    named = {code for code in ELSEWHERE if re.search(rf"Code::{ENUM.get(code, code.lower())}\b", units)}
    assert sorted(set(ELSEWHERE) - marked - named) == []
