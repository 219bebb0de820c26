"""`kill -9` under load, at a random moment, again and again (ONSALE_KILLS times, 40 by default).

The clients keep their own ledger of what was acknowledged to them. After each kill: the audit of the folder as it was
left; a restart; and then their ledger is held against the office's:
  - no acknowledged order is lost, every one is at its end within 10 s;
  - an order seen CONFIRMED stays CONFIRMED, with its seats SOLD; no seat is in two CONFIRMED orders;
  - the same key gets the same bytes;
  - a hold acknowledged more than GRACE_S before the kill is still there, until the same moment.
The seed is printed; ONSALE_SEED replays the same choices (the moment a kill falls on is the machine's).
"""

import os
import random
import threading
import time
import uuid

from client import AWAY, FINAL, Buyer, Public
from moments import seconds_of

KILLS = int(os.environ.get("ONSALE_KILLS", "40"))
SEED = int(os.environ.get("ONSALE_SEED", str(random.SystemRandom().randrange(2**32))))
WORKERS = 6
WINDOW = 120  # seats that are fought over in one round
GRACE_S = 0.15  # the promise is 50 ms; a busy machine may run the flusher late
OFFICE = {"payments.mock.delay": "exponential", "payments.mock.delay_ms": 30, "payments.mock.success_share": 0.75,
          "payments.mock.timeout_share": 0.03, "payments.deadline_ms": 4000, "limits.seats_per_buyer": 8,
          "holds.seconds_min": 5, "log.access_sample": 0}


class ClientLedger:
    """What the office said to its buyers. Guarded by one lock; entries are written after the answer has come."""

    def __init__(self, event):
        self.event = event
        self.lock = threading.Lock()
        self.orders = {}  # order id -> what was asked, the answer's bytes, the last status seen
        self.holds = {}  # (token, seat) -> its end and when it was acknowledged
        self.doubtful = []  # orders whose answer never came: (token, event, seats, key)
        self.counts = {"holds": 0, "orders": 0, "refusals": 0, "cuts": 0}

    def count(self, what):
        with self.lock:
            self.counts[what] += 1


class Load:
    """Buyers who hold, sometimes release, mostly order, sometimes ask twice and read their order until the kill."""

    def __init__(self, office, ledger, event, ids, seed):
        self.office, self.ledger, self.event, self.ids = office, ledger, event, ids
        self.stop = threading.Event()
        self.wrong = []
        self.threads = [threading.Thread(target=self.work, args=(random.Random(f"{seed}/{n}"),), daemon=True)
                        for n in range(WORKERS)]
        [thread.start() for thread in self.threads]

    def join(self):
        self.stop.set()
        [thread.join(timeout=60) for thread in self.threads]
        assert not any(thread.is_alive() for thread in self.threads), "a client hangs"
        assert not self.wrong, self.wrong[:5]

    def work(self, dice):
        while not self.stop.is_set():
            buyer = Buyer(self.office, timeout=10)
            try:
                self.one_buyer(buyer, dice)
            except AWAY:
                self.ledger.count("cuts")
                self.stop.wait(0.02)
            except Exception as error:  # an answer that must not be: told by join()
                self.wrong.append(repr(error))
                return
            finally:
                buyer.close()

    def one_buyer(self, buyer, dice):
        seats = dice.sample(self.ids, dice.choice((1, 1, 2, 3)))
        held = buyer.hold(self.event, seats, dice.choice((60, 300)))
        if held.status == 409:
            self.ledger.count("refusals")
            return
        if held.status == 503:
            self.stop.wait(0.02)
            return
        assert held.status == 201, held
        self.ledger.count("holds")
        acked = time.time()
        if dice.random() < 0.15:
            entries = {(buyer.token, seat): {"expires": held.json["expiresAt"], "at": acked} for seat in seats}
            with self.ledger.lock:
                self.ledger.holds.update(entries)
            return  # a hold that is simply kept
        if dice.random() < 0.15:
            for seat in seats:
                assert buyer.release(self.event, seat).status in (204, 503)
            return
        key = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        try:
            placed = buyer.order(self.event, seats, key)
        except AWAY:
            with self.ledger.lock:
                self.ledger.doubtful.append((buyer.token, self.event, seats, key))
            raise
        if placed.status in (503, 409):
            return
        assert placed.status == 201, placed
        entry = {"token": buyer.token, "event": self.event, "seats": seats, "key": key, "body": placed.body, "seen": None}
        with self.ledger.lock:
            self.ledger.orders[placed.json["orderId"]] = entry
        self.ledger.count("orders")
        if dice.random() < 0.1:
            again = buyer.order(self.event, seats, key)
            assert again.status == 503 or again.body == placed.body, again
        while not self.stop.is_set():
            answer = buyer.read_order(placed.json["orderId"])
            if answer.status == 200 and answer.json["status"] in FINAL:
                entry["seen"] = answer.json["status"]
                return
            assert answer.status in (200, 503), answer
            time.sleep(0.01)


def settle_doubtful(office, ledger):
    """The answer never came: the buyer asks again with the same key, which is what the key is for."""
    for token, event, seats, key in ledger.doubtful:
        buyer = Buyer(office, token)
        answer = buyer.order(event, seats, key)
        assert answer.status in (201, 403, 409, 410), answer  # 403, 410: it never came to be, and the hold is gone
        if answer.status == 201:
            ledger.orders[answer.json["orderId"]] = {"token": token, "event": event, "seats": seats, "key": key,
                                                     "body": answer.body, "seen": None}
        buyer.close()
    ledger.doubtful.clear()


def check_orders(office, ledger, fresh, restarted, sold):
    """Every order of this round against the office that came back."""
    for order_id, entry in fresh.items():
        buyer = Buyer(office, entry["token"])
        order = buyer.wait_final(order_id, timeout=max(0.2, restarted + 10 - time.monotonic()))
        if entry["seen"] is not None:
            assert order["status"] == entry["seen"], f"{order_id} was {entry['seen']} and is {order['status']}"
        entry["seen"] = order["status"]
        replay = buyer.order(entry["event"], entry["seats"], entry["key"])
        assert (replay.status, replay.body) == (201, entry["body"]), f"replay differs: {replay} {entry['body']}"
        assert replay.header("Idempotent-Replayed") == "true"
        if order["status"] == "CONFIRMED":
            for seat in entry["seats"]:
                assert sold.setdefault((entry["event"], seat), order_id) == order_id, f"seat {seat} is in two CONFIRMED orders"
        buyer.close()


def check_holds(office, ledger, killed_at):
    """Holds that were acknowledged in time are still there, until the same moment."""
    kept = 0
    ordered = {(entry["token"], seat) for entry in ledger.orders.values() for seat in entry["seats"]}
    for (token, seat), hold in ledger.holds.items():
        if hold["at"] > killed_at - GRACE_S or (token, seat) in ordered or seconds_of(hold["expires"]) < time.time() + 1:
            continue
        buyer = Buyer(office, token)
        there = {h["seatId"]: h["expiresAt"] for h in buyer.holds(ledger.event)}
        assert there.get(seat) == hold["expires"], (
            f"hold of seat {seat}, acknowledged {killed_at - hold['at']:.3f} s before the kill, is {there.get(seat)}")
        kept += 1
        buyer.close()
    return kept


def test_kill_loop(start_office):
    print(f"seed {SEED}: ONSALE_SEED={SEED} ONSALE_KILLS={KILLS} pytest backend/tests/service/test_kill_loop.py")
    dice = random.Random(SEED)
    office = start_office(OFFICE)
    event = max(Public(office).events(), key=lambda e: e["seatCount"])["id"]
    all_ids = list(Public(office).statuses(event))
    ledger, sold, kept, slowest = ClientLedger(event), {}, 0, 0.0
    started = time.monotonic()
    for kill in range(KILLS):
        first = (kill * WINDOW // 2) % (len(all_ids) - WINDOW)
        known = set(ledger.orders)
        ledger.holds.clear()
        load = Load(office, ledger, event, all_ids[first:first + WINDOW], f"{SEED}/{kill}")
        time.sleep(dice.uniform(0.15, 0.6))
        killed_at = time.time()
        office.kill()
        load.join()
        office.assert_audit_clean()
        office.start()
        restarted = time.monotonic()
        settle_doubtful(office, ledger)
        kept += check_holds(office, ledger, killed_at)
        fresh = {order_id: entry for order_id, entry in ledger.orders.items() if order_id not in known}
        check_orders(office, ledger, fresh, restarted, sold)
        slowest = max(slowest, time.monotonic() - restarted)
        statuses = Public(office).statuses(event)
        wrong = [seat for (_, seat) in sold if statuses[seat] != "SOLD"]
        assert not wrong, f"CONFIRMED and not SOLD after kill {kill + 1}: {wrong[:5]}"
    # Once more over everything that was ever acknowledged.
    for order_id, entry in ledger.orders.items():
        buyer = Buyer(office, entry["token"])
        assert buyer.read_order(order_id).json["status"] == entry["seen"]
        buyer.close()
    assert office.stop() == 0
    office.assert_audit_clean()
    confirmed = sum(entry["seen"] == "CONFIRMED" for entry in ledger.orders.values())
    print(f"{KILLS} kills in {time.monotonic() - started:.0f} s: {ledger.counts}, {confirmed} CONFIRMED, {kept} holds kept, "
          f"slowest recovery of all orders {slowest:.2f} s")
    assert ledger.counts["orders"] > KILLS and confirmed > 0
