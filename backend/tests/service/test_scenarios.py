"""The scenarios that broke the system to beat (docs/testing.md lists them). Each that can happen on one machine is a
test named after it. Scenarios 4, 5 and 8 are failures of a part that only the scaled form has (a catalog apart, Kafka,
Redis); what of them can happen in one process is tested here under the same number, the rest belongs to the scaled form.
"""

import asyncio
import concurrent.futures
import random
import re
import threading
import time
import uuid

from client import AWAY, CATALOG, FINAL, ORDER, RESERVATION, AsyncCaller, Buyer, Internal, Public
from moments import seconds_of, sleep_until, wait_until
from promise import check
from sse import SseClient

SLACK_S = 1.0  # how late a busy machine may tell; the exact bound is proved on virtual time by the simulation


def seats_of_demo(event_id):
    """Ids 3k+1, 3k+2, 3k+3 for events 1, 2, 3."""
    return [3 * k + event_id for k in range(100)]


def owners(buyers_and_orders):
    """{(event, seat): [order ids]} of CONFIRMED orders."""
    found = {}
    for order in buyers_and_orders:
        if order["status"] == "CONFIRMED":
            for seat in order["seatIds"]:
                found.setdefault((order["eventId"], seat), []).append(order["orderId"])
    return found


def test_scenario_01_thousand_buyers_hundred_seats(start_office):
    """1,000 buyers at once on the 100 seats of event 1: every seat sold once, every buyer told, nothing but 201 and 409."""
    office = start_office({"payments.mock.success_share": 0.8, "payments.mock.seed": 11})
    ids, dice = seats_of_demo(1), random.Random(11)
    statuses, orders, resets = {}, [], 0

    async def one(choices):
        nonlocal resets
        caller = AsyncCaller(office)
        try:
            for seat in choices:
                answer = await caller.request("POST", f"{RESERVATION}/reservations", {"eventId": 1, "seatId": seat})
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                if answer.status != 201:
                    continue
                key = {"Idempotency-Key": str(uuid.uuid4())}
                body = {"eventId": 1, "seatIds": [seat]}
                placed = await caller.request("POST", f"{ORDER}/orders", body, key)
                statuses[placed.status] = statuses.get(placed.status, 0) + 1
                assert placed.status == 201, placed
                again = await caller.request("POST", f"{ORDER}/orders", body, key)  # an impatient click
                assert again.body == placed.body
                while True:
                    order = (await caller.request("GET", placed.header("Location"))).json
                    if order["status"] in FINAL:
                        break
                    await asyncio.sleep(0.05)
                orders.append(order)
                return
        except (OSError, asyncio.IncompleteReadError):
            resets += 1
        finally:
            caller.close()

    async def crowd():
        await asyncio.gather(*(one(dice.sample(ids, 3)) for _ in range(1000)))

    asyncio.run(crowd())
    assert resets == 0
    assert set(statuses) <= {201, 409}, statuses
    assert all(len(ids) == 1 for ids in owners(orders).values()), "a seat in two CONFIRMED orders"
    confirmed = {seat for _, seat in owners(orders)}
    seat_map = Public(office).statuses(1)
    assert {seat for seat, status in seat_map.items() if status == "SOLD"} == confirmed
    assert len(confirmed) > 50
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_01b_two_hundred_clients_one_seat(start_office):
    office = start_office()
    ends = []

    def race():
        buyer = Buyer(office)
        if buyer.hold(2, 2).status == 201:
            placed = buyer.order(2, 2)
            if placed.status == 201:
                ends.append(buyer.wait_final(placed.json["orderId"]))
        buyer.close()

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        for future in [pool.submit(race) for _ in range(200)]:
            future.result()
    assert [order["status"] for order in ends].count("CONFIRMED") == 1
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_02_order_without_a_hold_of_ones_own(start_office):
    """409, 403, 409, 404; nothing is charged."""
    office = start_office()
    buyer, other = Buyer(office), Buyer(office)
    assert other.hold(1, 4).status == 201
    assert other.buy(1, 7)["status"] == "CONFIRMED"
    for event_id, seat, status, code in ((1, 1, 409, "RESERVATION_CONFLICT"), (1, 4, 403, "HOLD_NOT_OWNED"),
                                         (1, 7, 409, "SEAT_SOLD"), (1, 2, 404, "SEAT_NOT_FOUND"),
                                         (1, 999999, 404, "SEAT_NOT_FOUND"), (77, 1, 404, "EVENT_NOT_FOUND")):
        answer = buyer.order(event_id, seat)
        check("POST", f"{ORDER}/orders", answer)
        assert (answer.status, answer.code) == (status, code)
    assert buyer.orders() == []
    assert office.stop() == 0
    office.assert_audit_clean()  # joins the provider's books: one capture, for seat 7


def test_scenario_03_pinned_seats_do_not_lapse_while_payment_is_slow(start_office):
    """A payment that takes longer than the hold: the second buyer is refused until the first has the seats or not."""
    office = start_office({"holds.seconds_min": 1, "payments.mock.delay_ms": 1900})
    buyer, other = Buyer(office), Buyer(office)
    until = seconds_of(buyer.hold(1, [1, 4], 1).json["expiresAt"])
    order = buyer.order(1, [1, 4]).json
    sleep_until(until + 0.6)  # the hold would be gone by now, and the money is not even authorised
    answer = other.hold(1, [1, 4])
    assert (answer.status, answer.code) == (409, "RESERVATION_CONFLICT")
    assert other.order(1, [1, 4]).status in (403, 409)
    assert buyer.wait_final(order["orderId"])["status"] == "CONFIRMED"
    assert other.hold(1, 1).code == "SEAT_SOLD"
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_03b_payment_that_is_never_known_ends_with_one_owner(start_office):
    """The provider times out for ever: at the deadline the seats go back, and the late money is voided, not kept."""
    office = start_office({"payments.mock.timeout_share": 1.0, "payments.deadline_ms": 2000})
    buyer, other = Buyer(office), Buyer(office)
    buyer.hold(1, 1, 5)
    order = buyer.order(1, 1).json
    first = buyer.wait_final(order["orderId"], timeout=15)
    if first["status"] == "CANCELLED":
        wait_until(lambda: other.hold(1, 1).status == 201, 5, "the seat is free")
    else:
        assert other.hold(1, 1).code == "SEAT_SOLD"
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_04_the_catalogs_trouble_changes_no_answer_of_the_others(start_office):
    """One process has no catalog to switch off; its view can be drowned in readers, and sales must not notice."""
    office = start_office()
    big = max(Public(office).events(), key=lambda e: e["seatCount"])["id"]
    stop, reads = threading.Event(), []

    def read():
        reader = Public(office)
        while not stop.is_set():
            reads.append(reader.get(f"{CATALOG}/events/{big}/seats").status)

    threads = [threading.Thread(target=read) for _ in range(3)]
    [thread.start() for thread in threads]
    try:
        for seat in seats_of_demo(1)[:20]:
            assert Buyer(office).buy(1, seat)["status"] == "CONFIRMED"
    finally:
        stop.set()
        [thread.join() for thread in threads]
    assert set(reads) <= {200}
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_05_messages_of_paid_orders_are_delivered_after_a_crash(start_office):
    """Without Kafka the outbox is the bus: what was written with the order is delivered, after kill -9 too."""
    office = start_office()
    sold = []
    for seat in seats_of_demo(2)[:30]:
        buyer = Buyer(office)
        buyer.hold(2, seat)
        sold.append((buyer, buyer.order(2, seat).json["orderId"], seat))
    office.kill()
    office.start()
    for buyer, order_id, seat in sold:
        buyer.move_to(office)
        assert buyer.wait_final(order_id, timeout=10)["status"] == "CONFIRMED"
    statuses = Public(office).statuses(2)
    assert all(statuses[seat] == "SOLD" for _, _, seat in sold), "seats of CONFIRMED orders are not free again"
    assert office.stop() == 0
    office.assert_audit_clean()  # the outbox has drained


def test_scenario_06_kill_9_in_mid_saga(start_office):
    """One attempt each; what is not confirmed is voided; all at an end within 10 s of the restart."""
    office = start_office({"payments.mock.delay": "uniform", "payments.mock.delay_ms": 400, "payments.mock.success_share": 0.8,
                           "payments.mock.seed": 6})
    placed = []
    for number, seat in enumerate(seats_of_demo(1) + seats_of_demo(2)[:80]):
        buyer = Buyer(office)
        event_id = 1 if number < 100 else 2
        assert buyer.hold(event_id, seat).status == 201
        placed.append((buyer, buyer.order(event_id, seat).json["orderId"], seat))
        buyer.close()
    office.kill()
    office.assert_audit_clean()
    office.start()
    restarted = time.monotonic()
    ends = []
    for buyer, order_id, _ in placed:
        buyer.move_to(office)
        ends.append(buyer.wait_final(order_id, timeout=max(0.5, restarted + 10 - time.monotonic())))
        buyer.close()
    assert {order["status"] for order in ends} == {"CONFIRMED", "CANCELLED"}
    assert office.stop() == 0
    office.assert_audit_clean()  # captured <=> CONFIRMED; every other authorisation voided; one attempt an order


def test_scenario_07_sold_before_confirmed(start_office):
    """Whoever reads CONFIRMED finds the seats SOLD at that moment, before and right after kill -9."""
    office = start_office()
    sold = []
    for seat in seats_of_demo(1)[:40]:
        buyer = Buyer(office)
        order = buyer.buy(1, seat)
        assert order["status"] == "CONFIRMED"
        assert buyer.status(1, seat) == "SOLD"
        sold.append(seat)
    office.kill()
    office.start()
    anyone = Buyer(office)
    first_map = anyone.statuses(1)
    assert all(first_map[seat] == "SOLD" for seat in sold)
    for seat in sold:
        assert anyone.hold(1, seat).code == "SEAT_SOLD"


def test_scenario_08_lost_ledger_data_is_rebuilt_from_the_orders(start_office):
    """The ledger is a lease: without its journal, SOLD comes back from the order store and holds may vanish."""
    office = start_office()
    buyer, other = Buyer(office), Buyer(office)
    assert buyer.buy(1, [1, 4])["status"] == "CONFIRMED"
    assert other.hold(1, 7).status == 201
    office.kill()
    journal = office.data_dir / "journal"
    lost = [path for path in journal.rglob("*") if path.is_file()]
    assert lost
    [path.unlink() for path in lost]
    office.start()
    buyer.move_to(office), other.move_to(office)
    assert other.hold(1, 1).code == "SEAT_SOLD"
    statuses = other.statuses(1)
    assert (statuses[1], statuses[4]) == ("SOLD", "SOLD")
    assert other.hold(1, 7).status == 201
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_09_sold_never_passes_through_free_at_a_restart(start_office):
    """Clients ask without pause while the office is killed and comes back: no answer ever gives a sold seat away."""
    office = start_office()
    sold = seats_of_demo(1)[:24]
    for start in range(0, 24, 8):
        assert Buyer(office).buy(1, sold[start:start + 8])["status"] == "CONFIRMED"
    stop, answers, free = threading.Event(), [], []

    def ask():
        buyer = Buyer(office, timeout=5)
        while not stop.is_set():
            try:
                buyer.move_to(office)
                for seat in sold:
                    answers.append(buyer.hold(1, seat).code)
                free.extend(s for s, status in buyer.statuses(1).items() if s in sold and status != "SOLD")
            except AWAY:
                time.sleep(0.005)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    [thread.start() for thread in threads]
    try:
        for turn in range(6):
            time.sleep(0.3)
            office.kill() if turn % 2 == 0 else office.stop()
            office.start()
        time.sleep(0.3)
    finally:
        stop.set()
        [thread.join() for thread in threads]
    assert free == []
    assert set(answers) <= {"SEAT_SOLD", "UNAVAILABLE"} and "SEAT_SOLD" in answers


def test_scenario_10_nobody_acts_for_another(start_office):
    """Release, extend, order: owner only; extend capped; seat changes and reset: internal listener and credential."""
    office = start_office()
    buyer, other, anyone = Buyer(office), Buyer(office), Public(office)
    held = buyer.hold(1, 1, 60)
    other.hold(1, 4)
    for who in (other, anyone):
        assert who.request("DELETE", f"{RESERVATION}/reservations/1/1").code == "HOLD_NOT_OWNED"
        assert who.request("POST", f"{RESERVATION}/reservations/1/1/extend", {"seconds": 100_000}).code == "HOLD_NOT_OWNED"
    capped = buyer.extend(1, 1, 100_000)
    assert seconds_of(capped.json["expiresAt"]) <= seconds_of(held.json["expiresAt"]) + 15 * 60
    with SseClient(office, 1) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        for path, body in ((f"{CATALOG}/internal/seat-update", {"eventId": 1, "seatId": 7, "status": "SOLD", "version": 2**50}),
                           (f"{RESERVATION}/internal/admin/reset", {"eventId": 1})):
            for form in (path, "/ticketing/api/" + path.split("/api/")[1]):
                assert anyone.request("POST", form, body).code == "NOT_FOUND"
                assert buyer.request("POST", form, body).code == "NOT_FOUND"
        wrong = Internal(office, credential=buyer.token)
        assert wrong.reset(1).code == "CREDENTIAL_REQUIRED"
        buyer.hold(1, 10)
        viewer.wait_seat(10, "HELD")
        assert [update.data["seatId"] for update in viewer.updates] == [10]
    assert buyer.buy(1, 13)["status"] == "CONFIRMED"
    assert Internal(office).reset(1).status == 200
    assert set(buyer.statuses(1).values()) == {"AVAILABLE"}
    assert other.buy(1, 13)["status"] == "CONFIRMED", "orders and ledger agree after the reset"
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_11_no_hold_of_what_does_not_exist(start_office):
    office = start_office()
    buyer = Buyer(office)
    for event_id, seat, code in ((424242, 999999, "EVENT_NOT_FOUND"), (1, 2, "SEAT_NOT_FOUND"), (2, 1, "SEAT_NOT_FOUND"),
                                 (1, 301, "SEAT_NOT_FOUND"), (3, 999999, "SEAT_NOT_FOUND")):
        answer = buyer.hold(event_id, seat)
        assert (answer.status, answer.code) == (404, code)
    assert buyer.hold(1, [1, 2]).code == "SEAT_NOT_FOUND"
    assert buyer.status(1, 1) == "AVAILABLE"


def test_scenario_12_four_hundred_orders_with_one_key(start_office):
    """20 rounds of 20 at once: one order, one answer byte for byte, 409 while the first runs, never 5xx."""
    office = start_office()
    for turn in range(20):
        buyer, key, seats = Buyer(office), str(uuid.uuid4()), [seats_of_demo(2)[2 * turn], seats_of_demo(2)[2 * turn + 1]]
        assert buyer.hold(2, seats).status == 201
        hands = [Buyer(office, buyer.token) for _ in range(20)]
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda hand: hand.order(2, seats, key), hands))
        placed = {answer.body for answer in answers if answer.status == 201}
        assert len(placed) == 1
        assert {(a.status, a.code) for a in answers if a.status != 201} <= {(409, "IDEMPOTENCY_IN_PROGRESS")}
        replay = buyer.order(2, seats, key)
        assert replay.body == placed.pop() and replay.header("Idempotent-Replayed") == "true"
        assert buyer.order(2, seats[:1], key).code == "IDEMPOTENCY_KEY_REUSED"
        assert len(buyer.orders()) == 1
        [hand.close() for hand in hands]
    assert office.stop() == 0
    office.assert_audit_clean()


def test_scenario_13_each_wrong_request_has_its_code(start_office):
    office = start_office({"holds.seconds_min": 1})
    buyer, other = Buyer(office), Buyer(office)
    key = {"Idempotency-Key": "k"}
    until = seconds_of(buyer.hold(1, 1, 1).json["expiresAt"])
    assert other.buy(1, 4)["status"] == "CONFIRMED"
    sleep_until(until + 0.01)
    for method, path, body, headers, status, code in (
        ("POST", f"{ORDER}/orders", {"eventId": 1}, key, 422, "VALIDATION_FAILED"),
        ("POST", f"{ORDER}/orders", {"eventId": 1, "seatIds": []}, key, 422, "VALIDATION_FAILED"),
        ("POST", f"{ORDER}/orders", {"eventId": 1, "seatIds": [1]}, {}, 400, "IDEMPOTENCY_KEY_MISSING"),
        ("POST", f"{ORDER}/orders", b'{"eventId":1,', key, 400, "MALFORMED_REQUEST"),
        ("POST", f"{RESERVATION}/reservations", b"", {}, 400, "MALFORMED_REQUEST"),
        ("GET", "/ticketing/order/api/no/such/path", None, {}, 404, "NOT_FOUND"),
        ("POST", f"{ORDER}/orders", {"eventId": 1, "seatIds": [1]}, key, 410, "RESERVATION_EXPIRED"),
        ("POST", f"{ORDER}/orders", {"eventId": 1, "seatIds": [4]}, key, 409, "SEAT_SOLD"),
        ("POST", f"{RESERVATION}/reservations", {"eventId": 1, "seatId": 4}, {}, 409, "SEAT_SOLD"),
    ):
        answer = buyer.request(method, path, body, headers)
        check(method, path, answer)
        assert (answer.status, answer.code) == (status, code), f"{method} {path} {body}: {answer}"
        assert "exception" not in answer.body.decode().lower()


def test_scenario_14_a_lapse_is_told_to_viewers_within_a_second(start_office):
    office = start_office({"holds.seconds_min": 1})
    with SseClient(office, 1) as viewer:
        viewer.wait_for(lambda e: e.name == "INIT")
        ends = {}
        for number, seat in enumerate(seats_of_demo(1)[:20]):
            ends[seat] = seconds_of(Buyer(office).hold(1, seat, 1 + number % 2).json["expiresAt"])
        for seat, until in ends.items():
            told = viewer.wait_seat(seat, "AVAILABLE", timeout=8)
            assert until - 0.05 <= told.at <= until + 1 + SLACK_S, f"seat {seat}: {told.at - until:.3f} s after its end"
    assert set(Public(office).statuses(1).values()) == {"AVAILABLE"}


def test_scenario_15_eight_writers_four_hundred_changes(start_office):
    """Ids strictly increasing, and a viewer that had only INIT gets all of them."""
    office = start_office()
    viewer = SseClient(office, 1)
    start = viewer.wait_for(lambda e: e.name == "INIT").data["version"]

    def write(mine):
        buyer = Buyer(office)
        for turn in range(25):
            assert buyer.hold(1, mine[turn % 8]).status == 201
            assert buyer.release(1, mine[turn % 8]).status == 204

    ids = seats_of_demo(1)
    threads = [threading.Thread(target=write, args=(ids[8 * n:8 * n + 8],)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    viewer.wait_version(start + 400)
    assert [update.data["version"] for update in viewer.updates] == list(range(start + 1, start + 401))
    assert [int(update.id) for update in viewer.updates] == list(range(start + 1, start + 401))
    viewer.close()
    with SseClient(office, 1, last_event_id=start) as late:  # it had only INIT
        late.wait_version(start + 400)
        assert [update.data["version"] for update in late.updates] == list(range(start + 1, start + 401))


def test_scenario_15b_resume_after_eighteen_cuts_loses_and_repeats_nothing(start_office):
    office = start_office()
    stop = threading.Event()

    def write(mine):
        buyer = Buyer(office)
        while not stop.is_set():
            for seat in mine:
                buyer.hold(1, seat)
                buyer.release(1, seat)
                time.sleep(0.002)

    ids = seats_of_demo(1)
    threads = [threading.Thread(target=write, args=(ids[5 * n:5 * n + 5],)) for n in range(4)]
    versions, last = [], Public(office).seat_map(1)["version"]
    start = last
    try:
        [thread.start() for thread in threads]
        for cut in range(18):
            with SseClient(office, 1, last_event_id=last, by="header" if cut % 2 else "query") as viewer:
                time.sleep(0.1)
            assert not any(told.name == "RESET" for told in viewer.events)
            versions += [update.data["version"] for update in viewer.updates]
            last = versions[-1] if versions else last
    finally:
        stop.set()
        [thread.join() for thread in threads]
    assert versions == list(range(start + 1, start + 1 + len(versions))) and len(versions) > 100


def test_scenario_16_metrics_and_memory_stay_bounded(start_office):
    """After many holds by many buyers a scrape has the same series as at the start, and memory is flat."""
    office = start_office({"log.access_sample": 0})
    ids = seats_of_demo(1)

    def series():
        text = office.metrics()
        names = {line.rsplit(" ", 1)[0] for line in text.splitlines() if line and not line.startswith("#")}
        return names

    def churn(rounds):
        def work(mine):
            buyer = Buyer(office)
            for _ in range(rounds):
                buyer.token = None  # each a new buyer with a trace of their own
                for seat in mine:
                    assert buyer.hold(1, seat).status == 201
                    assert buyer.release(1, seat).status == 204
        threads = [threading.Thread(target=work, args=(ids[n * 5:n * 5 + 5],)) for n in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]

    share = 1 if office.processes() == 1 else 5  # through a proxy and between roles each hold takes its time
    series()
    churn(100 // share)  # 2,000 holds: everything that grows once has grown
    first, memory, descriptors = series(), office.rss_bytes(), office.descriptors()
    churn(500 // share)  # 10,000 more
    after = series()
    assert len(after) < 3000 * office.processes()
    assert after == first
    for line in after:
        assert not re.search(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-|seat(_?id)?=|order(_?id)?=\"|buyer=", line), line
    assert office.descriptors() <= descriptors + 10 * office.processes()
    # A sanitizer build keeps freed memory in quarantine (up to 256 MB), so "flat" is told by the release build's soak;
    # what is caught here is a leak of kilobytes a hold.
    assert office.rss_bytes() - memory < 10_000 * 4096 + (256 << 20) * office.processes()
    started = time.monotonic()
    office.metrics()
    assert time.monotonic() - started < 5


def test_scenario_17_many_viewers_one_change_and_no_thread_each(start_office):
    office = start_office({"streams.viewers_max": 400})
    threads = office.threads()

    async def crowd():
        lines = [await asyncio.open_connection(office.host, office.port) for _ in range(300)]
        for _, writer in lines:
            writer.write(f"GET {CATALOG}/events/1/seats/stream HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        for reader, _ in lines:
            await asyncio.wait_for(reader.readuntil(b"event: INIT"), 20)
        assert office.threads() <= threads + 4, "viewers cost no threads"
        buyer, loop = Buyer(office), asyncio.get_running_loop()
        for seat in seats_of_demo(1)[:8]:
            version = (await loop.run_in_executor(None, buyer.hold, 1, seat)).json["version"]
        for reader, _ in lines:
            await asyncio.wait_for(reader.readuntil(f'"version":{version}}}'.encode()), 20)
        for _, writer in lines:
            writer.close()

    asyncio.run(crowd())


def test_scenario_17b_the_viewer_too_many_is_refused_and_sales_go_on(start_office):
    office = start_office({"streams.viewers_max": 50})
    viewers = [SseClient(office, 1) for _ in range(120)]
    statuses = [viewer.status for viewer in viewers]
    nodes = office.processes("catalog")
    assert set(statuses) == {200, 503} and 25 * nodes <= statuses.count(200) <= 50 * nodes
    assert Buyer(office).buy(1, 1)["status"] == "CONFIRMED"
    for viewer in viewers:
        if viewer.status == 200:
            viewer.wait_seat(1, "SOLD")
    [viewer.close() for viewer in viewers]


def test_scenario_18_a_map_costs_nothing_for_holds_elsewhere(start_office):
    """Not a timed test but a count: CPU of the office per map read, with and without 5,000 holds in another event."""
    office = start_office({"limits.seats_per_buyer": 16})
    big = max(Public(office).events(), key=lambda e: e["seatCount"])["id"]
    reader = Public(office)

    def cost(reads=1500 if office.processes() == 1 else 300):
        before = office.cpu_ticks()
        for _ in range(reads):
            assert reader.get(f"{CATALOG}/events/1/seats").status == 200
        return office.cpu_ticks() - before

    cost(300)
    before = min(cost() for _ in range(3))
    ids = list(reader.statuses(big))[:4992]
    for start in range(0, len(ids), 16):
        buyer = Buyer(office)
        assert buyer.hold(big, ids[start:start + 16], 900).status == 201
        buyer.close()
    after = min(cost() for _ in range(3))
    assert after <= before * 1.5 + 20, f"{before} ticks before, {after} after 5,000 holds elsewhere"
