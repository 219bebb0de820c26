"""The disk is full, or a file may not grow: refused with 503 and Retry-After, nothing acknowledged is lost, and when there
is room again the office sells again without a restart.

Two ways to run out: RLIMIT_FSIZE laid on the running process (short writes and EFBIG on every file), and a small tmpfs
filled to the brim (ENOSPC), which needs root and is skipped without.
"""

import contextlib
import os
import resource
import shutil
import subprocess
import time

import pytest

from client import Buyer, Public
from moments import wait_until
from promise import check_problem

HUGE = resource.RLIM_INFINITY


def limit_file_size(office, size):
    resource.prlimit(office.pid, resource.RLIMIT_FSIZE, (size, HUGE))


def hall(office):
    event = max((e for e in Public(office).events() if e["seatCount"] <= 10_000), key=lambda e: e["seatCount"])["id"]
    return event, iter(list(Public(office).statuses(event)))


def sell_until_refused(office, event, ids, attempts, acked):
    """Buys one seat a buyer. Every refusal must be an honest 503; returns the first ones."""
    refused = []
    for _ in range(attempts):
        seat = next(ids)
        buyer = Buyer(office)
        for answer in (buyer.hold(event, seat, 900), buyer.order(event, seat, f"key-{seat}")):
            if answer.status == 503:
                problem = check_problem(answer)
                assert problem["code"] == "UNAVAILABLE" and int(answer.header("Retry-After")) >= 0
                refused.append(answer)
                break
            assert answer.status == 201, answer
        else:
            acked.append((buyer.token, seat, answer.json["orderId"], answer.body))
        buyer.close()
        if len(refused) >= 10:
            break
    return refused


def assert_nothing_lost(office, event, acked):
    for token, seat, order_id, body in acked:
        buyer = Buyer(office, token)
        order = buyer.wait_final(order_id, timeout=20)
        assert order["status"] == "CONFIRMED", order
        replay = buyer.order(event, seat, f"key-{seat}")
        assert (replay.status, replay.body) == (201, body)
        buyer.close()
    statuses = Public(office).statuses(event)
    assert all(statuses[seat] == "SOLD" for _, seat, _, _ in acked)


def can_sell(office, event, ids, acked):
    seat, buyer = next(ids), Buyer(office)
    held = buyer.hold(event, seat, 900)
    placed = buyer.order(event, seat, f"key-{seat}") if held.status == 201 else held
    if placed.status == 201:
        acked.append((buyer.token, seat, placed.json["orderId"], placed.body))
    assert placed.status in (201, 503), placed
    return placed.status == 201


@pytest.mark.provokes("UNAVAILABLE")
def test_a_file_that_may_not_grow_is_503_and_sales_go_on_when_it_may(start_office):
    office = start_office({"payments.deadline_ms": 60000})
    event, ids = hall(office)
    acked = []
    assert sell_until_refused(office, event, ids, 10, acked) == []
    limit_file_size(office, 4096)
    refused = sell_until_refused(office, event, ids, 60, acked)
    assert refused, "nothing can be written, and nobody was refused"
    assert Public(office).get("/actuator/health/liveness").status == 200, "a full disk is no reason to be restarted"
    assert Public(office).get("/ticketing/catalog/api/events").status == 200, "reading goes on"
    limit_file_size(office, HUGE)
    wait_until(lambda: can_sell(office, event, ids, acked), 20, "the office sells again", step=0.2)
    assert sell_until_refused(office, event, ids, 10, acked) == []
    assert_nothing_lost(office, event, acked)
    assert office.stop() == 0
    office.assert_audit_clean()
    office.start()
    assert_nothing_lost(office, event, acked)


def test_killed_while_the_disk_is_full_everything_acknowledged_is_there(start_office):
    office = start_office({"payments.deadline_ms": 60000})
    event, ids = hall(office)
    acked = []
    sell_until_refused(office, event, ids, 10, acked)
    limit_file_size(office, 4096)
    sell_until_refused(office, event, ids, 30, acked)
    office.kill()
    office.assert_audit_clean()
    office.start()
    assert_nothing_lost(office, event, acked)
    assert can_sell(office, event, ids, acked)


def test_short_writes_at_every_limit_leave_a_folder_that_opens(start_office):
    """The limit falls into the middle of a record: what was cut is cut again at the next start, and never believed."""
    office = start_office({"payments.deadline_ms": 60000})
    event, ids = hall(office)
    acked = []
    for extra in (1, 37, 500, 4097):
        sizes = [path.stat().st_size for path in office.data_dir.rglob("*") if path.is_file() and "journal" in path.parts]
        limit_file_size(office, max(sizes, default=0) + extra)
        sell_until_refused(office, event, ids, 6, acked)
        office.kill()
        office.start()
        assert_nothing_lost(office, event, acked)
    assert office.stop() == 0
    office.assert_audit_clean()


@pytest.fixture
def small_disk(tmp_path):
    """A tmpfs of 48 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small tmpfs needs root; RLIMIT_FSIZE was tried instead")
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)], capture_output=True, text=True)
    if mount.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here ({mount.stderr.strip()}); RLIMIT_FSIZE was tried instead")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder) -> None:
    with open(folder / "filler", "ab", buffering=0) as filler, contextlib.suppress(OSError):
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * size)


def test_a_full_disk_is_503_and_sales_go_on_when_there_is_room(start_office, template, small_disk):
    data_dir = small_disk / "data"
    template.copy_to(data_dir)
    office = start_office({"payments.deadline_ms": 60000}, data_dir=data_dir)
    office.log_path.touch()
    event, ids = hall(office)
    acked = []
    assert sell_until_refused(office, event, ids, 10, acked) == []
    fill(small_disk)
    deadline, refused = time.monotonic() + 30, []
    while not refused and time.monotonic() < deadline:
        refused = sell_until_refused(office, event, ids, 20, acked)
    assert refused, "the disk is full, and nobody was refused"
    assert Public(office).get("/actuator/health/liveness").status == 200
    (small_disk / "filler").unlink()
    wait_until(lambda: can_sell(office, event, ids, acked), 20, "the office sells again", step=0.2)
    assert_nothing_lost(office, event, acked)
    assert office.stop() == 0
    office.assert_audit_clean()


def test_no_disk_at_the_start_is_one_clear_line(start_office, template, small_disk, cli):
    data_dir = small_disk / "data"
    data_dir.mkdir()
    fill(small_disk)
    ended = cli("serve", "--data-dir", data_dir, "--port", 0, "--internal-port", 0)
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and "disk" in lines[0].lower(), ended.stderr
    shutil.rmtree(data_dir, ignore_errors=True)
