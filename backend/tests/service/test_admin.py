"""The internal listener: reset and seat-update need the credential, and do not exist on the public one."""

import time

import pytest

from client import CATALOG, ORDER, PAYMENT, RESERVATION, Buyer, Internal, Public
from promise import check
from sse import SseClient

RESET = f"{RESERVATION}/internal/admin/reset"
UPDATE = f"{CATALOG}/internal/seat-update"
AUTHORIZE = f"{PAYMENT}/payments/authorize"
BODIES = {RESET: {"eventId": 3}, UPDATE: {"eventId": 3, "seatId": 3, "status": "SOLD", "version": 2**50},
          AUTHORIZE: {"orderId": "019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a"}}


def short(path):
    """/ticketing/reservation/api/… -> /ticketing/api/…"""
    return "/ticketing/api/" + path.split("/api/", 1)[1]


@pytest.mark.provokes("NOT_FOUND")
@pytest.mark.parametrize("path", [form for path in BODIES for form in (path, short(path))])
def test_internal_routes_do_not_exist_on_the_public_listener(office, public, path):
    body = BODIES.get(path) or next(b for p, b in BODIES.items() if short(p) == path)
    before = public.seat_map(3)
    for headers in ({}, {"Authorization": f"Bearer {office.internal_token}"}):
        answer = public.request("POST", path, body, headers)
        check("POST", path, answer)
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
    for trick in (path.replace("/internal/", "/./internal/"), path.replace("internal", "%69nternal"), "/" + path, path + "/",
                  path.upper(), path + "?x=1", path.replace("/api/", "/api//")):
        answer = public.request("POST", trick, body, {"Authorization": f"Bearer {office.internal_token}"})
        assert answer.status in (400, 404), f"{trick}: {answer}"
    assert public.seat_map(3) == before


@pytest.mark.provokes("CREDENTIAL_REQUIRED")
@pytest.mark.parametrize("path", list(BODIES))
def test_the_internal_listener_wants_its_credential(office, public, buyer, path):
    buyer.hold(2, 2)
    before = public.seat_map(3)
    token = office.internal_token
    plain = Public(office)
    plain.host, plain.port = office.internal_host, office.internal_port
    for credential in (None, "", "wrong", token[:-1], token + "x", buyer.token):
        headers = {} if credential is None else {"Authorization": f"Bearer {credential}"}
        answer = plain.request("POST", path, BODIES[path], headers)
        check("POST", path, answer)
        assert (answer.status, answer.code) == (401, "CREDENTIAL_REQUIRED"), f"{credential!r}: {answer}"
    assert public.seat_map(3) == before


def test_the_internal_listener_answers_everything_else_too(office):
    anyone = Public(office)
    anyone.host, anyone.port = office.internal_host, office.internal_port
    assert anyone.get(f"{CATALOG}/events").status == 200
    assert anyone.get("/actuator/health").json["status"] == "UP"


def test_reset_puts_an_event_back_in_orders_and_ledger_together(start_office):
    office = start_office()
    buyer, other, operator = Buyer(office), Buyer(office), Internal(office)
    sold = buyer.buy(3, [3, 6])
    assert sold["status"] == "CONFIRMED"
    other.hold(3, 9)
    elsewhere = buyer.buy(1, 1)
    with SseClient(office, 3) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        answer = operator.reset(3)
        check("POST", RESET, answer)
        assert answer.status == 200 and answer.json["eventId"] == 3
        for seat in (3, 6, 9):
            viewer.wait_seat(seat, "AVAILABLE")
    assert set(buyer.statuses(3).values()) == {"AVAILABLE"}
    assert buyer.seat_map(3)["version"] >= answer.json["version"]
    assert buyer.read_order(sold["orderId"]).json["status"] in ("CANCELLING", "CANCELLED"), "the refund may still be under way"
    order = buyer.wait_final(sold["orderId"])
    assert order["status"] == "CANCELLED" and order["reason"]["code"] == "EVENT_RESET"
    assert other.holds(3) == []
    assert other.buy(3, [3, 6])["status"] == "CONFIRMED", "the seats can be sold again"
    assert buyer.read_order(elsewhere["orderId"]).json["status"] == "CONFIRMED", "other events are left alone"
    assert buyer.status(1, 1) == "SOLD"
    office.kill()
    office.assert_audit_clean()
    office.start()
    buyer.move_to(office)
    assert buyer.statuses(3)[9] == "AVAILABLE" and buyer.statuses(3)[3] == "SOLD"
    assert office.stop() == 0
    office.assert_audit_clean()


def test_reset_while_a_payment_is_under_way_leaves_no_money_behind(start_office):
    office = start_office({"payments.mock.delay_ms": 700})
    buyer, operator = Buyer(office), Internal(office)
    buyer.hold(3, [3, 6])
    order = buyer.order(3, [3, 6]).json
    assert operator.reset(3).status == 200
    final = buyer.wait_final(order["orderId"])
    assert final["status"] == "CANCELLED" and final["reason"]["code"] == "EVENT_RESET"
    assert set(buyer.statuses(3).values()) == {"AVAILABLE"}
    time.sleep(1.5)  # the provider's answer comes after the reset: it must be voided, and sell nothing
    assert set(buyer.statuses(3).values()) == {"AVAILABLE"}
    assert office.stop() == 0
    office.assert_audit_clean()


def test_what_is_asked_of_the_operator_is_checked_too(internal):
    for path, body, code in (
        (RESET, {"eventId": 424242}, "EVENT_NOT_FOUND"), (RESET, {}, "VALIDATION_FAILED"), (RESET, {"eventId": "3"}, "VALIDATION_FAILED"),
        (UPDATE, {"eventId": 424242, "seatId": 1, "status": "HELD", "version": 5}, "EVENT_NOT_FOUND"),
        (UPDATE, {"eventId": 1, "seatId": 2, "status": "HELD", "version": 5}, "SEAT_NOT_FOUND"),
        (UPDATE, {"eventId": 1, "seatId": 1, "status": "held", "version": 5}, "VALIDATION_FAILED"),
        (UPDATE, {"eventId": 1, "seatId": 1, "status": "HELD", "version": -5}, "VALIDATION_FAILED"),
        (UPDATE, {"eventId": 1, "seatId": 1, "status": "HELD"}, "VALIDATION_FAILED"),
    ):
        answer = internal.request("POST", path, body)
        check("POST", path, answer)
        assert answer.code == code, f"{path} {body}: {answer}"


def test_an_old_seat_update_changes_nothing(office, internal, buyer, public):
    buyer.hold(2, 5)
    before = public.seat_map(2)
    answer = internal.seat_update(eventId=2, seatId=5, status="AVAILABLE", version=1)
    assert answer.status == 204
    assert public.seat_map(2) == before


def test_direct_order_routes_are_not_on_another_services_address(public):
    for path in (f"{CATALOG}/orders", f"{ORDER}/events", f"{RESERVATION}/orders", f"{PAYMENT}/events", "/orders", "/api/events"):
        answer = public.get(path)
        check("GET", path, answer)
        assert (answer.status, answer.code) == (404, "NOT_FOUND")
