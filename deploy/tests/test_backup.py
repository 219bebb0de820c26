"""An office is backed up while it sells and restored where there was none: everything that was acknowledged before the
backup began is there, and the audit finds nothing."""

import json
import subprocess
import threading
import time

import pytest
from client import Buyer, Public
from conftest import BINARY, ROOT
from office import Office, run_cli
from scaled_stack import Missing, Stack, wait_until

BACKUP, RESTORE = ROOT / "deploy/scripts/onsale-backup", ROOT / "deploy/scripts/onsale-restore"
EVENT = 4  # the theatre: enough seats for a crowd


@pytest.fixture
def start(tmp_path):
    """start("data") -> an office on that folder, ended after the test whatever happens."""
    offices = []

    def begin(name: str) -> Office:
        offices.append(Office(tmp_path / name, {}))
        return offices[-1].start()

    yield begin
    for office in offices:
        office.kill()


def run(*words) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, check=False)


class Crowd(threading.Thread):
    """Buyers one after the other; remembers what was acknowledged as CONFIRMED, and when."""

    def __init__(self, office, first_seat: int):
        super().__init__(daemon=True)
        self.office, self.seat, self.confirmed, self.stopped = office, first_seat, [], threading.Event()
        self.failure = None

    def run(self) -> None:
        try:
            while not self.stopped.is_set():
                buyer, self.seat = Buyer(self.office), self.seat + 1
                assert buyer.hold(EVENT, [self.seat]).status == 201
                order = buyer.buy(EVENT, [self.seat])
                assert order["status"] == "CONFIRMED", order
                self.confirmed.append((time.monotonic(), self.seat))
        except Exception as failure:  # shown by the test
            self.failure = failure


def sold_seats(office) -> set:
    return {seat for seat, status in Public(office).statuses(EVENT).items() if status == "SOLD"}


def free_seats(office) -> list:
    return [seat for seat, status in Public(office).statuses(EVENT).items() if status == "AVAILABLE"]


def back_up_under_load(office, to, *how) -> list:
    """The seats that were sold when the backup began."""
    crowd = Crowd(office, free_seats(office)[0])
    crowd.start()
    wait_until("ten sales", lambda: len(crowd.confirmed) >= 10 or crowd.failure, 60)
    began = time.monotonic()
    done = run(BACKUP, to, *how)
    wait_until("sales go on", lambda: crowd.failure or crowd.confirmed[-1][0] > time.monotonic() - 0.5, 30)
    crowd.stopped.set()
    crowd.join()
    assert done.returncode == 0, done.stderr
    assert crowd.failure is None, crowd.failure
    return [seat for when, seat in crowd.confirmed if when < began]


def test_an_office_on_one_machine_is_restored_into_an_empty_folder(tmp_path, start):
    office = start("data")
    sold = back_up_under_load(office, tmp_path / "backup", "--data-dir", tmp_path / "data")
    office.stop()

    done = run(RESTORE, tmp_path / "backup", "--data-dir", tmp_path / "other")
    assert done.returncode == 0, done.stderr
    again = start("other")
    assert set(sold) <= sold_seats(again)
    buyer, seat = Buyer(again), free_seats(again)[-1]
    assert buyer.hold(EVENT, [seat]).status == 201, "it sells again"
    again.stop()
    audit = run_cli("audit", "--data-dir", tmp_path / "other")
    assert audit.returncode == 0, audit.stdout


def test_a_backup_that_was_touched_or_a_place_that_is_taken_is_refused(tmp_path, start):
    office = start("data")
    assert run(BACKUP, tmp_path / "backup", "--data-dir", tmp_path / "data").returncode == 0
    office.stop()

    assert "not empty" in run(RESTORE, tmp_path / "backup", "--data-dir", tmp_path / "data").stderr
    assert "is there already" in run(BACKUP, tmp_path / "backup", "--data-dir", tmp_path / "data").stderr
    with open(tmp_path / "backup/office.sqlite", "r+b") as file:
        file.seek(5000)
        file.write(b"x")
    done = run(RESTORE, tmp_path / "backup", "--data-dir", tmp_path / "other")
    assert done.returncode == 1 and "not what was backed up" in done.stderr
    assert not (tmp_path / "other").exists()


def test_what_is_no_office_is_not_backed_up(tmp_path):
    done = run(BACKUP, tmp_path / "backup", "--data-dir", tmp_path)
    assert done.returncode == 1 and "not an office's data folder" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_office_on_several_machines_is_restored_on_new_engines(tmp_path):
    calm = {"payments.mock.success_share": 1.0, "payments.mock.delay": "fixed", "payments.mock.delay_ms": 5}
    try:
        stack = Stack(tmp_path / "one", BINARY, nodes=1, settings=calm)
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        stack.start()
    except Missing as missing:
        pytest.skip(str(missing))
    try:
        how = ("--db", f"onsale@127.0.0.1:{stack.mariadb.port}", "--password-file", stack.mariadb.password_file)
        sold = back_up_under_load(stack, tmp_path / "backup", *how)
    finally:
        stack.stop()

    # New machines: nothing but the backup is taken along.
    other = Stack(tmp_path / "two", BINARY, nodes=1, settings=calm)
    other.migrate = lambda demo: restore(other, tmp_path / "backup")
    other.start()
    try:
        assert set(sold) <= sold_seats(other)
        assert Buyer(other).hold(EVENT, [free_seats(other)[-1]]).status == 201, "it sells again"
        audit = other.audit()
        assert audit.returncode == 0, audit.stdout
    finally:
        other.stop()


def restore(stack, backup) -> None:
    how = ("--db", f"onsale@127.0.0.1:{stack.mariadb.port}", "--password-file", stack.mariadb.password_file)
    done = run(RESTORE, backup, *how)
    assert done.returncode == 0, done.stderr
    again = run(RESTORE, backup, *how)
    assert again.returncode == 1 and "tables already" in again.stderr


def test_the_list_of_a_backup_tells_its_form(tmp_path, start):
    office = start("data")
    assert run(BACKUP, tmp_path / "backup", "--data-dir", tmp_path / "data").returncode == 0
    office.stop()
    told = json.loads((tmp_path / "backup/backup.json").read_text())
    assert told["form"] == "embedded"
    assert set(told["sha256"]) == {"office.sqlite", "provider.sqlite", "token.key", "internal.token"}
    assert all(path.stat().st_mode & 0o77 == 0 for path in (tmp_path / "backup").iterdir())
