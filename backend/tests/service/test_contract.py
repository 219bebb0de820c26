"""The running office against contract/openapi.yaml: each operation answers as promised, in both forms of its address,
by HEAD and OPTIONS too, and its binary forms say what its JSON says."""

import gzip
import json
import re
import struct
import time
import uuid

import pytest

from client import CATALOG, ORDER, PAYMENT, RESERVATION, Buyer, Caller, Internal, Public
from promise import check, check_schema, document, errors
from sse import SseClient

METHODS = ("get", "post", "put", "patch", "delete")
SEATMAP, SEATDELTA = "application/vnd.onsale.seatmap", "application/vnd.onsale.seatdelta"
LAYOUT = "application/vnd.onsale.layout"
STATUSES = ("AVAILABLE", "HELD", "SOLD", "BLOCKED")
SERVICES = ("catalog", "reservation", "order", "payment")
PLAN = {
    "name": "Contract Hall", "size": {"width": 100, "height": 100}, "categories": [{"name": "A", "color": "#112233"}],
    "zones": [{"name": "Z", "position": {"x": 1, "y": 2}, "areas": [], "rows": [{
        "row_number": "1", "position": {"x": 0, "y": 0}, "seats": [
            {"seat_guid": f"g{n}", "seat_number": str(n), "position": {"x": n, "y": 0}, "category": "A"} for n in (1, 2)]}]}],
}


def operations() -> dict:
    """operationId -> (method, path template)."""
    return {item[method]["operationId"]: (method.upper(), path)
            for path, item in document()["paths"].items() for method in item if method in METHODS}


def is_internal(path: str) -> bool:
    return path == "/box-office" or any(item.get("tags") == ["internal"] for item in document()["paths"][path].values() if isinstance(item, dict))


def filled(template: str) -> str:
    """The path with the examples' values, seats and orders that need not exist."""
    values = {"eventId": "1", "seatId": "4", "orderId": "019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a", "service": "order",
              "file": "index-0a1b2c3d.js"}
    return re.sub(r"{(\w+)}", lambda name: values[name.group(1)], template)


class Scene:
    """One buyer's story, told with every operation of the contract once; each answer is kept under its operationId."""

    def __init__(self, office, seats):
        self.office, self.event = office, seats.event
        self.buyer, self.internal, self.public = Buyer(office), Internal(office), Public(office)
        self.one, self.two, self.three, self.lone, self.ordered = seats.take(5)
        self.order_id = None
        self.peer_buyer, self.peer_order = uuid.uuid4(), uuid.uuid4()

    def close(self):
        for caller in (self.buyer, self.internal, self.public):
            caller.close()

    def held(self, seat) -> None:
        answer = self.buyer.hold(self.event, seat)
        assert answer.status == 201, answer

    def peer(self, verb: str, seat: int = 0):
        """A verb of the seat ledger as another role asks it, on a seat of event 2."""
        seat_id = 3 * (90 + seat) + 2
        body = {"eventId": 2, "buyerId": str(self.peer_buyer), "orderId": str(self.peer_order)}
        body |= {"seatIds": [seat_id]} if verb in ("hold", "pin", "settle") else {"seatId": seat_id}
        body |= {"hold": {"wantedMs": 60000, "lifeMaxMs": 900000, "seatsPerBuyerMax": 8}, "extend": {"byMs": 60000},
                 "pin": {"deadlineMs": int(time.time() * 1000) + 30000}, "settle": {"settlement": "GIVE_BACK"}}.get(verb, {})
        return self.internal.request("POST", f"{RESERVATION}/internal/seats/{verb}", body, {"Deadline-Ms": "3000"})

    def peer_payment(self, verb: str):
        body = {"attemptId": str(self.peer_order), "orderId": str(self.peer_order), "amount": 50000, "currency": "KRW",
                "payByMs": int(time.time() * 1000) + 30000}
        return self.internal.request("POST", f"{PAYMENT}/internal/payments/{verb}", body)

    def placed(self) -> str:
        """The id of this buyer's order: the same one, however often it is asked for."""
        if self.order_id is None:
            self.held(self.ordered)
            answer = self.buyer.order(self.event, self.ordered)
            assert answer.status == 201, answer
            self.order_id = answer.json["orderId"]
        return self.order_id


@pytest.fixture(scope="module")
def scene(office, seats):
    told = Scene(office, seats)
    yield told
    told.close()


def stream(scene):
    viewer = SseClient(scene.office, scene.event)
    try:
        assert viewer.header("Content-Type").split(";")[0] == "text/event-stream"
        assert re.fullmatch("[0-9a-f]{32}", viewer.header("Trace-Id"))
        assert viewer.header("Cache-Control")
        return viewer.status
    finally:
        viewer.close()


def import_plan(scene, tmp_path):
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(PLAN))
    return scene.internal.request("POST", f"{CATALOG}/internal/admin/import",
                                  {"path": str(plan), "title": "Contract Hall", "prices": {"A": 1000}})


def carried(scene, pattern: str):
    """A file of the page, by what its HTML loads; skips in an office that was built without the page."""
    found = re.search(pattern, scene.public.get("/").body.decode())
    if not found:
        pytest.skip("this office was built without its page (tools/web)")
    return scene.public.get(found.group(1))


def release(scene):
    scene.held(scene.two)
    return scene.buyer.release(scene.event, scene.two)


def extend(scene):
    scene.held(scene.three)
    return scene.buyer.extend(scene.event, scene.three, 300)


# operationId -> (the answer's status, a call that gets it). Calls that are only a GET of their path need no entry.
STORY = {
    "holdSeats": (201, lambda scene: scene.buyer.hold(scene.event, [scene.one], 120)),
    "listHolds": (200, lambda scene: scene.buyer.get(f"{RESERVATION}/reservations?eventId={scene.event}")),
    "extendHold": (200, extend),
    "releaseSeat": (204, release),
    "placeOrder": (201, lambda scene: (scene.held(scene.lone), scene.buyer.order(scene.event, scene.lone))[1]),
    "getOrder": (200, lambda scene: scene.buyer.get(f"{ORDER}/orders/{scene.placed()}")),
    "listOrders": (200, lambda scene: scene.buyer.get(f"{ORDER}/orders?limit=2")),
    "authorizePayment": (200, lambda scene: scene.internal.authorize(scene.placed())),
    "reflectSeatUpdate": (204, lambda scene: scene.internal.seat_update(eventId=1, seatId=4, status="HELD", version=1)),
    "getAsset": (200, lambda scene: carried(scene, r'src="(/assets/[^"]+\.js)"')),
    "getIcon": (200, lambda scene: carried(scene, r'href="(/icon\.svg)"')),
    "getBoxOfficePage": (200, lambda scene: scene.internal.get("/box-office")),
    "actuatorLogLevel": (200, lambda scene: scene.internal.request("PUT", "/actuator/log-level", {"level": "info"})),
    "resetEvent": (200, lambda scene: scene.internal.reset(3)),
    # Between the roles: a buyer and an order of their own.
    "peerHold": (200, lambda scene: scene.peer("hold")),
    "peerExtend": (200, lambda scene: (scene.peer("hold"), scene.peer("extend"))[1]),
    "peerHolds": (200, lambda scene: scene.peer("holds")),
    "peerRelease": (204, lambda scene: (scene.peer("hold", 1), scene.peer("release", 1))[1]),
    "peerPin": (200, lambda scene: (scene.peer("hold"), scene.peer("pin"))[1]),
    "peerSettle": (200, lambda scene: scene.peer("settle")),
    "peerConfirm": (200, lambda scene: (scene.peer("hold", 2), scene.peer("confirm", 2))[1]),
    "peerReset": (200, lambda scene: scene.internal.request("POST", f"{RESERVATION}/internal/seats/reset", {"eventId": 2})),
    "peerAuthorize": (200, lambda scene: scene.peer_payment("authorize")),
    "peerCapture": (200, lambda scene: (scene.peer_payment("authorize"), scene.peer_payment("capture"))[1]),
    "peerVoid": (200, lambda scene: scene.peer_payment("void")),
}
# Those that need more than this module's office are tests of their own, below.
TOLD_BELOW = {"confirmHold", "streamSeats", "importHall"}


@pytest.mark.parametrize("name", sorted(set(operations()) - TOLD_BELOW))
def test_each_operation_answers_as_promised(scene, name):
    method, template = operations()[name]
    status, call = STORY.get(name, (200, lambda scene: scene.public.get(filled(template))))
    answer = call(scene)
    assert answer.status == status, answer
    check(method, filled(template), answer)


def test_each_operation_is_told():
    plain = {name for name, (method, path) in operations().items() if method == "GET" and not is_internal(path)}
    assert sorted(set(operations()) - set(STORY) - TOLD_BELOW - plain) == []
    assert sorted((set(STORY) | TOLD_BELOW) - set(operations())) == []


def test_the_stream_answers_as_promised(scene):
    assert stream(scene) == 200


def test_staff_sell_a_held_seat_at_once(start_office):
    office = start_office({"holds.direct_confirm": True})
    buyer = Buyer(office)
    assert buyer.hold(1, 1).status == 201
    answer = buyer.confirm(1, 1)
    assert answer.status == 200, answer
    check("POST", f"{RESERVATION}/reservations/1/1/confirm", answer)
    assert buyer.status(1, 1) == "SOLD"
    buyer.close()


def test_a_hall_is_imported_and_imported_again(scene, tmp_path):
    first = import_plan(scene, tmp_path)
    assert first.status == 201, first
    check("POST", f"{CATALOG}/internal/admin/import", first)
    event = scene.public.event(first.json["eventId"])
    assert (event["title"], event["seatCount"], event["minPrice"], event["maxPrice"]) == ("Contract Hall", 2, 1000, 1000)
    again = scene.internal.request("POST", f"{CATALOG}/internal/admin/import", {
        "path": str(tmp_path / "plan.json"), "eventId": first.json["eventId"], "prices": {"A": 2000}})
    assert again.status == 200, again
    check("POST", f"{CATALOG}/internal/admin/import", again)


# -- addresses and methods ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("address", sorted(document()["paths"]))
def test_both_forms_of_an_address_are_one(scene, address):
    """/ticketing/{service}/api/… and /ticketing/api/… answer alike, on either listener."""
    item = document()["paths"][address]
    path = filled(address)
    short = re.sub(r"^/ticketing/(catalog|reservation|order|payment)/api/", "/ticketing/api/", path)
    inside = Caller(scene.office.internal_host, scene.office.internal_port)
    for caller in ([inside] if is_internal(address) else [scene.public, inside]):
        for form in {path, short}:
            answer = caller.request("OPTIONS", form)
            check("OPTIONS", path, answer)
            assert answer.status == 204, f"{form}: {answer}"
            wanted = {method.upper() for method in item if method in METHODS} | {"OPTIONS"}
            wanted |= {"HEAD"} if "get" in item else set()
            assert set(re.split(", *", answer.header("Allow"))) == wanted, form
    inside.close()


@pytest.mark.parametrize("address", sorted(path for path, item in document()["paths"].items()
                                            if "get" in item and not path.endswith("/stream")))
def test_head_is_get_without_the_body(scene, address):
    path = filled(address) + ("?eventId=1" if address.endswith("/reservations") else "")
    got, headed = scene.public.get(path), scene.public.request("HEAD", path)
    assert headed.status == got.status and headed.body == b""
    check("HEAD", path, headed)
    if "prometheus" not in path:  # what it counts has moved on in between
        assert headed.header("Content-Length") == got.header("Content-Length")
    assert headed.header("Content-Type") == got.header("Content-Type")
    assert headed.header("ETag") == got.header("ETag")


def test_head_of_the_stream_ends(scene):
    answer = scene.public.request("HEAD", f"{CATALOG}/events/{scene.event}/seats/stream")
    assert answer.status == 200 and answer.body == b""


@pytest.mark.parametrize("address", sorted(document()["paths"]))
def test_a_method_that_is_not_promised_is_refused(scene, address):
    item = document()["paths"][address]
    caller = scene.internal if is_internal(address) else scene.public
    for method in sorted(set(METHODS) - set(item)):
        answer = caller.request(method.upper(), filled(address), {} if method != "get" else None)
        check(method.upper(), filled(address), answer)
        assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED"), f"{method}: {answer}"
        assert method.upper() not in re.split(", *", answer.header("Allow"))


# -- headers --------------------------------------------------------------------------------------------------------------

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("headers, adopted", [
    ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
    ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "Trace-Id": "1" * 32}, TRACE),
    ({"Trace-Id": TRACE}, TRACE),
    ({"Trace-Id": str(uuid.UUID(TRACE))}, TRACE),
    ({"Trace-Id": TRACE.upper()}, TRACE),
    ({"Trace-Id": "0" * 32}, None),
    ({"Trace-Id": TRACE[:-1]}, None),
    ({"Trace-Id": TRACE + "0"}, None),
    ({"Trace-Id": "<script>"}, None),
    ({"traceparent": "00-" + "0" * 32 + "-00f067aa0ba902b7-01"}, None),
    ({"traceparent": f"ff-{TRACE}-00f067aa0ba902b7-01"}, None),
    ({}, None),
])
@pytest.mark.parametrize("path", [f"{CATALOG}/events", f"{CATALOG}/events/999999", "/nowhere"])
def test_a_trace_is_continued_or_begun(public, path, headers, adopted):
    answer = public.request("GET", path, headers=headers)
    told = answer.header("Trace-Id")
    assert len(answer.all_headers("Trace-Id")) == 1
    if adopted:
        assert told == adopted
    else:
        assert re.fullmatch("[0-9a-f]{32}", told) and told not in ("0" * 32, TRACE, TRACE + "0")
    if answer.status >= 400:
        assert answer.json["traceId"] == told


@pytest.mark.parametrize("path", [f"{CATALOG}/events/1/seats", f"{CATALOG}/events/1/layout", "/openapi.json", "/docs", "/errors.json",
                                  "/", "/events/1", "/tickets"])
def test_what_the_caller_has_is_not_sent_again(public, path):
    first = public.get(path)
    for validator in (first.header("ETag"), f'"other", {first.header("ETag")}', "*", "W/" + first.header("ETag").removeprefix("W/")):
        again = public.request("GET", path, headers={"If-None-Match": validator})
        assert again.status == 304 and again.body == b"", validator
        assert again.header("ETag") == first.header("ETag")
        check("GET", path, again)
    assert public.request("GET", path, headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("path", [f"{CATALOG}/events/1/seats", f"{CATALOG}/events/1/layout", "/openapi.json", "/docs", "/", "/tickets"])
def test_gzip_holds_the_same(public, path):
    plain, packed = public.get(path), public.request("GET", path, headers={"Accept-Encoding": "gzip"})
    assert packed.header("Content-Encoding") == "gzip" and plain.header("Content-Encoding") is None
    assert gzip.decompress(packed.body) == plain.body
    assert packed.header("ETag") != plain.header("ETag")


def test_the_pages_files_come_as_brotli_to_whoever_names_it(scene, public):
    script = carried(scene, r'src="(/assets/[^"]+\.js)"')
    path = re.search(r'src="(/assets/[^"]+\.js)"', public.get("/").body.decode()).group(1)
    forms = {coding: public.request("GET", path, headers={"Accept-Encoding": asked})
             for coding, asked in (("br", "gzip, deflate, br, zstd"), ("gzip", "gzip;q=1, br;q=0"), (None, "*;q=0"))}
    assert {coding: answer.header("Content-Encoding") for coding, answer in forms.items()} == {coding: coding for coding in forms}
    assert forms[None].body == script.body == gzip.decompress(forms["gzip"].body)
    assert len(forms["br"].body) < len(forms["gzip"].body)
    assert len({answer.header("ETag") for answer in forms.values()}) == 3
    for coding, answer in forms.items():
        check("GET", path, answer)
        assert answer.header("Vary") == "Accept-Encoding", coding
    again = public.request("GET", path, headers={"Accept-Encoding": "br", "If-None-Match": forms["br"].header("ETag")})
    assert (again.status, again.body) == (304, b"")


def test_a_layout_asked_by_its_hash_may_be_kept_for_ever(public):
    known = public.event(1)["layoutHash"]
    by_hash = public.get(f"{CATALOG}/events/1/layout?hash={known}")
    assert by_hash.header("Cache-Control") == "public, max-age=31536000, immutable"
    assert by_hash.json["hash"] == known
    for other in ("", "?hash=", "?hash=" + "0" * 64):
        answer = public.get(f"{CATALOG}/events/1/layout{other}")
        assert answer.status == 200 and answer.header("Cache-Control") == "no-cache"
        assert answer.body == by_hash.body


# -- the carried documents ------------------------------------------------------------------------------------------------

def test_the_office_serves_the_contract_it_is_held_against(public):
    assert public.get("/openapi.json").json == document()
    assert {entry["code"]: entry for entry in public.get("/errors.json").json} == errors()


def test_the_page_has_an_entry_for_every_error_code(public):
    page = public.get("/docs")
    assert page.header("Content-Type").startswith("text/html")
    assert [code for code in errors() if f'id="{code}"' not in page.body.decode()] == []
    assert "<script" not in page.body.decode()


# -- binary forms ---------------------------------------------------------------------------------------------------------

def unpack_map(body: bytes):
    magic, version, count = struct.unpack_from("<4sQI", body)
    assert magic == b"OSM1" and len(body) == 16 + (count + 3) // 4
    statuses = [STATUSES[body[16 + index // 4] >> 2 * (index % 4) & 3] for index in range(count)]
    if count % 4:
        assert body[-1] >> 2 * (count % 4) == 0, "unused bits are 0"
    return version, statuses


def varints(body: bytes):
    """LEB128, to the end of the bytes."""
    value = shift = 0
    for byte in body:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0
    assert shift == 0, "the last number is whole"


def unzigzag(value: int) -> int:
    return value >> 1 if value % 2 == 0 else -(value + 1 >> 1)


def unpack_delta(body: bytes):
    magic, start, end = struct.unpack_from("<4sQQ", body)
    assert magic == b"OSD1"
    changes, index = {}, 0
    for value in varints(body[20:]):
        index += unzigzag(value >> 2)
        assert index not in changes, "each seat once"
        changes[index] = STATUSES[value & 3]
    return start, end, changes


def unpack_layout(body: bytes) -> dict:
    """The JSON form of a plan in its compact form."""
    magic, size = struct.unpack_from("<4sI", body)
    assert magic == b"OSL1"
    plan = json.loads(body[8:8 + size])
    numbers = varints(body[8 + size:])

    def difference() -> int:
        return unzigzag(next(numbers))

    rows = [row for section in plan["sections"] for row in section["rows"]]
    for row in rows:
        row["seats"] = [{} for _ in range(row["seats"])]
    seats = [seat for row in rows for seat in row["seats"]]
    names = plan.pop("seatNames")
    last = 0
    for seat in seats:
        last = seat["id"] = last + difference()
    last = 0
    for seat in seats:
        last += difference()
        seat["name"] = names[last]
    for coordinate in ("x", "y"):
        before = []
        for row in rows:
            told, values = [], [0, 0, 0]
            for k, seat in enumerate(row["seats"]):
                told.append(difference() + (before[k] if k < len(before) else 0))
                explained = (0, values[-1], 2 * values[-1] - values[-2], 3 * values[-1] - 3 * values[-2] + values[-3])
                values.append(told[k] + explained[min(k, 3)])
                seat[coordinate] = values[-1] / 1000
            before = told
    for seat in seats:
        value = next(numbers)
        seat["tier"] = value >> 1
        if value % 2:
            seat["wheelchair"] = True
    assert next(numbers, None) is None, "the columns end with the body"
    return plan


def content_of(path: str) -> dict:
    return document()["paths"][path]["get"]["responses"]["200"]["content"]


def test_the_example_of_the_compact_layout_is_what_the_contract_says():
    content = content_of("/ticketing/catalog/api/events/{eventId}/layout")
    packed = bytes.fromhex(content[LAYOUT]["x-onsale-hex"]["value"])
    assert unpack_layout(packed) == content["application/json"]["examples"]["small"]["value"]


@pytest.mark.parametrize("event", [1, 4, 5], ids=["hall", "theatre", "stadium"])
def test_the_compact_layout_says_what_the_json_says(public, event):
    path = f"{CATALOG}/events/{event}/layout"
    packed = public.request("GET", path, headers={"Accept": LAYOUT})
    check("GET", path, packed)
    assert packed.status == 200 and packed.header("Content-Type") == LAYOUT
    assert packed.header("Vary") == "Accept, Accept-Encoding"
    plain = public.get(path)
    assert unpack_layout(packed.body) == plain.json
    assert packed.header("ETag") != plain.header("ETag")
    unchanged = public.request("GET", path, headers={"Accept": LAYOUT, "If-None-Match": packed.header("ETag")})
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert public.request("GET", path, headers={"Accept": LAYOUT, "If-None-Match": plain.header("ETag")}).status == 200
    by_hash = public.request("GET", f"{path}?hash={plain.json['hash']}", headers={"Accept": LAYOUT})
    assert by_hash.header("Cache-Control") == "public, max-age=31536000, immutable" and by_hash.body == packed.body


def test_a_stadiums_compact_layout_is_small(public):
    path = f"{CATALOG}/events/5/layout"
    deadline = time.monotonic() + 60
    while True:  # a large one is sent as it is until it is compressed
        packed = public.request("GET", path, headers={"Accept": LAYOUT, "Accept-Encoding": "gzip"})
        if packed.header("Content-Encoding") == "gzip":
            break
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert len(packed.body) < 40_000
    assert unpack_layout(gzip.decompress(packed.body)) == public.get(path).json


@pytest.mark.parametrize("accept, media", [
    ("*/*", "application/json"), ("application/*", "application/json"), (f"{LAYOUT};q=0, */*", "application/json"),
    (f"{LAYOUT};q=0.5, application/json", "application/json"), (LAYOUT, LAYOUT), (f"{LAYOUT}, application/json;q=0.9", LAYOUT),
    (f"application/json, {LAYOUT}", LAYOUT), ("application/json;q=0, */*", LAYOUT), ("text/html", None), (SEATMAP, None)])
def test_accept_chooses_the_form_of_a_layout(public, accept, media):
    path = f"{CATALOG}/events/1/layout"
    answer = public.request("GET", path, headers={"Accept": accept})
    check("GET", path, answer)
    if media is None:
        assert (answer.status, answer.code) == (406, "NOT_ACCEPTABLE")
    else:
        assert (answer.status, answer.header("Content-Type")) == (200, media)


def test_the_examples_of_the_binary_forms_are_what_the_contract_says():
    content = content_of("/ticketing/catalog/api/events/{eventId}/seats")
    packed = bytes.fromhex(content[SEATMAP]["x-onsale-hex"]["value"])
    shown = content["application/json"]["examples"]["start"]["value"]
    assert unpack_map(packed) == (shown["version"], [seat["status"] for seat in shown["seats"]])
    delta = bytes.fromhex(content[SEATDELTA]["x-onsale-hex"]["value"])
    assert unpack_delta(delta) == (4294967299, shown["version"], {1: "HELD", 2: "SOLD"})


def test_the_binary_map_says_what_the_json_says(scene):
    path = f"{CATALOG}/events/{scene.event}/seats"
    packed = scene.public.request("GET", path, headers={"Accept": SEATMAP})
    check("GET", path, packed)
    assert packed.header("Content-Type") == SEATMAP
    told = scene.public.get(path).json
    assert unpack_map(packed.body) == (told["version"], [seat["status"] for seat in told["seats"]])


def test_a_delta_leads_from_one_map_to_the_next(scene, seats):
    path = f"{CATALOG}/events/{scene.event}/seats"
    before = scene.public.get(path).json
    mine = seats.take(3)
    buyer = Buyer(scene.office)
    assert buyer.hold(scene.event, mine).status == 201
    assert buyer.release(scene.event, mine[0]).status == 204
    after = scene.public.get(path).json
    answer = scene.public.request("GET", f"{path}?since={before['version']}", headers={"Accept": f"{SEATDELTA}, {SEATMAP}"})
    check("GET", path, answer)
    assert answer.status == 200 and answer.header("Content-Type") == SEATDELTA
    start, end, changes = unpack_delta(answer.body)
    assert (start, end) == (before["version"], after["version"])
    statuses = [seat["status"] for seat in before["seats"]]
    for index, status in changes.items():
        statuses[index] = status
    assert statuses == [seat["status"] for seat in after["seats"]]
    nothing = scene.public.request("GET", f"{path}?since={end}", headers={"Accept": SEATDELTA})
    assert unpack_delta(nothing.body) == (end, end, {})
    buyer.close()


def test_a_delta_that_cannot_be_had_is_the_whole_map(scene):
    path = f"{CATALOG}/events/{scene.event}/seats"
    beyond = scene.public.get(path).json["version"] + 1_000_000
    whole = scene.public.request("GET", f"{path}?since={beyond}", headers={"Accept": f"{SEATDELTA}, {SEATMAP}"})
    assert whole.status == 200 and whole.header("Content-Type") == SEATMAP
    only = scene.public.request("GET", f"{path}?since={beyond}", headers={"Accept": SEATDELTA})
    check("GET", path, only)
    assert (only.status, only.code) == (406, "NOT_ACCEPTABLE")


# -- the examples of the contract are true of this office ------------------------------------------------------------------

@pytest.mark.parametrize("name, body", [
    (f"{item[method]['operationId']}-{name}", (path, example["value"]))
    for path, item in document()["paths"].items() for method in item if method == "post"
    for name, example in item[method].get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {}).items()])
def test_an_example_of_a_body_is_understood(scene, name, body):
    """Never 400 or 422: the state of the office may refuse it, its form may not."""
    path, value = body
    if name.startswith("importHall"):
        pytest.skip("names a file of another machine")
    caller = scene.internal if is_internal(path) else Buyer(scene.office)
    answer = caller.request("POST", filled(path), value, {"Idempotency-Key": str(uuid.uuid4())})
    check("POST", filled(path), answer)
    assert answer.status not in (400, 422), answer


def test_orders_are_told_page_by_page(scene, seats):
    buyer = Buyer(scene.office)
    placed = [buyer.buy(scene.event, seat)["orderId"] for seat in seats.take(3)]
    told, after = [], ""
    for _ in range(3):
        page = buyer.get(f"{ORDER}/orders?limit=1{after}")
        check("GET", f"{ORDER}/orders", page)
        told += [order["orderId"] for order in page.json["orders"]]
        after = f"&after={page.json.get('nextAfter')}"
    assert told == placed[::-1] and "nextAfter" not in page.json
    check_schema({"$ref": "#/components/schemas/Orders"}, buyer.get(f"{ORDER}/orders").json, "all orders")
    buyer.close()
