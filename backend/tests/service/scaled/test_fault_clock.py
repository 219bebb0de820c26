"""The wall clock of a role's machines is stepped by an hour, forward and back, while holds live and orders are paid: nothing
lapses early, and what lapses does so in time. The nodes run with a clock that the test steps (stepped_clock.c, preloaded).
"""

import shutil
import struct
import subprocess
import time
from pathlib import Path

import pytest

from client import Buyer
from crowd import EVENT
from moments import seconds_of, sleep_until, wait_until

HOUR = 3600
SETTINGS = {"holds.seconds_min": 1, "payments.mock.delay": "fixed", "payments.mock.delay_ms": 1200, "payments.deadline_ms": 6000}


class Clocks:
    """A step for each role."""

    def __init__(self, folder: Path):
        compiler = shutil.which("clang-19") or shutil.which("cc")
        if compiler is None:
            pytest.skip("no C compiler")
        self.library = folder / "stepped_clock.so"
        subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", self.library, Path(__file__).with_name("stepped_clock.c")], check=True)
        self.files = {role: folder / f"step-{role}" for role in ("catalog", "reservation", "order", "payment")}
        for role in self.files:
            self.step(role, 0)

    def step(self, role: str, seconds: int) -> None:
        if not self.files[role].exists():
            self.files[role].write_bytes(bytes(8))
        with open(self.files[role], "r+b") as file:
            file.write(struct.pack("q", seconds))

    def environment(self, role: str) -> dict:
        return {"LD_PRELOAD": str(self.library), "STEPPED_CLOCK": str(self.files[role])}


@pytest.fixture(scope="module")
def clocks(scaled_office, tmp_path_factory):
    made = Clocks(tmp_path_factory.mktemp("clocks"))
    stack = scaled_office.stack
    for role, nodes in stack.nodes.items():
        for node in nodes:
            node.environment = made.environment(role)
    scaled_office.configure({**SETTINGS, "log.level": "info"})  # no module has this: so they are begun anew
    scaled_office.reset()
    yield made
    for node in stack.all_nodes():
        node.environment = {}
    scaled_office.configure({})


def free_seats(office, count: int) -> list:
    from client import Public
    return [seat for seat, status in Public(office).statuses(EVENT).items() if status == "AVAILABLE"][:count]


def log_hour(node) -> float:
    """How far the times in its log are from ours: whether the step is felt at all."""
    import datetime
    import re
    stamps = re.findall(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", node.log_path.read_text(errors="replace"))
    last = datetime.datetime.fromisoformat(stamps[-1].replace(" ", "T")).replace(tzinfo=datetime.timezone.utc).timestamp()
    return last - time.time()


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("role", ["catalog", "reservation", "order", "payment"])
def test_a_roles_clock_is_stepped_and_nothing_lapses_early(scaled_office, clocks, role, hours):
    office = scaled_office
    seats = free_seats(office, 6)
    buyer, other = Buyer(office), Buyer(office)
    kept = buyer.hold(EVENT, seats[0], 60).json["expiresAt"]
    assert buyer.hold(EVENT, seats[1], 60).status == 201
    order = buyer.order(EVENT, seats[1]).json  # its payment is on its way while the clock is stepped
    short = seconds_of(buyer.hold(EVENT, seats[2], 2).json["expiresAt"])
    try:
        clocks.step(role, hours * HOUR)
        assert buyer.hold(EVENT, seats[3], 60).status == 201
        after = buyer.order(EVENT, seats[3]).json  # and one that is placed after it
        assert {hold["seatId"]: hold["expiresAt"] for hold in buyer.holds(EVENT)}[seats[0]] == kept
        for seat in (seats[0], seats[1], seats[3]):
            assert other.hold(EVENT, seat).code in ("RESERVATION_CONFLICT", "SEAT_SOLD")
        sleep_until(short - 0.3)
        assert other.hold(EVENT, seats[2]).code == "RESERVATION_CONFLICT", "lapsed early"
        sleep_until(short)
        wait_until(lambda: other.hold(EVENT, seats[2]).status == 201, 2, "the seat of a lapsed hold is free")
        for one in (order, after):
            assert buyer.wait_final(one["orderId"])["status"] == "CONFIRMED"
        assert buyer.buy(EVENT, seats[4])["status"] == "CONFIRMED"
        assert {hold["seatId"]: hold["expiresAt"] for hold in buyer.holds(EVENT)}[seats[0]] == kept
    finally:
        clocks.step(role, 0)
    office.assert_audit_clean()


@pytest.mark.parametrize("hours", [1, -1])
@pytest.mark.parametrize("role", ["reservation", "order", "payment"])
def test_a_role_that_is_started_with_a_wrong_clock_lets_nothing_lapse_early(scaled_office, clocks, role, hours):
    office, nodes = scaled_office, scaled_office.stack.nodes[role]
    try:
        clocks.step(role, hours * HOUR)
        for node in nodes:
            assert node.stop() == 0
            node.begin()
        for node in nodes:
            node.wait_ready()
        assert abs(log_hour(nodes[0]) - hours * HOUR) < 60, "the step is not felt"
        buyer, other = Buyer(office), Buyer(office)
        first, second, third = free_seats(office, 3)
        held = time.time()
        until = seconds_of(buyer.hold(EVENT, first, 60).json["expiresAt"])
        assert abs(until - held - 60) < 5, "Redis' clock grants, and it is right"
        buyer.hold(EVENT, second, 60)
        order = buyer.order(EVENT, second).json
        short = seconds_of(buyer.hold(EVENT, third, 1).json["expiresAt"])
        while (status := buyer.read_order(order["orderId"]).json["status"]) not in ("CONFIRMED", "CANCELLED"):
            assert other.hold(EVENT, second).code in ("RESERVATION_CONFLICT", "SEAT_SOLD"), "a pinned seat was free"
            time.sleep(0.05)
        assert status == "CONFIRMED", buyer.read_order(order["orderId"])
        assert other.hold(EVENT, first).code == "RESERVATION_CONFLICT"
        sleep_until(short + 0.05)
        wait_until(lambda: other.hold(EVENT, third).status == 201, 2, "the seat of a lapsed hold is free")
    finally:
        clocks.step(role, 0)
        for node in nodes:
            node.stop()
            node.begin()
        for node in nodes:
            node.wait_ready()
    office.assert_audit_clean()
