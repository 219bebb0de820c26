"""The page as the office serves it: one HTML file at each of its addresses, its files for ever, under a policy that runs nothing
else; and what a page of another site can make a browser send."""

import gzip
import re

import pytest

from client import ORDER, RESERVATION, Buyer, Caller, Public
from promise import check, check_problem

ADDRESSES = ["/", "/events/1", "/events/999999", "/orders/019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a", "/tickets"]
HOLDS = f"{RESERVATION}/reservations"
OWN = "http://{host}:{port}"


@pytest.fixture(scope="module")
def html(office) -> str:
    """The page's HTML; tests of its files are skipped in an office that was built without it."""
    text = Public(office).get("/").body.decode()
    if "/assets/" not in text:
        pytest.skip("this office was built without its page (tools/web)")
    return text


@pytest.fixture(scope="module")
def files(html) -> list:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', html)


# -- the page's addresses and files -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("address", ADDRESSES)
def test_each_address_of_the_page_is_the_page(public, address):
    answer = public.get(address)
    check("GET", address, answer)
    assert answer.status == 200 and answer.header("Content-Type") == "text/html; charset=utf-8"
    assert answer.body == public.get("/").body
    assert answer.header("Cache-Control") == "no-cache", "a new page is seen at the next look"


def test_the_box_office_is_on_the_internal_listener_only(office, public):
    inside = Caller(office.internal_host, office.internal_port)
    answer = inside.get("/box-office")
    check("GET", "/box-office", answer)
    assert answer.status == 200 and answer.body == public.get("/").body, "no secret is in it, so none is asked for"
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        refused = public.request(method, "/box-office")
        assert refused.status == 404, "what there is inside is not told outside"
    inside.close()


def test_each_file_the_page_loads_is_there_and_kept_for_ever(public, files):
    assert any(path.endswith(".js") for path in files) and any(path.endswith(".css") for path in files)
    types = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
    for path in files:
        answer = public.get(path)
        check("GET", path, answer)
        assert answer.status == 200 and answer.header("Content-Type") == types[path.rsplit(".", 1)[1]]
        assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
        packed = public.request("GET", path, headers={"Accept-Encoding": "gzip"})
        assert packed.header("Content-Encoding") == "gzip" and gzip.decompress(packed.body) == answer.body
        assert packed.header("Vary") == "Accept-Encoding" and packed.header("ETag") != answer.header("ETag")
        assert public.request("GET", path, headers={"If-None-Match": answer.header("ETag")}).status == 304
        assert public.request("POST", path).status == 405


@pytest.mark.parametrize("path", ["/assets/index-00000000.js", "/assets/", "/assets", "/assets/../index.html", "/assets/%2e%2e/index.html",
                                  "/assets/a/b.js", "/index.html", "/manifest.json", "/.built", "/events", "/orders"])
def test_what_the_page_does_not_have_is_404(public, path):
    answer = public.get(path)
    assert (answer.status, check_problem(answer)["code"]) == (404, "NOT_FOUND")


def test_the_page_may_run_its_own_files_and_nothing_else(public, html):
    policy = dict(part.strip().split(" ", 1) for part in public.get("/").header("Content-Security-Policy").split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == [], "no inline script"
    assert re.findall(r"<style|\sstyle=|\son\w+=", html) == [], "no inline style, no handler"
    assert re.findall(r'(?:src|href)="(?!/[^/])', html) == [], "nothing from elsewhere"


@pytest.mark.parametrize("path", [*ADDRESSES, "/docs", "/openapi.json"])
def test_a_document_is_taken_for_what_it_is_and_tells_nobody_where_the_buyer_was(public, path):
    answer = public.get(path)
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "same-origin"
    assert "camera=()" in answer.header("Permissions-Policy")
    assert "frame-ancestors 'none'" in answer.header("Content-Security-Policy")
    assert answer.header("Cross-Origin-Opener-Policy") == answer.header("Cross-Origin-Resource-Policy") == "same-origin"


# -- another site's page ----------------------------------------------------------------------------------------------------

# What a browser says of a request that another site's page makes: today's browsers, a sibling host, one too old for Sec-Fetch-*.
FOREIGN = [{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
           {"Sec-Fetch-Site": "same-site", "Origin": "http://evil.localhost"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
           {"Sec-Fetch-Site": "nonsense"}, {"Origin": "x"}]


def calls(event, seat):
    return [("POST", HOLDS, {"eventId": event, "seatId": seat}), ("POST", f"{HOLDS}/{event}/{seat}/extend", {"seconds": 60}),
            ("DELETE", f"{HOLDS}/{event}/{seat}", None), ("POST", f"{HOLDS}/{event}/{seat}/confirm", None),
            ("POST", f"{ORDER}/orders", {"eventId": event, "seatIds": [seat]})]


@pytest.mark.provokes("ORIGIN_NOT_ALLOWED")
@pytest.mark.parametrize("told", FOREIGN, ids=lambda told: " ".join(f"{name}={value}" for name, value in told.items()))
def test_another_sites_page_cannot_act_with_the_buyers_cookie(office, seats, event, told):
    buyer = Buyer(office, by="cookie")
    mine = seats.one()
    assert buyer.hold(event, mine).status == 201
    for seat in (mine, seats.one()):
        for method, path, body in calls(event, seat):
            answer = buyer.request(method, path, body, {**told, "Idempotency-Key": "foreign"})
            check(method, path, answer)
            assert (answer.status, answer.code) == (403, "ORIGIN_NOT_ALLOWED"), f"{method} {path}: {answer}"
    assert [held["seatId"] for held in buyer.holds(event)] == [mine]
    assert buyer.orders() == []


@pytest.mark.provokes("ORIGIN_NOT_ALLOWED")
@pytest.mark.parametrize("told", FOREIGN, ids=lambda told: " ".join(f"{name}={value}" for name, value in told.items()))
def test_another_sites_form_cannot_give_the_browser_another_buyer(public, seats, event, told):
    """A form sent across sites comes without the cookie; an answer that sets one would take the buyer's own away."""
    answer = public.request("POST", HOLDS, f'{{"eventId":{event},"seatId":{seats.one()}}}', {**told, "Content-Type": "text/plain"})
    assert (answer.status, answer.code) == (403, "ORIGIN_NOT_ALLOWED")
    assert answer.header("Set-Cookie") is None and answer.header("Buyer-Token") is None


@pytest.mark.parametrize("told", [{"Sec-Fetch-Site": "same-origin", "Origin": OWN}, {"Origin": OWN}, {"Sec-Fetch-Site": "same-origin"},
                                  {"Sec-Fetch-Site": "none"}, {}])
def test_the_offices_own_page_acts(office, seats, event, told):
    buyer = Buyer(office, by="cookie")
    own = {name: value.format(host=office.host, port=office.port) for name, value in told.items()}
    for _ in range(2):  # without a cookie yet, and with one
        assert buyer.request("POST", HOLDS, {"eventId": event, "seatId": seats.one()}, own).status == 201


def test_who_proves_the_buyer_by_authorization_may_call_from_anywhere(office, seats, event):
    buyer = Buyer(office)
    assert buyer.hold(event, seats.one()).status == 201
    answer = buyer.request("POST", HOLDS, {"eventId": event, "seatId": seats.one()}, FOREIGN[0])
    assert answer.status == 201


def test_reading_across_sites_is_no_matter_of_this(office, public):
    for headers in FOREIGN:
        assert public.request("GET", f"{HOLDS}?eventId=1", headers=headers).status == 200


def test_an_origin_that_is_named_acts_as_its_buyer_and_no_other(start_office):
    office = start_office({"http.cors_origins": "https://friend.example"})
    buyer = Buyer(office, by="cookie")
    for seat, origin, status in ((1, "https://friend.example", 201), (4, "https://friend.example", 201), (7, "https://evil.example", 403)):
        answer = buyer.request("POST", HOLDS, {"eventId": 1, "seatId": seat}, {"Origin": origin, "Sec-Fetch-Site": "cross-site"})
        assert answer.status == status, answer
    assert answer.header("Access-Control-Allow-Origin") is None


def test_where_any_origin_may_call_a_cookie_still_may_not(start_office):
    office = start_office({"http.cors_origins": "*"})
    told = {"Origin": "https://anyone.example", "Sec-Fetch-Site": "cross-site"}
    stranger, buyer = Buyer(office, by="cookie"), Buyer(office, by="cookie")
    assert stranger.request("POST", HOLDS, {"eventId": 1, "seatId": 1}, {**told, "Sec-Fetch-Mode": "cors"}).status == 201
    assert buyer.hold(1, 4).status == 201
    assert buyer.request("POST", HOLDS, {"eventId": 1, "seatId": 7}, told).status == 403
    form = Public(office).request("POST", HOLDS, {"eventId": 1, "seatId": 10}, {**told, "Sec-Fetch-Mode": "navigate"})
    assert (form.status, form.header("Set-Cookie")) == (403, None)
