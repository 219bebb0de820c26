"""Traps that others fell into, planted in the engines under the running office, one at a time: the same crowd and checks that
the fault tests use must catch each. What they say of the honest office is the first test.

Those in Redis are a patched text of the seat library, loaded over the real one under its name; those in the database are
done to its tables. docs/testing.md has the list, with those that are planted elsewhere.
"""

import re
import threading
import time
from pathlib import Path

import pytest

from client import Buyer, Public
from crowd import EVENT, Crowd
from events import told_of
from scaled_stack import wait_until
from sse import SseClient

LIBRARY = Path(__file__).resolve().parents[3] / "adapters/redis/seat_library.lua"
SETTINGS = {"holds.seconds_min": 1, "payments.mock.delay_ms": 10}
CAUGHT_WITHIN_S = 20

# name: what is written instead of what, in seat_library.lua
LUA = {
    # A glimpse at the seats, up to 100 ms old, then a hold of what looked free: sold-check and hold in two steps.
    "sold-check apart from hold": [
        ("local function live_of(", '''local glimpsed, glimpsed_at = {}, 0
local function glimpse(seat)
  if now - glimpsed_at > 100 then glimpsed, glimpsed_at = {}, now end
  if glimpsed[seat] == nil then glimpsed[seat] = cells[seat] end
  return glimpsed[seat]
end
local function live_of('''),
        ("""    local seat = sub(op, i, i + 3)
    local record = cells[seat]
    local kind = as_of(record)
    if kind == AVAILABLE then
      n = n + 1""", """    local seat = sub(op, i, i + 3)
    local record = glimpse(seat)
    local kind = as_of(record)
    if kind == AVAILABLE then
      n = n + 1""")],
    "hold of a seat that is sold": [("""  local kind = byte(record)
  if kind == HELD then
    if now""", """  local kind = byte(record)
  if kind == SOLD then return AVAILABLE end
  if kind == HELD then
    if now""")],
    "release, extend and order without an owner": [
        ("  return not own and 'O' or nil\nend", "  return nil\nend")],
    "the hold is deleted before the sale is durable": [
        ("'\\3' .. sub(record, 2, 17) .. order, SHOWN_SOLD\n  end)\nend\n\n-- U", "FREE, SHOWN_FREE\n  end)\nend\n\n-- U")],
    "order without a live hold": [
        ("    if refusal == 'X' and not lapsed_from(record, buyer) then refusal = 'C' end\n    if refusal then return refusal end",
         "    if refusal == 'S' then return refusal end\n    record = HELD_BY(buyer)"),
        ("-- P buyer order", "local function HELD_BY(buyer) return '\\1' .. buyer .. pack('<dd', now + 60000, now + 60000) end\n-- P buyer order")],
    "expiry that tells nobody": [
        ("    commit_step(keys, args[1], args[2])\n    call('ZREM'", "    change_n = 0\n    call('ZREM'")],
    "seat limit outside the atomic step": [
        ("  if #list / 4 + n > limit and live_of(list) + n > limit then return 'L' end\n", "")],
    "Redis trusted after FLUSHALL": [
        ("if not values[1] then return false end", "values[1] = values[1] or '0'")],
    "a hold that lapses early": [("local expires = now + wanted\n", "local expires = now + wanted - 500\n")],
    "versions that are not taken": [("local last = string.format('%.0f', counter + change_n)",
                                     "local last = string.format('%.0f', counter + math.max(1, change_n - 1))")],
}


def library_name(redis) -> str:
    return re.search(rb"onsale_v1_[0-9a-f]{8}", redis.say("FUNCTION", "LIST")).group(0).decode()


def load(redis, patches=()) -> None:
    text = LIBRARY.read_text()
    for old, new in patches:
        assert text.count(old) == 1, f"the library no longer says {old!r}"
        text = text.replace(old, new)
    answer = redis.say("FUNCTION", "LOAD", "REPLACE", text.replace("@NAME@", library_name(redis)))
    assert answer.startswith(b"$"), answer


@pytest.fixture
def office(scaled_office):
    running = scaled_office.configure(SETTINGS)
    running.reset()
    yield running
    load(running.stack.redis)
    running.stack.redis.say("FLUSHALL")  # whatever the plant has left is forgotten, and rebuilt from the orders
    wait_until("an office that serves", lambda: all(node.ready() for node in running.stack.all_nodes()), 20)
    put_back(running)


def put_back(office) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            return office.reset()
        except AssertionError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


# --- the checks: each is silent about an honest office

def a_crowd_of_few_seats(office, seconds: float = 1.0, fault=lambda: None) -> None:
    """Buyers, sellers, strangers, readers, all at the same few seats."""
    crowd = Crowd(office, 1, workers=6)
    crowd.ids = crowd.ids[:40]
    try:
        time.sleep(seconds)
        fault()
        time.sleep(seconds)
        crowd.rest()
        crowd.check()
    finally:
        crowd.stop.set()
        crowd.go.set()
        [thread.join(30) for thread in crowd.threads]
    assert not crowd.wrong, crowd.wrong[:2]


def a_race_for_each_seat(office) -> None:
    """Sixteen at once, again and again: one gets it, and one only."""
    seats = list(Public(office).statuses(EVENT))[:12]
    for seat in seats:
        wins, gate = [], threading.Barrier(8)

        def run():
            buyer = Buyer(office)
            buyer.get("/ticketing/catalog/api/events/1")
            gate.wait()
            for _ in range(3):
                if buyer.hold(EVENT, seat).status == 201:
                    wins.append(buyer.token)
            buyer.close()

        threads = [threading.Thread(target=run) for _ in range(8)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert len(set(wins)) == 1, f"{len(set(wins))} buyers were granted seat {seat}"


def a_lapse_is_told(office) -> None:
    with SseClient(office, EVENT) as viewer:
        viewer.wait_for(lambda told: told.name == "INIT")
        seat = next(iter(Public(office).statuses(EVENT)))
        began = time.monotonic()
        assert Buyer(office).hold(EVENT, seat, 2).status == 201
        viewer.wait_seat(seat, "AVAILABLE", 5)
        assert time.monotonic() - began > 1.9, "lapsed early"


def a_limit_is_kept(office) -> None:
    buyer = Buyer(office)
    seats = list(Public(office).statuses(EVENT))[:40]
    granted = [seat for seat in seats if buyer.hold(EVENT, seat).status == 201]
    assert len(granted) < 20, f"one buyer was granted {len(granted)} seats"


def a_map_is_followed(office) -> None:
    """What a viewer has been told adds up to the truth."""
    with SseClient(office, EVENT) as viewer:
        version = viewer.wait_for(lambda told: told.name == "INIT").data["version"]
        seats = list(Public(office).statuses(EVENT))[:24]
        for start in range(0, 24, 2):
            assert Buyer(office).hold(EVENT, seats[start:start + 2]).status == 201
        for seat in seats:
            viewer.wait_seat(seat, "HELD", 5)
        versions = [told.data["version"] for told in viewer.updates]
        assert versions == list(range(version + 1, version + 25)), versions


CHECKS = {
    "sold-check apart from hold": a_race_for_each_seat,
    "hold of a seat that is sold": a_crowd_of_few_seats,
    "release, extend and order without an owner": a_crowd_of_few_seats,
    "the hold is deleted before the sale is durable": a_crowd_of_few_seats,
    "order without a live hold": a_crowd_of_few_seats,
    "expiry that tells nobody": a_lapse_is_told,
    "seat limit outside the atomic step": a_limit_is_kept,
    "a hold that lapses early": a_lapse_is_told,
    "versions that are not taken": a_map_is_followed,
}


def flushed(office) -> None:
    def flush():
        office.stack.redis.say("FLUSHALL")
    crowd_with_losses(office, flush)


def crowd_with_losses(office, fault) -> None:
    crowd = Crowd(office, 1)
    crowd.holds_may_vanish = True
    crowd.ids = crowd.ids[:100]
    try:
        time.sleep(1)
        fault()
        crowd.serves_again(5)
        time.sleep(1)
        crowd.check()
    finally:
        crowd.stop.set()
        crowd.go.set()
        [thread.join(30) for thread in crowd.threads]
    assert not crowd.wrong, crowd.wrong[:2]


CHECKS["Redis trusted after FLUSHALL"] = flushed


@pytest.mark.parametrize("check", sorted(set(CHECKS.values()), key=lambda check: check.__name__), ids=lambda check: check.__name__)
def test_an_honest_office_passes(office, check):
    check(office)


@pytest.mark.parametrize("trap", LUA)
def test_a_trap_in_redis_is_caught(office, trap):
    load(office.stack.redis, LUA[trap])
    with pytest.raises(AssertionError) as caught:
        deadline = time.monotonic() + CAUGHT_WITHIN_S
        while time.monotonic() < deadline:
            CHECKS[trap](office)
            put_back(office)
    print(f"{trap}: {str(caught.value)[:200]}")


# --- the outbox

def every_event_is_told(office, cli, between) -> None:
    """Orders are paid while Kafka is away; when it is back all of their events are there, in order."""
    stack, buyer = office.stack, Buyer(office)
    seats = list(Public(office).statuses(EVENT))[:3]
    stack.kafka.kill()
    try:
        orders = [buyer.buy(EVENT, seat)["orderId"] for seat in seats]
        between()
    finally:
        stack.kafka.begin()
    wait_until("an empty outbox", lambda: stack.mariadb.sql("SELECT COUNT(*) FROM onsale.outbox").stdout.strip() == "0", 60)
    told = told_of(cli, stack, EVENT)
    for order in orders:
        assert told.get(order) == ["ORDER_CREATED", "PAYMENT_SUCCESS", "ORDER_CONFIRMED"], told.get(order)


@pytest.mark.parametrize("planted", [False, True], ids=["honest", "planted"])
def test_an_outbox_that_is_marked_before_the_broker_answers_is_caught(office, cli, planted):
    def mark_all_sent():
        if planted:
            office.stack.mariadb.sql("DELETE FROM onsale.outbox")

    if not planted:
        return every_event_is_told(office, cli, mark_all_sent)
    with pytest.raises(AssertionError):
        every_event_is_told(office, cli, mark_all_sent)


class Relay:
    """Reads an outbox of the real database as a relay does. `by`: what it has seen, or what is there."""

    def __init__(self, mariadb, by: str):
        self.sql, self.by, self.last, self.sent = mariadb.sql, by, 0, []

    def look(self) -> None:
        where = f"WHERE seq > {self.last}" if self.by == "id > last" else ""
        for row in self.sql(f"SELECT seq FROM onsale_provider.planted_outbox {where} ORDER BY seq").stdout.split():
            self.sent.append(int(row))
            self.last = int(row)
            self.sql(f"DELETE FROM onsale_provider.planted_outbox WHERE seq = {row}")


@pytest.mark.parametrize("by", ["what is there", "id > last"])
def test_an_outbox_that_is_read_by_id_greater_than_last_is_caught(office, by):
    """Two commits that overtake each other: the first has the smaller number and is visible later."""
    mariadb = office.stack.mariadb
    mariadb.sql("CREATE TABLE onsale_provider.planted_outbox (seq BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB")
    try:
        slow = threading.Thread(target=mariadb.sql, args=(
            "BEGIN; INSERT INTO onsale_provider.planted_outbox () VALUES (); DO SLEEP(0.8); COMMIT",))
        slow.start()
        time.sleep(0.4)
        mariadb.sql("INSERT INTO onsale_provider.planted_outbox () VALUES ()")
        relay = Relay(mariadb, by)
        relay.look()
        assert relay.sent == [2], "the second is visible first"
        slow.join()
        relay.look()
        assert sorted(relay.sent) == ([1, 2] if by == "what is there" else [2]), "the message that committed late"
    finally:
        mariadb.sql("DROP TABLE onsale_provider.planted_outbox")
