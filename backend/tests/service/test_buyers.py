"""Who is asking: the signed token, as cookie and as bearer, and every way of lying about it."""

import base64
import stat

import pytest

from client import CATALOG, ORDER, RESERVATION, Buyer, Public
from promise import check


def routes_of_a_buyer(event, seat, order_id="019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a"):
    return [
        ("POST", f"{RESERVATION}/reservations", {"eventId": event, "seatId": seat}, {}),
        ("GET", f"{RESERVATION}/reservations?eventId={event}", None, {}),
        ("POST", f"{RESERVATION}/reservations/{event}/{seat}/extend", {"seconds": 5}, {}),
        ("DELETE", f"{RESERVATION}/reservations/{event}/{seat}", None, {}),
        ("POST", f"{RESERVATION}/reservations/{event}/{seat}/confirm", None, {}),
        ("POST", f"{ORDER}/orders", {"eventId": event, "seatIds": [seat]}, {"Idempotency-Key": "k"}),
        ("GET", f"{ORDER}/orders", None, {}),
        ("GET", f"{ORDER}/orders/{order_id}", None, {}),
    ]


def test_the_first_mutating_call_gets_a_token_as_cookie_and_header(public, seats, event):
    answer = public.request("POST", f"{RESERVATION}/reservations", {"eventId": event, "seatId": seats.one()})
    token = answer.header("Buyer-Token")
    assert token.startswith("v1.") and token.count(".") == 2
    cookie = answer.header("Set-Cookie")
    assert cookie.startswith(f"onsale_buyer={token}")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"path=/", "httponly", "samesite=lax"} <= attributes


def test_a_refused_first_call_gets_a_token_too(public, other, seats, event):
    seat = seats.one()
    other.hold(event, seat)
    answer = public.request("POST", f"{RESERVATION}/reservations", {"eventId": event, "seatId": seat})
    assert answer.status == 409 and answer.header("Buyer-Token")


def test_who_has_a_token_gets_no_other(buyer, seats, event):
    buyer.hold(event, seats.one())
    answer = buyer.hold(event, seats.one())
    assert answer.header("Buyer-Token") is None and answer.header("Set-Cookie") is None


def test_reading_makes_no_buyer(public, event):
    for path in (f"{CATALOG}/events", f"{CATALOG}/events/{event}/seats", f"{RESERVATION}/reservations?eventId={event}",
                 f"{ORDER}/orders"):
        answer = public.get(path)
        assert answer.status == 200
        assert answer.header("Buyer-Token") is None and answer.header("Set-Cookie") is None
    assert public.get(f"{ORDER}/orders").json == {"orders": []}
    assert public.get(f"{RESERVATION}/reservations?eventId={event}").json["holds"] == []


@pytest.mark.parametrize("by", ["header", "cookie"])
def test_cookie_and_bearer_prove_the_same_buyer(office, buyer, seats, event, by):
    seat = seats.one()
    buyer.hold(event, seat)
    same = Buyer(office, buyer.token, by=by)
    assert [hold["seatId"] for hold in same.holds(event)] == [seat]
    assert same.extend(event, seat, 60).status == 200
    same.close()


def test_the_cookie_is_found_among_others(buyer, public, seats, event):
    seat = seats.one()
    buyer.hold(event, seat)
    for cookies in (f"a=b; onsale_buyer={buyer.token}; c=d", f"onsale_buyerx=1; onsale_buyer={buyer.token}",
                    f"onsale_buyer={buyer.token};theme=dark"):
        answer = public.get(f"{RESERVATION}/reservations?eventId={event}", Cookie=cookies)
        assert [hold["seatId"] for hold in answer.json["holds"]] == [seat]


def test_authorization_counts_when_both_come(buyer, other, public, seats, event):
    mine, theirs = seats.take(2)
    buyer.hold(event, mine), other.hold(event, theirs)
    answer = public.get(f"{RESERVATION}/reservations?eventId={event}", Authorization=f"Bearer {buyer.token}",
                        Cookie=f"onsale_buyer={other.token}")
    assert [hold["seatId"] for hold in answer.json["holds"]] == [mine]
    lied = public.get(f"{RESERVATION}/reservations?eventId={event}", Authorization="Bearer v1.forged.forged",
                      Cookie=f"onsale_buyer={other.token}")
    assert (lied.status, lied.code) == (401, "TOKEN_INVALID")


def lies(token: str) -> dict:
    version, buyer, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[0] ^= 1
    flipped = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    someone = base64.urlsafe_b64encode(bytes(16)).decode().rstrip("=")
    return {
        "another buyer under this signature": f"{version}.{someone}.{signature}",
        "one bit of the signature": f"{version}.{buyer}.{flipped}",
        "no signature": f"{version}.{buyer}.",
        "unsigned": f"{version}.{buyer}",
        "cut short": token[:-1],
        "longer": token + "A",
        "another version": f"v2.{buyer}.{signature}",
        "empty": "",
        "not base64": f"{version}.{buyer[:-1]}!.{signature}",
        "words": "let me in",
        "very long": "v1." + "A" * 3000 + "." + signature,
        "a JWT": "eyJhbGciOiJub25lIn0.e30.",
    }


@pytest.mark.provokes("TOKEN_INVALID")
@pytest.mark.parametrize("by", ["header", "cookie"])
@pytest.mark.parametrize("lie", list(lies("v1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA")))
def test_a_token_that_is_not_ours_is_refused_on_every_route_and_makes_no_buyer(buyer, public, seats, event, lie, by):
    if by == "cookie" and lie == "empty":
        pytest.skip("an empty cookie is no cookie")
    seat = seats.one()
    if buyer.token is None:
        buyer.hold(event, seat)
    token = lies(buyer.token)[lie]
    headers = {"Authorization": f"Bearer {token}"} if by == "header" else {"Cookie": f'onsale_buyer={token}'}
    for method, path, body, more in routes_of_a_buyer(event, seat):
        answer = public.request(method, path, body, {**headers, **more})
        check(method, path, answer)
        assert (answer.status, answer.code) == (401, "TOKEN_INVALID"), f"{method} {path}: {answer}"
        assert answer.header("Buyer-Token") is None
        dropped = "onsale_buyer=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" if by == "cookie" else None
        assert answer.header("Set-Cookie") == dropped, "a page cannot drop the cookie itself"
    assert public.get(f"{CATALOG}/events", **headers).status == 200, "the catalog does not look at it"


def test_a_token_of_another_office_is_refused(start_office, public, seats, event):
    elsewhere = Buyer(start_office(fresh=True))
    elsewhere.hold(1, 1)
    answer = public.request("POST", f"{RESERVATION}/reservations", {"eventId": event, "seatId": seats.one()},
                            {"Authorization": f"Bearer {elsewhere.token}"})
    assert (answer.status, answer.code) == (401, "TOKEN_INVALID")


def test_a_token_outlives_a_restart_and_the_keys_are_private(start_office):
    office = start_office(fresh=True)
    buyer = Buyer(office)
    buyer.hold(1, 1)
    for name in ("token.key", "internal.token"):
        mode = stat.S_IMODE((office.data_dir / name).stat().st_mode)
        assert mode == 0o600, f"{name} is {mode:o}"
    office.restart()
    buyer.move_to(office)
    assert [hold["seatId"] for hold in buyer.holds(1)] == [1]


def test_an_unknown_scheme_is_no_way_in(public, event, seats):
    answer = public.request("POST", f"{RESERVATION}/reservations", {"eventId": event, "seatId": seats.one()},
                            {"Authorization": "Basic dXNlcjpwYXNz"})
    check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (401, "TOKEN_INVALID")


def test_no_buyer_acts_on_anothers_seats_or_orders_with_any_credential(office, buyer, other, public, seats, event):
    """Every route of a buyer, with no credential, another's and the operator's: denied, and nothing changes."""
    held, ordered, own = seats.take(3)
    order = buyer.buy(event, ordered)
    buyer.hold(event, held, 300)
    other.hold(event, own)
    before = buyer.holds(event), public.status(event, held), public.status(event, ordered)
    for headers in ({}, {"Authorization": f"Bearer {other.token}"}, {"Authorization": f"Bearer {office.internal_token}"}):
        anyone = Public(office)
        for method, path, body, more in routes_of_a_buyer(event, held, order["orderId"]):
            if path.endswith("/orders") and method == "GET" or "eventId=" in path:
                continue
            answer = anyone.request(method, path, body, {**headers, **more})
            check(method, path, answer)
            assert answer.status in (401, 403, 404, 409), f"{method} {path}: {answer}"
        anyone.close()
    assert (buyer.holds(event), public.status(event, held), public.status(event, ordered)) == before
