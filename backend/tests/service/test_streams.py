"""The live streams: every change once and in order, resume without loss, RESET when that cannot be, bounds."""

import random
import socket
import threading
import time

import pytest

from client import CATALOG, Buyer, Internal, Public
from moments import seconds_of, wait_until
from promise import check
from sse import SseClient

OFFICE = {"holds.seconds_min": 1, "streams.heartbeat_ms": 300}
SLACK_S = 1.0


def path_of(event):
    return f"{CATALOG}/events/{event}/seats/stream"


def assert_in_order_once(updates):
    versions = [update.data["version"] for update in updates]
    assert versions == sorted(set(versions)), "each version once, in order"
    assert all(update.id == str(update.data["version"]) for update in updates)


def test_a_stream_begins_with_init_at_the_present_version(office, public, event):
    with SseClient(office, event) as viewer:
        assert viewer.status == 200
        assert viewer.header("Content-Type").startswith("text/event-stream")
        assert viewer.header("Trace-Id") and "no-" in viewer.header("Cache-Control")
        first = viewer.wait_for(lambda e: True)
        assert first.name == "INIT" and first.data == {"eventId": event, "version": public.seat_map(event)["version"]}
        assert first.id == str(first.data["version"])
        assert viewer.retry and viewer.retry >= 100


def test_retry_is_different_for_each_viewer(office, event):
    viewers = [SseClient(office, event) for _ in range(12)]
    for viewer in viewers:
        viewer.wait_for(lambda e: e.name == "INIT")
    assert len({viewer.retry for viewer in viewers}) > 1
    [viewer.close() for viewer in viewers]


def test_every_change_is_one_event(office, buyer, seats, event, public):
    seat = seats.one()
    with SseClient(office, event) as viewer:
        start = viewer.wait_for(lambda e: e.name == "INIT").data["version"]
        held = buyer.hold(event, seat, 60).json
        buyer.release(event, seat)
        sold = buyer.buy(event, seat)
        assert sold["status"] == "CONFIRMED"
        viewer.wait_seat(seat, "SOLD")
        mine = [update.data for update in viewer.updates if update.data["seatId"] == seat]
        assert [update["status"] for update in mine] in (
            ["HELD", "AVAILABLE", "HELD", "SOLD"], ["HELD", "AVAILABLE", "HELD", "HELD", "SOLD"])
        assert mine[0]["version"] == held["version"] > start
        assert_in_order_once(viewer.updates)
        assert public.seat_map(event)["version"] == viewer.updates[-1].data["version"]


def test_a_lapse_is_told_within_a_second(office, buyer, seats, event):
    seat = seats.one()
    with SseClient(office, event) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        until = seconds_of(buyer.hold(event, seat, 1).json["expiresAt"])
        told = viewer.wait_seat(seat, "AVAILABLE", timeout=6)
        assert until - 0.05 <= told.at <= until + 1 + SLACK_S


@pytest.mark.parametrize("by", ["header", "query"])
def test_resume_tells_what_was_missed_and_nothing_twice(office, buyer, seats, event, by):
    seat = seats.one()
    with SseClient(office, event) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        buyer.hold(event, seat)
        last = viewer.wait_seat(seat, "HELD").id
    buyer.release(event, seat)
    buyer.hold(event, seat)
    version = buyer.release(event, seat) and buyer.seat_map(event)["version"]
    with SseClient(office, event, last_event_id=last, by=by) as viewer:
        first = viewer.wait_for(lambda e: True)
        assert first.name == "INIT" and first.data["version"] == int(last)
        viewer.wait_version(version)
        assert [update.data["status"] for update in viewer.updates] == ["AVAILABLE", "HELD", "AVAILABLE"]
        assert [update.data["version"] for update in viewer.updates] == list(range(int(last) + 1, version + 1))


def test_resume_at_the_present_sends_nothing_old(office, public, event):
    version = public.seat_map(event)["version"]
    with SseClient(office, event, last_event_id=version) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT" and e.data["version"] == version)
        time.sleep(0.3)
        assert viewer.updates == []


@pytest.mark.parametrize("id_", ["nonsense", "-1", "1.5", "99999999999999999999999", "9007199254740991", "\u00e4", " 7 7 "])
def test_an_id_that_cannot_be_resumed_from_is_answered_with_reset(office, public, event, id_):
    with SseClient(office, event, last_event_id=id_.encode("utf-8").decode("latin-1")) as viewer:
        assert viewer.status == 200
        reset = viewer.wait_for(lambda e: e.name == "RESET")
        assert reset.data["version"] == public.seat_map(event)["version"] and reset.id == str(reset.data["version"])


def test_a_gap_older_than_what_is_kept_is_answered_with_reset(start_office):
    office = start_office({"limits.seats_per_buyer": 16})
    buyer = Buyer(office)
    event = max(buyer.events(), key=lambda e: e["seatCount"])["id"]
    ids = list(buyer.statuses(event))[:16]
    with SseClient(office, event) as viewer:
        old = viewer.wait_for(lambda e: e.name == "INIT").data["version"]
    reset = None
    for _ in range(40):  # until the ring has turned over: 16 changes a call, both ways
        for _ in range(120):
            assert buyer.hold(event, ids).status == 201
            for seat in ids:
                buyer.release(event, seat)
        with SseClient(office, event, last_event_id=old) as viewer:
            viewer.wait_for(lambda e: e.name in ("INIT", "RESET"))
            if any(e.name == "RESET" for e in viewer.events):
                reset = viewer.events[-1]
                break
    assert reset is not None, "150,000 changes and still nothing forgotten: is the feed bounded?"
    assert reset.data["version"] > old


def test_a_comment_comes_at_least_every_heartbeat(office, event):
    with SseClient(office, event) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        wait_until(lambda: len(viewer.comments) >= 3, 10, "three heartbeats")
        times = [at for at, _ in viewer.comments[:3]]
        assert times[2] - times[0] < 0.6 + 2 * SLACK_S


def test_all_viewers_see_the_same(office, seats, event):
    viewers = [SseClient(office, event) for _ in range(20)]
    for viewer in viewers:
        viewer.wait_for(lambda e: e.name == "INIT")
    buyer = Buyer(office)
    mine = seats.take(8)
    for seat in mine:
        version = buyer.hold(event, seat).json["version"]
    for viewer in viewers:
        viewer.wait_version(version)
        assert [update.data["seatId"] for update in viewer.updates if update.data["seatId"] in mine] == mine
        assert_in_order_once(viewer.updates)
    [viewer.close() for viewer in viewers]


def test_a_viewer_hears_of_its_own_event_only(office, buyer, event):
    with SseClient(office, 1) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        assert buyer.hold(2, 2).status == 201
        assert buyer.hold(1, 1).status == 201
        viewer.wait_seat(1, "HELD")
        assert {update.data["seatId"] for update in viewer.updates} == {1}


def test_a_viewer_that_does_not_read_stalls_nobody_and_ends_with_the_truth(start_office):
    """It is coalesced, then reset: what it has at the end is the map."""
    office = start_office({"limits.seats_per_buyer": 16, "http.write_time_ms": 60000})
    buyer = Buyer(office)
    event = max(buyer.events(), key=lambda e: e["seatCount"])["id"]
    ids = list(buyer.statuses(event))[:400]
    quick = SseClient(office, event)
    quick.wait_for(lambda e: e.name == "INIT")
    slow = socket.socket()  # connected, and then left alone
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect((office.host, office.port))
    slow.sendall(f"GET {path_of(event)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    slow.settimeout(10)
    head = b""
    while b"event: INIT" not in head:
        head += slow.recv(512)
    memory = office.rss_bytes()
    dice = random.Random(5)
    for _ in range(300):
        mine = dice.sample(ids, 16)
        assert buyer.hold(event, mine).status == 201
        for seat in mine:
            assert buyer.release(event, seat).status == 204
    last = buyer.hold(event, ids[:16]).json["version"]
    quick.wait_version(last, timeout=10)
    assert office.rss_bytes() - memory < 64 << 20, "a viewer's backlog is bounded"
    # now it reads again: everything that still comes, applied to what it knew, must end at the present version
    received, deadline = head, time.monotonic() + 20
    while str(last).encode() not in received and time.monotonic() < deadline:
        try:
            more = slow.recv(65536)
        except TimeoutError:
            break
        if not more:
            break
        received += more
    text = received.decode()
    assert f"id: {last}" in text or "event: RESET" in text
    slow.close()
    quick.close()


def test_the_viewer_too_many_is_refused(start_office):
    office = start_office({"streams.viewers_max": 10})
    viewers = []
    refused = None
    for _ in range(40):
        viewer = SseClient(office, 1)
        if viewer.status != 200:
            refused = viewer
            break
        viewers.append(viewer)
    assert refused is not None and refused.status == 503
    assert refused.header("Retry-After") and b"UNAVAILABLE" in refused.body
    # Each loop has its share of the limit, and the kernel deals out connections: never more than the limit.
    assert 5 <= len(viewers) <= 10
    assert Public(office).get(f"{CATALOG}/events").status == 200, "nobody else notices"
    viewers.pop().close()
    def another():
        viewer = SseClient(office, 1)
        status = viewer.status
        viewer.close()
        return status == 200
    wait_until(another, 10, "the place of a viewer that left is given again", step=0.2)
    [viewer.close() for viewer in viewers]


def test_head_of_a_stream_is_its_headers(public, event):
    answer = public.request("HEAD", path_of(event))
    check("HEAD", path_of(event), answer)
    assert answer.status == 200 and answer.header("Content-Type").startswith("text/event-stream") and answer.body == b""


def test_a_stream_of_no_event_is_404(public):
    for event_id in (424242, "x"):
        answer = public.get(path_of(event_id))
        check("GET", path_of(event_id), answer)
        assert (answer.status, answer.code) == (404, "EVENT_NOT_FOUND")


@pytest.mark.provokes("NOT_ACCEPTABLE")
def test_a_stream_is_not_json(public, event):
    answer = public.get(path_of(event), Accept="application/json")
    check("GET", path_of(event), answer)
    assert (answer.status, answer.code) == (406, "NOT_ACCEPTABLE")


def test_after_a_clean_restart_a_viewer_resumes_without_loss(start_office):
    office = start_office()
    buyer = Buyer(office)
    buyer.hold(1, [1, 4])
    with SseClient(office, 1) as viewer:
        last = viewer.wait_for(lambda e: e.name == "INIT").id
    version = buyer.hold(1, 7).json["version"]
    office.restart()
    with SseClient(office, 1, last_event_id=last) as viewer:
        first = viewer.wait_for(lambda e: True)
        if first.name == "INIT":  # history kept: the change is told; else RESET, and the map has it
            viewer.wait_version(version)
        else:
            assert first.name == "RESET" and first.data["version"] >= version
    buyer.move_to(office)
    assert buyer.status(1, 7) == "HELD"


def test_after_kill_9_the_feed_takes_a_new_epoch_and_viewers_get_reset(start_office):
    office = start_office()
    buyer = Buyer(office)
    version = buyer.hold(1, 1).json["version"]
    office.kill()
    office.start()
    buyer.move_to(office)
    with SseClient(office, 1, last_event_id=version) as viewer:
        reset = viewer.wait_for(lambda e: e.name == "RESET")
        assert reset.data["version"] > version and reset.data["version"] >> 32 > version >> 32
        after = buyer.hold(1, 4).json["version"]
        assert after > reset.data["version"]
        viewer.wait_seat(4, "HELD")


def test_the_map_is_at_least_as_new_as_any_answer_given(office, seats, event):
    """Read your own writes, whichever connection (and so whichever loop) asks."""
    buyer, readers = Buyer(office), [Public(office) for _ in range(4)]
    seat = seats.one()
    for turn in range(60):
        version = buyer.hold(event, seat).json["version"]
        seen = readers[turn % 4].seat_map(event)
        assert seen["version"] >= version
        assert next(s for s in seen["seats"] if s["id"] == seat)["status"] == "HELD"
        buyer.release(event, seat)
        assert readers[(turn + 1) % 4].status(event, seat) == "AVAILABLE"


def test_a_seat_update_from_outside_reaches_viewers_but_owns_nothing(start_office):
    office = start_office()
    buyer, operator = Buyer(office), Internal(office)
    version = buyer.seat_map(1)["version"]
    with SseClient(office, 1) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        answer = operator.seat_update(eventId=1, seatId=1, status="SOLD", version=version + 1000)
        check("POST", f"{CATALOG}/internal/seat-update", answer)
        assert answer.status == 204
        viewer.wait_seat(1, "SOLD")
        assert buyer.hold(1, 1).status == 201, "what viewers see is not who owns the seat"


def test_streams_of_many_cuts_rebuild_the_map(office, seats, event):
    """Writers change seats while a viewer is cut again and again; its picture must end as the map."""
    stop, buyers = threading.Event(), []
    pool = seats.take(48)

    def change(mine, seed):
        buyer, dice = Buyer(office), random.Random(seed)
        buyers.append(buyer)
        while not stop.is_set():
            seat = dice.choice(mine)
            if buyer.hold(event, seat).status == 201 and dice.random() < 0.8:
                buyer.release(event, seat)
            time.sleep(0.002)

    threads = [threading.Thread(target=change, args=(pool[n * 8:n * 8 + 8], n)) for n in range(6)]
    picture, last, versions = None, None, []
    try:
        [thread.start() for thread in threads]
        for _ in range(15):
            if picture is None:
                seat_map = Public(office).seat_map(event)
                picture, last = {s["id"]: s["status"] for s in seat_map["seats"]}, seat_map["version"]
            with SseClient(office, event, last_event_id=last) as viewer:
                time.sleep(0.15)
            for told in viewer.events:
                if told.name == "RESET":
                    picture = None
                    break
                if told.name == "SEAT_UPDATE":
                    picture[told.data["seatId"]] = told.data["status"]
                    versions.append(told.data["version"])
                    last = told.data["version"]
    finally:
        stop.set()
        [thread.join() for thread in threads]
    assert picture is not None, "a resume over a fraction of a second never needs RESET"
    assert versions == sorted(set(versions)), "nothing repeated, nothing out of order"
    truth = Public(office).seat_map(event)
    with SseClient(office, event, last_event_id=last) as viewer:
        if truth["version"] > last:
            viewer.wait_version(truth["version"])
        for told in viewer.updates:
            picture[told.data["seatId"]] = told.data["status"]
    assert picture == {s["id"]: s["status"] for s in truth["seats"]}
    for buyer in buyers:
        for hold in buyer.holds(event):
            buyer.release(event, hold["seatId"])
