"""Each error code of the contract is provoked by a test: those say so with @pytest.mark.provokes("CODE", …), and this
file holds their list against contract/errors.json. One code needs a reason of its own:
  INTERNAL_ERROR     must not happen; that it never does is what test_nonsense.py and the rest are for
"""

import asyncio
import re
from pathlib import Path

import pytest

import halls
import promise
from client import CATALOG, RESERVATION, Buyer, Public, read_answer

EXEMPT = {"INTERNAL_ERROR"}
HERE = Path(__file__).parent


def provoked() -> dict:
    """{code: [file::test]} from the marks in the source, without importing the tests."""
    found = {}
    for path in sorted(HERE.glob("test_*.py")):
        codes = []
        for line in path.read_text().splitlines():
            if mark := re.match(r"@pytest\.mark\.provokes\((.*)\)", line):
                codes += re.findall(r'"(\w+)"', mark.group(1))
            elif test := re.match(r"def (test_\w+)", line):
                for code in codes:
                    found.setdefault(code, []).append(f"{path.name}::{test.group(1)}")
                codes = []
    return found


def test_each_code_of_the_contract_is_provoked_by_a_test():
    told = provoked()
    assert set(promise.errors()) - set(told) - EXEMPT == set(), "codes that no test provokes"
    assert set(told) - set(promise.errors()) == set(), "marks that name no code"


@pytest.mark.provokes("NOT_ON_SALE")
def test_before_the_sale_nothing_can_be_held(not_on_sale_event):
    office, event, seat = not_on_sale_event
    buyer = Buyer(office)
    for answer in (buyer.hold(event, seat), buyer.order(event, seat)):
        promise.check_problem(answer)
        assert (answer.status, answer.code) == (409, "NOT_ON_SALE")
    assert set(buyer.statuses(event).values()) == {"AVAILABLE"}


@pytest.mark.provokes("NOT_ON_SALE")
def test_after_the_events_begin_nothing_can_be_held_and_nothing_streams(start_office, tmp_path):
    office = start_office()
    path = halls.write(tmp_path / "plan.json", halls.plan())
    ended = halls.import_plan(office.data_dir, path, price=["Front=1000", "Back=500"],
                              on_sale_at="2020-01-01T00:00:00Z", starts_at="2020-02-01T00:00:00Z")
    assert ended.returncode == 0, ended.stderr
    buyer = Buyer(office)
    event = halls.event_called(buyer, "Little Hall")
    seat = event["id"] * 1_000_000 + 1
    for answer in (buyer.hold(event["id"], seat), buyer.order(event["id"], seat)):
        promise.check_problem(answer)
        assert (answer.status, answer.code) == (409, "NOT_ON_SALE")
    assert set(buyer.statuses(event["id"]).values()) == {"AVAILABLE"}, "the map is still there to be read"
    stream = buyer.get(f"{CATALOG}/events/{event['id']}/seats/stream", Accept="text/event-stream")
    promise.check("GET", f"{CATALOG}/events/{event['id']}/seats/stream", stream)
    assert (stream.status, stream.body) == (204, b""), "an EventSource does not come back after it"


@pytest.mark.provokes("CONTENT_TOO_LARGE")
def test_a_body_over_the_limit(start_office):
    office = start_office({"http.body_bytes_max": 1024})
    answer = Public(office).request("POST", f"{RESERVATION}/reservations", b'{"eventId":1,"seatId":1,"x":"' + b"x" * 2000 + b'"}')
    promise.check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (413, "CONTENT_TOO_LARGE")


@pytest.mark.provokes("URI_TOO_LONG")
def test_an_address_over_the_limit(public):
    answer = public.get("/" + "a" * 100_000)
    promise.check_problem(answer)
    assert (answer.status, answer.code) == (414, "URI_TOO_LONG")


@pytest.mark.provokes("HEADERS_TOO_LARGE")
def test_headers_over_the_limit(public):
    answer = public.request("GET", "/actuator/health", headers={f"X-{n}": "v" * 1000 for n in range(90)})
    promise.check_problem(answer)
    assert (answer.status, answer.code) == (431, "HEADERS_TOO_LARGE")


@pytest.mark.provokes("LENGTH_REQUIRED")
def test_a_body_of_unknown_length(office):
    line = b"POST /ticketing/reservation/api/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n"
    answer = raw(office, line)
    promise.check_problem(answer)
    assert (answer.status, answer.code) == (411, "LENGTH_REQUIRED")


@pytest.mark.provokes("EXPECTATION_FAILED")
def test_an_expectation_that_is_not_known(public):
    answer = public.request("GET", "/actuator/health", headers={"Expect": "the impossible"})
    promise.check_problem(answer)
    assert (answer.status, answer.code) == (417, "EXPECTATION_FAILED")


@pytest.mark.provokes("REQUEST_TIMEOUT")
def test_a_request_that_does_not_arrive(start_office):
    office = start_office({"http.header_time_ms": 300, "http.body_time_ms": 300})
    for half in (b"GET /actuator/health HTTP/1.1\r\nHos",
                 b"POST /ticketing/reservation/api/reservations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                 b"Content-Length: 30\r\n\r\n{"):
        answer = raw(office, half)
        promise.check_problem(answer)
        assert (answer.status, answer.code) == (408, "REQUEST_TIMEOUT")


@pytest.mark.provokes("NOT_ACCEPTABLE")
def test_a_form_that_cannot_be_had(public):
    answer = public.get("/ticketing/catalog/api/events/1/seats", Accept="image/png")
    promise.check("GET", "/ticketing/catalog/api/events/1/seats", answer)
    assert (answer.status, answer.code) == (406, "NOT_ACCEPTABLE")


def test_old_clients_may_have_the_same_body_as_plain_json(start_office):
    office = start_office({"errors.content_type": "application/json"})
    answer = Public(office).get("/ticketing/catalog/api/events/424242")
    assert answer.header("Content-Type").split(";")[0] == "application/json"
    assert answer.code == "EVENT_NOT_FOUND" and {"code", "message", "traceId"} <= set(answer.json)


def test_every_error_says_what_to_do_next(public):
    told = public.get("/ticketing/catalog/api/events/424242").json
    assert told["message"] == promise.errors()["EVENT_NOT_FOUND"]["message"]
    assert told["title"] == promise.errors()["EVENT_NOT_FOUND"]["title"]
    assert told["type"].endswith("#EVENT_NOT_FOUND")


def raw(office, request: bytes):
    """Sends bytes and reads the one answer that comes."""
    async def talk():
        reader, writer = await asyncio.open_connection(office.host, office.port)
        writer.write(request)
        answer = await asyncio.wait_for(read_answer(reader), 20)
        writer.close()
        return answer

    return asyncio.run(talk())


@pytest.mark.provokes("TOO_MANY_REQUESTS")
def test_a_buyer_who_asks_too_fast(start_office):
    office = start_office({"limits.requests_per_second_per_buyer": 1})
    buyer = Buyer(office)
    assert buyer.hold(1, 1).status == 201
    answers = [buyer.request("GET", f"{RESERVATION}/reservations?eventId=1") for _ in range(60)]
    told = [answer for answer in answers if answer.status == 429]
    assert told and all(answer.status in (200, 429) for answer in answers)
    promise.check_problem(told[0])
    assert told[0].code == "TOO_MANY_REQUESTS" and int(told[0].header("Retry-After")) >= 1
    assert Buyer(office).hold(1, 4).status == 201, "another buyer is not slowed down"
