"""Holding, extending and giving back seats, as a buyer sees it over HTTP."""

import threading
import time

import pytest

from client import RESERVATION, Buyer
from moments import seconds_of, sleep_until, wait_until
from promise import check

OFFICE = {"holds.seconds_min": 1, "holds.seconds_max": 60, "holds.seconds_default": 60, "holds.life_max_seconds": 60}

# How late the machine may be in telling; the exact second is proved on virtual time by the simulation.
SLACK_S = 1.0


def test_one_seat_is_held_for_the_buyer_who_asked(buyer, seats, event, public):
    seat = seats.one()
    before = time.time()
    answer = buyer.hold(event, seat, 30)
    check("POST", f"{RESERVATION}/reservations", answer)
    assert answer.status == 201
    told = answer.json
    assert (told["eventId"], told["seatId"], told["seatIds"], told["holdSeconds"]) == (event, seat, [seat], 30)
    assert before + 29.9 <= seconds_of(told["expiresAt"]) <= time.time() + 30.1
    assert told["traceId"] == answer.header("Trace-Id")
    assert public.status(event, seat) == "HELD"
    assert [hold["seatId"] for hold in buyer.holds(event)] == [seat]


def test_several_seats_are_held_together(buyer, seats, event, public):
    three = seats.take(3)
    answer = buyer.hold(event, three)
    assert answer.status == 201 and answer.json["seatIds"] == three
    statuses = public.statuses(event)
    assert [statuses[seat] for seat in three] == ["HELD"] * 3
    assert answer.json["version"] == public.seat_map(event)["version"]


@pytest.mark.provokes("RESERVATION_CONFLICT")
def test_several_seats_are_all_or_nothing(buyer, other, seats, event, public):
    free, taken, free_too = seats.take(3)
    assert other.hold(event, taken).status == 201
    version = public.seat_map(event)["version"]
    answer = buyer.hold(event, [free, taken, free_too])
    check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (409, "RESERVATION_CONFLICT")
    assert answer.json["seats"] == [{"seatId": taken, "status": "HELD"}]
    after = public.seat_map(event)
    assert after["version"] == version, "a refusal takes no version"
    statuses = {seat["id"]: seat["status"] for seat in after["seats"]}
    assert (statuses[free], statuses[free_too]) == ("AVAILABLE", "AVAILABLE")
    assert buyer.holds(event) == []


def test_each_refused_seat_is_listed_with_its_status(buyer, other, seats, event):
    held, sold, free = seats.take(3)
    assert other.buy(event, sold)["status"] == "CONFIRMED"
    assert other.hold(event, held).status == 201
    answer = buyer.hold(event, [held, free, sold])
    assert (answer.status, answer.code) == (409, "SEAT_SOLD"), "the gravest refusal names the answer"
    assert sorted(answer.json["seats"], key=lambda s: s["seatId"]) == sorted(
        [{"seatId": held, "status": "HELD"}, {"seatId": sold, "status": "SOLD"}], key=lambda s: s["seatId"])


def test_holding_what_one_holds_already_tells_the_same_end(buyer, seats, event):
    seat = seats.one()
    first = buyer.hold(event, seat, 30).json
    time.sleep(0.05)
    again = buyer.hold(event, seat, 45)
    assert again.status == 201
    assert again.json["expiresAt"] == first["expiresAt"]
    assert again.json["version"] == first["version"], "nothing changed, no version was taken"


@pytest.mark.provokes("SEAT_SOLD")
def test_a_sold_seat_is_refused(buyer, other, seats, event):
    seat = seats.one()
    assert other.buy(event, seat)["status"] == "CONFIRMED"
    answer = buyer.hold(event, seat)
    check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (409, "SEAT_SOLD")
    assert answer.json["seats"] == [{"seatId": seat, "status": "SOLD"}]


@pytest.mark.provokes("LIMIT_EXCEEDED")
def test_a_buyer_has_at_most_eight_seats_of_an_event_holds_and_orders_together(buyer, seats, event):
    mine = seats.take(9)
    assert buyer.buy(event, mine[:3])["status"] == "CONFIRMED"
    assert buyer.hold(event, mine[3:8]).status == 201
    answer = buyer.hold(event, mine[8])
    check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (409, "LIMIT_EXCEEDED")
    assert buyer.release(event, mine[3]).status == 204
    assert buyer.hold(event, mine[8]).status == 201


def test_the_limit_holds_when_one_buyer_asks_on_many_connections_at_once(office, buyer, seats, event):
    first, *rest = seats.take(24)
    assert buyer.hold(event, first).status == 201
    answers, start = [], threading.Barrier(len(rest))

    def ask(seat):
        hand = Buyer(office, buyer.token)
        start.wait()
        answers.append(hand.hold(event, seat))
        hand.close()

    threads = [threading.Thread(target=ask, args=(seat,)) for seat in rest]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answer.status for answer in answers) == [201] * 7 + [409] * 16
    assert {answer.code for answer in answers if answer.status == 409} == {"LIMIT_EXCEEDED"}
    assert len(buyer.holds(event)) == 8


@pytest.mark.parametrize("asked, granted", [(-5, 1), (0, 1), (1, 1), (900, 900), (901, 900), (10**12, 900)])
def test_hold_seconds_outside_the_bounds_are_brought_inside(start_office, asked, granted):
    office = start_office({"holds.seconds_min": 1, "holds.seconds_max": 900, "holds.life_max_seconds": 900})
    answer = Buyer(office).hold(1, 1, asked)
    assert answer.status == 201 and answer.json["holdSeconds"] == granted
    assert abs(seconds_of(answer.json["expiresAt"]) - time.time() - granted) < 2


def test_a_lapsed_hold_is_free_within_a_second_and_not_before(buyer, other, seats, event):
    seat = seats.one()
    until = seconds_of(buyer.hold(event, seat, 1).json["expiresAt"])
    while time.time() < until - 0.05:
        answer = other.hold(event, seat)
        if time.time() < until - 0.01:  # asked and answered before the end: nobody may have it
            assert answer.status == 409, f"taken away {until - time.time():.3f} s too soon"
    won = wait_until(lambda: other.hold(event, seat).status == 201, 5, "the lapsed seat can be held")
    assert won and time.time() <= until + 1 + SLACK_S
    assert buyer.holds(event) == []


def test_extend_moves_the_end_forward_only(buyer, seats, event):
    seat = seats.one()
    first = seconds_of(buyer.hold(event, seat, 20).json["expiresAt"])
    shorter = buyer.extend(event, seat, 5)
    check("POST", f"{RESERVATION}/reservations/{event}/{seat}/extend", shorter)
    assert shorter.status == 200 and seconds_of(shorter.json["expiresAt"]) == first, "never sooner than promised"
    longer = buyer.extend(event, seat, 40)
    assert abs(seconds_of(longer.json["expiresAt"]) - time.time() - 40) < 2


def test_extend_is_capped_by_a_holds_whole_life(buyer, seats, event):
    seat = seats.one()
    taken = time.time()
    assert buyer.hold(event, seat, 10).status == 201
    answer = buyer.extend(event, seat, 100_000)
    assert answer.status == 200
    assert seconds_of(answer.json["expiresAt"]) <= taken + 60 + 1
    assert answer.json["expiresAt"] == buyer.holds(event)[0]["extendableUntil"]
    assert buyer.extend(event, seat, 100_000).json["expiresAt"] == answer.json["expiresAt"]


@pytest.mark.provokes("RESERVATION_EXPIRED")
def test_a_lapsed_hold_cannot_be_extended_ordered_or_released_into_being(buyer, seats, event):
    seat = seats.one()
    until = seconds_of(buyer.hold(event, seat, 1).json["expiresAt"])
    sleep_until(until + 0.01)
    for answer in (buyer.extend(event, seat, 30), buyer.order(event, seat)):
        assert (answer.status, answer.code) == (410, "RESERVATION_EXPIRED")
    assert buyer.release(event, seat).status == 204, "it is free, as wanted"


@pytest.mark.provokes("HOLD_NOT_OWNED")
def test_only_the_owner_extends_releases_and_orders(buyer, other, seats, event):
    seat = seats.one()
    mine = buyer.hold(event, seat, 60).json
    other.hold(event, seats.one())  # somebody with a token of their own
    for method, path, answer in (
        ("POST", f"{RESERVATION}/reservations/{event}/{seat}/extend", other.extend(event, seat, 30)),
        ("DELETE", f"{RESERVATION}/reservations/{event}/{seat}", other.release(event, seat)),
        ("POST", "/ticketing/order/api/orders", other.order(event, seat)),
    ):
        check(method, path, answer)
        assert (answer.status, answer.code) == (403, "HOLD_NOT_OWNED")
    assert [hold for hold in buyer.holds(event) if hold["expiresAt"] == mine["expiresAt"]]


def test_release_frees_the_seat_at_once_and_twice_is_the_same(buyer, other, seats, event, public):
    seat = seats.one()
    assert buyer.hold(event, seat).status == 201
    for _ in range(2):
        answer = buyer.release(event, seat)
        check("DELETE", f"{RESERVATION}/reservations/{event}/{seat}", answer)
        assert answer.status == 204 and answer.body == b""
    assert public.status(event, seat) == "AVAILABLE"
    assert other.hold(event, seat).status == 201


@pytest.mark.provokes("FORBIDDEN")
def test_a_buyer_cannot_confirm_without_paying(buyer, seats, event, public):
    seat = seats.one()
    assert buyer.hold(event, seat).status == 201
    answer = buyer.confirm(event, seat)
    check("POST", f"{RESERVATION}/reservations/{event}/{seat}/confirm", answer)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert public.status(event, seat) == "HELD"


def test_confirm_sells_at_once_where_the_office_allows_it(start_office):
    office = start_office({"holds.direct_confirm": True})
    staff, other = Buyer(office), Buyer(office)
    assert staff.hold(1, 1).status == 201
    refused = other.confirm(1, 1)
    assert (refused.status, refused.code) == (403, "HOLD_NOT_OWNED")
    answer, again = staff.confirm(1, 1), staff.confirm(1, 1)
    for told in (answer, again):
        check("POST", f"{RESERVATION}/reservations/1/1/confirm", told)
    assert answer.status == 200 and answer.json["status"] == "SOLD"
    assert (again.status, again.code) == (409, "SEAT_SOLD")
    assert staff.orders()[0]["orderId"] == answer.json["orderId"]
    assert other.status(1, 1) == "SOLD"
    never_held = staff.confirm(1, 4)
    assert (never_held.status, never_held.code) == (409, "RESERVATION_CONFLICT")
    office.kill()
    office.start()
    staff.move_to(office)
    assert staff.status(1, 1) == "SOLD", "a direct sale survives kill -9 too"
    assert office.stop() == 0
    office.assert_audit_clean()


@pytest.mark.provokes("EVENT_NOT_FOUND", "SEAT_NOT_FOUND")
@pytest.mark.parametrize("event_id, seat_id, code", [
    (424242, 999999, "EVENT_NOT_FOUND"), (1, 999999, "SEAT_NOT_FOUND"), (1, 2, "SEAT_NOT_FOUND"),
    (1, 9007199254740991, "SEAT_NOT_FOUND"), (9007199254740991, 1, "EVENT_NOT_FOUND")])
def test_what_does_not_exist_cannot_be_held(buyer, event_id, seat_id, code):
    answer = buyer.hold(event_id, seat_id)
    check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (404, code)
    for answer in (buyer.extend(event_id, seat_id, 10), buyer.release(event_id, seat_id), buyer.order(event_id, seat_id)):
        assert (answer.status, answer.code) == (404, code)


@pytest.mark.provokes("VALIDATION_FAILED")
@pytest.mark.parametrize("body, pointer", [
    ({}, "/eventId"), ({"eventId": 1}, None), ({"eventId": "1", "seatId": 1}, "/eventId"),
    ({"eventId": 1, "seatId": 1, "seatIds": [4]}, None), ({"eventId": 1, "seatIds": []}, "/seatIds"),
    ({"eventId": 1, "seatIds": [1, 1]}, None), ({"eventId": 1, "seatIds": [1, "x"]}, "/seatIds/1"),
    ({"eventId": 1, "seatIds": list(range(1, 52, 3))}, "/seatIds"), ({"eventId": 1, "seatId": 0}, "/seatId"),
    ({"eventId": 1, "seatId": 1.5}, "/seatId"), ({"eventId": 1, "seatId": 2**53}, "/seatId"),
    ({"eventId": 1, "seatId": -1}, "/seatId"), ({"eventId": 1, "seatId": 1, "holdSeconds": "long"}, "/holdSeconds"),
    ({"eventId": None, "seatId": 1}, "/eventId"), ([], None), (7, None)])
def test_a_wrong_body_is_told_where_it_is_wrong(buyer, body, pointer):
    answer = buyer.request("POST", f"{RESERVATION}/reservations", body)
    check("POST", f"{RESERVATION}/reservations", answer)
    assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    if pointer is not None:
        assert pointer in [error["pointer"] for error in answer.json["errors"]]


def test_a_reservations_list_wants_to_know_the_event(buyer):
    for query in ("", "?eventId=", "?eventId=x", "?eventId=0", "?eventId=1.5"):
        path = f"{RESERVATION}/reservations{query}"
        answer = buyer.get(path)
        check("GET", path, answer)
        assert (answer.status, answer.code) == (422, "VALIDATION_FAILED")
    assert buyer.get(f"{RESERVATION}/reservations?eventId=424242").code == "EVENT_NOT_FOUND"


def test_two_hundred_buyers_race_for_one_seat_and_one_wins(office, seats, event, public):
    seat = seats.one()
    answers, start = [], threading.Barrier(50)

    def race():
        someone = Buyer(office)
        start.wait()
        for _ in range(4):
            someone.token = None  # a new buyer on the same connection
            answers.append(someone.hold(event, seat))
        someone.close()

    threads = [threading.Thread(target=race) for _ in range(50)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answer.status for answer in answers) == [201] + [409] * 199
    assert {answer.code for answer in answers if answer.status == 409} == {"RESERVATION_CONFLICT"}
    assert public.status(event, seat) == "HELD"


def test_holds_survive_a_clean_restart_with_their_end(start_office):
    office = start_office()
    buyer, other = Buyer(office), Buyer(office)
    held = buyer.hold(2, [2, 5], 300).json
    before = buyer.seat_map(2)
    office.restart()
    buyer.move_to(office), other.move_to(office)
    assert {hold["seatId"]: hold["expiresAt"] for hold in buyer.holds(2)} == {2: held["expiresAt"], 5: held["expiresAt"]}
    assert other.hold(2, 2).code == "RESERVATION_CONFLICT"
    assert buyer.seat_map(2) == before, "a clean restart continues the same feed"
    assert buyer.order(2, [2, 5]).status == 201
