"""Every route with nonsense, excess and malice: never a 5xx, never an answer the contract does not know.

Seeded: the same inputs each run. What a framing attack looks like on the wire is test_edge.py's matter; here the requests
are well-formed HTTP with anything in them.
"""

import http.client
import json
import os
import random

import pytest

from client import CATALOG, ORDER, PAYMENT, RESERVATION, Buyer, Internal
from promise import check, check_problem

SEED = int(os.environ.get("ONSALE_SEED", "20261122"))

ORDER_ID = "019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a"
ROUTES = [
    ("GET", f"{CATALOG}/events", None), ("GET", f"{CATALOG}/events/{{event}}", None),
    ("GET", f"{CATALOG}/events/{{event}}/seats", None), ("GET", f"{CATALOG}/events/{{event}}/layout", None),
    ("POST", f"{RESERVATION}/reservations", {"eventId": 1, "seatId": 1, "holdSeconds": 60}),
    ("POST", f"{RESERVATION}/reservations", {"eventId": 1, "seatIds": [1, 4]}),
    ("GET", f"{RESERVATION}/reservations?eventId={{event}}", None),
    ("POST", f"{RESERVATION}/reservations/{{event}}/{{seat}}/extend", {"seconds": 60}),
    ("DELETE", f"{RESERVATION}/reservations/{{event}}/{{seat}}", None),
    ("POST", f"{RESERVATION}/reservations/{{event}}/{{seat}}/confirm", None),
    ("POST", f"{ORDER}/orders", {"eventId": 1, "seatIds": [1, 4]}),
    ("GET", f"{ORDER}/orders", None), ("GET", f"{ORDER}/orders/{{order}}", None),
    ("GET", "/actuator/health", None), ("GET", "/actuator/health/liveness", None), ("GET", "/actuator/prometheus", None),
    ("GET", "/ticketing/order/api/actuator/health", None), ("GET", "/openapi.json", None), ("GET", "/docs", None), ("GET", "/", None),
]
INTERNAL_ROUTES = [
    ("POST", f"{CATALOG}/internal/seat-update", {"eventId": 1, "seatId": 1, "status": "HELD", "version": 5}),
    ("POST", f"{RESERVATION}/internal/admin/reset", {"eventId": 3}),
    ("POST", f"{PAYMENT}/payments/authorize", {"orderId": ORDER_ID}),
]

VALUES = [None, True, False, 0, 1, -1, 2, 1.5, 1e308, -0.0, 2**31, 2**32, 2**53 - 1, 2**53, 2**63, 2**64, 10**40, "", "1", "x" * 5000,
          "\u0000", "\ud55c\uae00", "'; DROP TABLE orders; --", "../../etc/passwd", "%s%n%x", "<script>", [], [[]], {}, {"a": {}},
          [1] * 17, [1] * 5000, [None], ["1"], "HELD", "NaN", ORDER_ID]
BROKEN = [b"", b" ", b"{", b"}", b"{}{}", b"{]", b"[1,", b'{"eventId":}', b'{"eventId":1,}', b"{'eventId':1}", b"\xff\xfe", b"\xef\xbb\xbf{}",
          b'{"eventId":01}', b'{"eventId":+1}', b'{"eventId":1e}', b'{"eventId":NaN}', b'{"a":"\\ud800"}', b'{"a":"\\x"}', b'{"a":"\n"}',
          b"[" * 5000, b'{"a":' * 2000 + b"1" + b"}" * 2000, b"null", b"true", b'"x"', b"1", b"\x00", b'{"eventId":1,"eventId":2,"seatId":1}',
          b'{"a":"' + b"x" * 60000 + b'"}', b"{" + b",".join(b'"k%d":1' % n for n in range(4000)) + b"}", b'{"eventId":1' + b"0" * 3000 + b"}"]
IDS = ["0", "1", "-1", "01", "1.0", "1e3", "x", "%31", "%00", "%2e%2e", "..", ".", "%ff", "9007199254740991", "9007199254740992",
       "18446744073709551616", "9" * 200, "1;2", "1,2", "+1", " ", "%20", "null", "\u00e9".encode().decode("latin-1"), "1%0d%0aX:%20y",
       "*", "~", "a" * 3000, ORDER_ID, ORDER_ID.upper(), "{eventId}", "%7B%7D", "1?x=y", "1#f", "%"]
HEADERS = [("Accept", "*/*"), ("Accept", "text/html;q=0.1, application/json"), ("Accept", ";;;"), ("Accept", "a" * 2000),
           ("Accept", "application/json;q=2"), ("Accept-Encoding", "gzip"), ("Accept-Encoding", "gzip;q=0, *"), ("Accept-Encoding", "br, zstd"),
           ("If-None-Match", "*"), ("If-None-Match", '"'), ("If-None-Match", 'W/"1", "2"'), ("Idempotency-Key", "k"), ("Idempotency-Key", "k" * 500),
           ("Trace-Id", "zzz"), ("Trace-Id", "0" * 32), ("traceparent", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"), ("traceparent", "ff-x"),
           ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), ("Content-Type", "text/plain"),
           ("Content-Type", "application/json; charset=utf-16"), ("Content-Type", "application/json;"), ("Content-Encoding", "gzip"),
           ("Range", "bytes=0-1"), ("Origin", "https://evil.example"), ("Origin", "null"), ("Cookie", "onsale_buyer="), ("Cookie", "=;=;=" * 50),
           ("X-Forwarded-For", "1.2.3.4"), ("X-HTTP-Method-Override", "DELETE"), ("Last-Event-ID", "x"), ("Upgrade", "websocket"),
           ("Forwarded", "for=unknown"), ("Prefer", "return=minimal"), ("Authorization", ""), ("Authorization", "Bearer"),
           ("Host", "evil.example"), ("X-" + "a" * 100, "b" * 1000)]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECTX", "get", "PROPFIND"]


def fill(path, dice):
    return (path.replace("{event}", dice.choice(["1", "2", dice.choice(IDS)])).replace("{seat}", dice.choice(["1", "4", dice.choice(IDS)]))
            .replace("{order}", dice.choice([ORDER_ID, dice.choice(IDS)])))


def mutate(body, dice):
    """One member changed, left out, doubled or added; or something else altogether."""
    body = dict(body)
    for _ in range(dice.choice((1, 1, 2))):
        key = dice.choice([*body, "extra", "__proto__"])
        if dice.random() < 0.2:
            body.pop(key, None)
        else:
            body[key] = dice.choice(VALUES)
    return body


def send(caller, method, path, body, headers):
    try:
        answer = caller.request(method, path, body, headers)
    except (ValueError, http.client.InvalidURL):  # http.client itself refuses to send such a thing
        return None
    assert answer.status < 500 or answer.status == 501, f"{method} {path[:200]} {str(body)[:200]} {headers}: {answer}"
    if method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"):
        check(method, path, answer)
    elif method != "HEAD" and answer.status >= 400:
        check_problem(answer)
    return answer


@pytest.mark.provokes("MALFORMED_REQUEST", "VALIDATION_FAILED")
@pytest.mark.parametrize("method, path, body", [route for route in ROUTES if route[2]])
def test_broken_json_is_400_or_422(buyer, method, path, body):
    path = path.replace("{event}", "1").replace("{seat}", "1")
    for broken in BROKEN:
        answer = send(buyer, method, path, broken, {"Idempotency-Key": "k"})
        assert answer.status in (400, 413, 422, 404), f"{broken[:80]}: {answer}"


@pytest.mark.provokes("UNSUPPORTED_MEDIA_TYPE")
@pytest.mark.parametrize("method, path, body", [route for route in ROUTES if route[2]])
def test_a_body_that_is_not_plain_json_is_415(buyer, method, path, body):
    path = path.replace("{event}", "1").replace("{seat}", "1")
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": "application/xml"},
                    {"Content-Type": "application/json", "Content-Encoding": "gzip"}):
        answer = send(buyer, method, path, json.dumps(body), {"Idempotency-Key": "k", **headers})
        assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE"), f"{headers}: {answer}"


@pytest.mark.provokes("METHOD_NOT_ALLOWED", "NOT_IMPLEMENTED")
@pytest.mark.parametrize("path", sorted({route[1] for route in ROUTES}))
def test_every_method_on_every_path_is_answered_as_promised(buyer, path):
    path = path.replace("{event}", "1").replace("{seat}", "1").replace("{order}", ORDER_ID)
    here = {method for method, known, _ in ROUTES if known.split("?")[0].replace("{event}", "1").replace("{seat}", "1").replace(
        "{order}", ORDER_ID) == path.split("?")[0]}
    for method in METHODS:
        answer = send(buyer, method, path, None, {})
        if method in ("PUT", "PATCH", "TRACE") or (method in ("GET", "POST", "DELETE") and method not in here):
            assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED"), f"{method} {path}: {answer}"
            assert here <= set(answer.header("Allow").replace(" ", "").split(","))
        elif method in ("CONNECTX", "get"):
            assert (answer.status, answer.code) == (501, "NOT_IMPLEMENTED"), f"{method}: {answer}"


@pytest.mark.parametrize("round_", range(4))
def test_anything_at_all_is_answered_as_promised(office, round_):
    """2,000 requests a round: mutated bodies, odd ids, odd headers, on every route of the public listener."""
    dice, buyer = random.Random(f"{SEED}/{round_}"), Buyer(office)
    answers = {}
    for number in range(2000):
        method, path, body = dice.choice(ROUTES)
        if dice.random() < 0.1:
            method = dice.choice(METHODS)
        path = fill(path, dice)
        if dice.random() < 0.15:
            path += ("&" if "?" in path else "?") + dice.choice(["x=y", "eventId=2", "limit=0", "limit=1000", "after=x", "since=5", "since=x",
                                                              "lastEventId=1", "hash=", "%=%", "a" * 500, "=&=&", "eventId=1&eventId=2"])
        if body is not None:
            body = mutate(body, dice) if dice.random() < 0.8 else dice.choice(BROKEN)
        headers = dict(dice.sample(HEADERS, dice.choice((0, 1, 1, 3))))
        if method == "POST" and path.endswith("/orders") and dice.random() < 0.8:
            headers.setdefault("Idempotency-Key", f"k{number}")
        if dice.random() < 0.05:
            buyer.token = None
        answer = send(buyer, method, path, body, headers)
        if answer is not None:
            answers[answer.status] = answers.get(answer.status, 0) + 1
    assert office.running
    assert {200, 400, 404, 422} <= set(answers), answers
    buyer.close()


@pytest.mark.parametrize("method, path, body", INTERNAL_ROUTES)
def test_the_internal_listener_takes_no_nonsense_either(office, method, path, body):
    dice, operator = random.Random(f"{SEED}/{path}"), Internal(office)
    for broken in BROKEN:
        answer = send(operator, method, path, broken, {})
        doubled = b'"eventId":1,"eventId":2' in broken and path.endswith("reset")  # JSON as it is: the last one counts
        assert answer.status in (400, 413, 422) or (doubled and answer.status == 200)
    for _ in range(300):
        answer = send(operator, method, path, mutate(body, dice), {})
        assert answer is None or answer.status in (200, 204, 404, 422)
    operator.close()


def test_afterwards_the_office_sells_as_before(office, internal):
    internal.reset(2)
    buyer = Buyer(office)
    assert buyer.buy(2, [2, 5])["status"] == "CONFIRMED"
