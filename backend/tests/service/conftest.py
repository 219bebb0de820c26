"""Fixtures of the service tests: the real binary, one data folder each, on free ports of the loopback.

    office         one running office for a whole test module; its settings are the module's OFFICE (a dict), if any
    start_office   start_office({"holds.seconds_min": 1}) -> a new office for this test alone, ended after it
    buyer          a new buyer of `office`
    seats          seats.take(2) -> ids of free seats of `office` that no other test of the module uses

ONSALE_BIN names the binary (build/dev/onsale by default). An office that ends with a sanitizer report, a bug line or
a wrong exit code fails the test that used it, and its log is shown.
"""

import pytest

import halls
import office as office_module
from client import Buyer, Internal, Public
from office import BINARY, Office, Template


def pytest_configure(config):
    config.addinivalue_line("markers", "provokes(*codes): error codes of the contract that this test provokes")


def pytest_sessionstart(session):
    if not BINARY.exists() and not session.config.option.collectonly:
        pytest.exit(f"there is no {BINARY}; build it (make test does) or name it in ONSALE_BIN", returncode=2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for running in getattr(item, "_offices", []) + getattr(item.module, "_offices", []):
            report.sections.append((f"log of {running.data_dir.name}", running.log_tail(80)))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return Template(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def office(request, tmp_path_factory, template):
    """One office for all the tests of a module."""
    data_dir = tmp_path_factory.mktemp(request.module.__name__) / "data"
    template.copy_to(data_dir)
    running = Office(data_dir, getattr(request.module, "OFFICE", {}))
    request.module._offices = [running]
    running.start()
    yield running
    running.end()


@pytest.fixture
def start_office(request, tmp_path, template):
    """Starts offices for one test. `fresh`: from an empty folder instead of a copy; `data_dir`: in that folder."""
    offices = request.node._offices = []

    def start(settings=None, *, fresh=False, data_dir=None, preexec=None) -> Office:
        if data_dir is None:
            data_dir = tmp_path / f"office{len(offices)}"
            if not fresh:
                template.copy_to(data_dir)
        running = Office(data_dir, settings or {}, preexec)
        offices.append(running)
        return running.start()

    yield start
    for running in offices:
        running.end()


class SeatPool:
    """Hands out each free seat of an office once, so that the tests of a module do not meet each other's seats."""

    def __init__(self, office: Office):
        public = Public(office)
        self.free = {}
        for event in public.events():
            if event["seatCount"] <= 10_000:
                statuses = public.statuses(event["id"])
                self.free[event["id"]] = [seat for seat, status in statuses.items() if status == "AVAILABLE"]
        # The largest hall of those: many tests take many seats.
        self.event = max(self.free, key=lambda event_id: len(self.free[event_id]))
        public.close()

    def take(self, count: int = 1, event=None) -> list:
        free = self.free[self.event if event is None else event]
        taken, free[:count] = free[:count], []
        assert len(taken) == count, "the hall is too small for its tests"
        return taken

    def one(self, event=None) -> int:
        return self.take(1, event)[0]


@pytest.fixture(scope="module")
def seats(office):
    return SeatPool(office)


@pytest.fixture
def event(seats):
    """The event whose seats `seats.take()` hands out."""
    return seats.event


@pytest.fixture
def buyer(office):
    someone = Buyer(office)
    yield someone
    someone.close()


@pytest.fixture
def other(office):
    """Another buyer."""
    someone = Buyer(office)
    yield someone
    someone.close()


@pytest.fixture
def public(office):
    anyone = Public(office)
    yield anyone
    anyone.close()


@pytest.fixture
def internal(office):
    operator = Internal(office)
    yield operator
    operator.close()


@pytest.fixture
def not_on_sale_event(start_office, tmp_path):
    """(office, event, seat) of an event whose sale opens in a year."""
    running = start_office()
    path = halls.write(tmp_path / "plan.json", halls.plan())
    ended = halls.import_plan(running.data_dir, path, price=["Front=1000", "Back=500"], on_sale_at="2099-01-01T00:00:00Z",
                              starts_at="2099-02-01T00:00:00Z")
    assert ended.returncode == 0, ended.stderr
    event_id = halls.event_called(Public(running), "Little Hall")["id"]
    return running, event_id, event_id * 1_000_000 + 1


@pytest.fixture
def cli():
    return office_module.run_cli
