"""Buyers who go on buying whatever happens to the office, and their own ledger of what it told them.

    crowd = Crowd(office)            buyers start
    crowd.serves_again(5)            after a fault: somebody got a hold again, within 5 s; how long it took
    crowd.check()                    what was acknowledged is held against the office, then `onsale audit`
    crowd.end()

What the ledger holds the office to, whatever was killed:
  - no acknowledged order is lost; each is at its end within 10 s of the office's return; what was read once as CONFIRMED or
    CANCELLED stays it; the same key gets the same bytes;
  - a CONFIRMED order's seats are SOLD, each in that order alone, and nobody gets a hold of one again, not for one request;
  - no answer but those that the contract has: a 500, or a hold of somebody else's seat, ends the test;
  - a hold that was to outlive the fault (`keep_a_hold`) is still there, until the same moment; and unless `holds_may_vanish`
    whoever was granted a hold can order its seats;
  - nobody releases, extends or orders what another holds.
"""

import random
import threading
import time
import uuid

from client import AWAY, FINAL, Buyer, Internal, Public

EVENT = 4  # the theatre
WORKERS = 3
FINAL_WITHIN_S = 10
VIEW_WITHIN_S = 5
PAUSE_S = 0.02
THINK_S = 0.05  # what a crowd does in a round is checked after it: more of it proves no more


def patiently(ask, seconds: float, what: str):
    """The first answer that is neither 503 nor a broken connection."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = ask()
            if answer.status != 503:
                return answer
        except AWAY as error:
            answer = error
        assert time.monotonic() < deadline, f"{what}: {answer} for {seconds} s"
        time.sleep(PAUSE_S)


class Go:
    """Whether buyers may go on, and how many rest. One who has been told to go on and not got up before it was taken back
    still rests: an Event and a count of their own could not tell."""

    def __init__(self):
        self.changed, self.may, self.rests = threading.Condition(), True, 0

    def is_set(self) -> bool:
        return self.may

    def set(self) -> None:
        with self.changed:
            self.may = True
            self.changed.notify_all()

    def clear(self) -> None:
        with self.changed:
            self.may = False

    def resting(self) -> int:
        with self.changed:
            return self.rests

    def rest_unless_set(self, stop) -> None:
        with self.changed:
            self.rests += 1
            self.changed.wait_for(lambda: self.may or stop.is_set())
            self.rests -= 1


class Crowd:
    def __init__(self, office, seed=None, workers: int = WORKERS, event: int = EVENT):
        self.office, self.event = office, event
        self.seed = random.SystemRandom().randrange(2**32) if seed is None else seed
        self.lock = threading.Lock()
        self.counts = {"holds": 0, "orders": 0, "confirmed": 0, "refused": 0, "unavailable": 0, "cut": 0, "tried sold": 0}
        self.kept, self.wrong = [], []
        self.holds_may_vanish = False
        self.stop, self.go = threading.Event(), Go()
        self.begin_afresh()
        self.workers = workers
        self.threads = [threading.Thread(target=self.work, args=(random.Random(f"{self.seed}/{n}"),), daemon=True)
                        for n in range(workers)]
        [thread.start() for thread in self.threads]

    def begin_afresh(self) -> None:
        self.orders, self.unchecked, self.doubtful, self.sold = {}, [], [], {}
        self.ids = [seat for seat, status in self.seat_map().items() if status == "AVAILABLE"]

    def seat_map(self) -> dict:
        public = Public(self.office)
        answer = patiently(lambda: public.get(f"/ticketing/catalog/api/events/{self.event}/seats"), 20, "seat map")
        assert answer.status == 200, answer
        public.close()
        return {seat["id"]: seat["status"] for seat in answer.json["seats"]}

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1

    # --- buyers

    def work(self, dice) -> None:
        while not self.stop.is_set():
            self.go.rest_unless_set(self.stop)
            buyer = Buyer(self.office, timeout=20)
            try:
                self.one_buyer(buyer, dice)
            except AWAY:
                self.count("cut")
                self.stop.wait(PAUSE_S)
            except Exception as error:  # an answer that must not be: told by check()
                self.wrong.append(f"{type(error).__name__}: {error}")
                return
            finally:
                buyer.close()
            self.stop.wait(dice.uniform(0, 2 * THINK_S))

    def one_buyer(self, buyer, dice) -> None:
        if self.sold and dice.random() < 0.2:
            self.try_a_sold_seat(buyer, dice)
            return
        seats = dice.sample(self.ids, dice.choice((1, 1, 2)))
        held = buyer.hold(self.event, seats, dice.choice((60, 300)))
        if held.status == 503:
            assert held.header("Retry-After"), held
            self.count("unavailable")
            self.stop.wait(PAUSE_S)
            return
        if held.status == 409:
            self.count("refused")
            return
        assert held.status == 201, held
        sold = [seat for seat in seats if seat in self.sold]
        assert not sold, f"a hold of sold seats {sold}: {held}"
        self.count("holds")
        if dice.random() < 0.1:
            self.try_anothers_hold(seats[0], dice)
        if dice.random() < 0.2:
            self.may_be_lost(buyer.release(self.event, seats[0]), 204)
            return
        self.order(buyer, seats, str(uuid.UUID(int=dice.getrandbits(128), version=4)))

    def order(self, buyer, seats, key) -> None:
        doubt = {"token": buyer.token, "seats": seats, "key": key}
        try:
            placed = buyer.order(self.event, seats, key)
        except AWAY:
            with self.lock:
                self.doubtful.append(doubt)
            raise
        if placed.status == 503:  # it may have come to be
            self.count("unavailable")
            with self.lock:
                self.doubtful.append(doubt)
            return
        if placed.status != 201:
            self.may_be_lost(placed, 201)
            self.count("refused")
            return
        entry = self.write_down(placed, doubt)
        self.count("orders")
        give_up = time.monotonic() + 2
        while time.monotonic() < give_up and self.go.is_set() and not self.stop.is_set():
            answer = buyer.read_order(placed.json["orderId"])
            assert answer.status in (200, 503), answer
            if answer.status == 200 and answer.json["status"] in FINAL:
                entry["seen"] = answer.json["status"]
                if entry["seen"] == "CONFIRMED":
                    self.write_down_sale(placed.json["orderId"], seats)
                return
            self.stop.wait(0.01)

    def may_be_lost(self, answer, usual: int) -> None:
        """The hold may have gone with Redis' memory, and be another's by now."""
        allowed = (usual, 503, 403, 409, 410) if self.holds_may_vanish else (usual, 503)
        assert answer.status in allowed, f"whose hold was granted is refused: {answer}"

    def try_anothers_hold(self, seat, dice) -> None:
        stranger = Buyer(self.office, timeout=20)
        try:
            answer = dice.choice((lambda: stranger.release(self.event, seat), lambda: stranger.extend(self.event, seat, 60),
                                  lambda: stranger.order(self.event, seat)))()
        finally:
            stranger.close()
        refusals = ("HOLD_NOT_OWNED", "UNAVAILABLE")
        if self.holds_may_vanish:  # then it is nobody's: to release it changes nothing, to extend or order it is refused
            assert answer.status in (204, 403, 409, 410, 503), f"a stranger at seat {seat}: {answer}"
        else:
            assert answer.code in refusals, f"a stranger at seat {seat}, held by another: {answer}"

    def write_down(self, placed, doubt) -> dict:
        assert placed.status == 201, placed
        entry = {**doubt, "body": placed.body, "seen": None, "counted": False}
        with self.lock:
            self.orders[placed.json["orderId"]] = entry
            self.unchecked.append(placed.json["orderId"])
        return entry

    def write_down_sale(self, order_id, seats) -> None:
        with self.lock:
            for seat in seats:
                first = self.sold.setdefault(seat, order_id)
                assert first == order_id, f"seat {seat} is in two CONFIRMED orders, {first} and {order_id}"

    def try_a_sold_seat(self, buyer, dice) -> None:
        with self.lock:
            seat = dice.choice(list(self.sold))
        answer = buyer.hold(self.event, seat)
        assert (answer.status, answer.code) in ((409, "SEAT_SOLD"), (503, "UNAVAILABLE")), f"sold seat {seat}: {answer}"
        self.count("tried sold" if answer.status == 409 else "unavailable")
        if answer.status == 503:
            self.stop.wait(PAUSE_S)

    # --- what a test asks

    def keep_a_hold(self) -> None:
        """A hold that nobody orders: it must outlive what follows."""
        for seat in random.sample(self.ids, len(self.ids)):
            buyer = Buyer(self.office)
            answer = patiently(lambda: buyer.hold(self.event, seat, 900), 10, "a hold to keep")
            buyer.close()
            if answer.status == 201:
                self.kept.append((buyer.token, seat, answer.json["expiresAt"]))
                return
            assert answer.status == 409, answer
        raise AssertionError("no free seat")

    def check_kept_holds(self) -> None:
        for token, seat, until in self.kept:
            buyer = Buyer(self.office, token)
            answer = patiently(lambda: buyer.get(f"/ticketing/reservation/api/reservations?eventId={self.event}"), 10, "holds")
            there = {hold["seatId"]: hold["expiresAt"] for hold in answer.json["holds"]}
            assert there.get(seat) == until, f"hold of seat {seat} until {until} is {there.get(seat)}"
            buyer.close()

    def serves_again(self, seconds: float) -> float:
        began, before = time.monotonic(), self.counts["holds"]
        while self.counts["holds"] == before:
            assert not self.wrong, self.wrong[:3]
            assert time.monotonic() - began < seconds, f"no hold granted within {seconds} s: {self.counts}"
            time.sleep(0.01)
        return time.monotonic() - began

    def check(self, audit: bool = True) -> None:
        """Everything acknowledged since the last check; the audit of the engines as they are, the crowd going on."""
        back = time.monotonic()
        with self.lock:
            doubtful, self.doubtful = self.doubtful, []
        for doubt in doubtful:
            self.settle(doubt)
        with self.lock:
            unchecked, self.unchecked = self.unchecked, []
        for order_id in unchecked:
            self.check_order(order_id, back + FINAL_WITHIN_S)
        self.check_kept_holds()
        self.check_map()
        assert not self.wrong, self.wrong[:3]
        if audit:
            self.office.assert_audit_clean()

    def settle(self, doubt) -> None:
        """The answer never came, or was 503: the buyer asks again with the same key, which is what the key is for."""
        buyer = Buyer(self.office, doubt["token"])
        answer = patiently(lambda: buyer.order(self.event, doubt["seats"], doubt["key"]), FINAL_WITHIN_S, "an order asked again")
        assert answer.status in (201, 403, 409, 410), answer  # refused: it never came to be, and the hold is gone or another's
        if answer.status == 201:
            self.write_down(answer, doubt)
        buyer.close()

    def check_order(self, order_id: str, deadline: float) -> None:
        entry = self.orders[order_id]
        buyer = Buyer(self.office, entry["token"])
        while True:
            answer = patiently(lambda: buyer.read_order(order_id), 10, "an order")
            assert answer.status == 200, f"order {order_id}: {answer}"
            status = answer.json["status"]
            if status in FINAL:
                break
            assert time.monotonic() < deadline, f"not at its end {FINAL_WITHIN_S} s after the office was back: {answer}"
            time.sleep(0.02)
        assert entry["seen"] in (None, status), f"order {order_id} was {entry['seen']} and is {status}"
        entry["seen"] = status
        replay = patiently(lambda: buyer.order(self.event, entry["seats"], entry["key"]), 10, "a replay")
        assert (replay.status, replay.body) == (201, entry["body"]), f"the replay differs: {replay} {entry['body']}"
        buyer.close()
        if status == "CONFIRMED":
            if not entry["counted"]:
                self.count("confirmed")
                entry["counted"] = True
            self.write_down_sale(order_id, entry["seats"])

    def check_map(self) -> None:
        deadline = time.monotonic() + VIEW_WITHIN_S
        while True:
            with self.lock:
                sold = list(self.sold)
            statuses = self.seat_map()
            wrong = [seat for seat in sold if statuses[seat] != "SOLD"]
            if not wrong:
                return
            free = [seat for seat in wrong if statuses[seat] == "AVAILABLE"]
            assert not free, f"CONFIRMED and shown free: {free[:5]}"
            assert time.monotonic() < deadline, f"CONFIRMED and not shown SOLD: {wrong[:5]}"
            time.sleep(0.05)

    def rest(self) -> None:
        """Until every buyer has finished what they are at."""
        self.go.clear()
        deadline = time.monotonic() + 60
        while self.go.resting() < self.workers and not self.wrong:
            assert time.monotonic() < deadline, "a buyer hangs"
            time.sleep(0.01)
        assert not self.wrong, self.wrong[:3]

    def make_room(self, share: float = 0.6) -> None:
        """When most seats are sold: everything is held against the office once more, then its event is put back."""
        if len(self.sold) < share * len(self.ids):
            return
        self.rest()
        self.check()
        for order_id in self.orders:
            self.check_order(order_id, time.monotonic() + FINAL_WITHIN_S)
        operator = Internal(self.office)
        answer = patiently(lambda: operator.reset(self.event), 20, "a reset")
        assert answer.status == 200, answer
        operator.close()
        self.kept.clear()
        deadline = time.monotonic() + VIEW_WITHIN_S
        while "SOLD" in self.seat_map().values():
            assert time.monotonic() < deadline, "seats are SOLD after a reset"
            time.sleep(0.05)
        self.begin_afresh()
        self.go.set()

    def end(self) -> None:
        self.stop.set()
        self.go.set()
        [thread.join(timeout=60) for thread in self.threads]
        assert not any(thread.is_alive() for thread in self.threads), "a buyer hangs"
        assert not self.wrong, self.wrong[:3]
