"""The service tests against an office on several machines: real Redis, MariaDB, Kafka, two nodes of each role, through nginx.

The tests are those of the folder above, imported unchanged (test_scaled_*.py); what differs is what `office` and
`start_office` are: one stack for the whole run, whose nodes are restarted where a test wants other settings. A test that
looks inside one process (its folder, its memory, its journal) has no meaning here and is skipped by what it asked for.

Collected only when asked for by this folder's name, so that `pytest backend/tests/service` stays what it was.
"""

import os
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[3] / "tools"), str(HERE.parent)]
pytest.register_assert_rewrite("test_holds", "test_orders", "test_streams", "test_buyers", "test_contract",
                               "test_contract_codes", "test_scenarios", "test_admin", "crowd")

from client import Internal  # noqa: E402
from office import BINARY, CALM, REPORTS, run_cli  # noqa: E402
from scaled_stack import Missing, Stack  # noqa: E402

if not any("scaled" in word for word in sys.argv):
    collect_ignore_glob = ["*"]

# ONSALE_FAST_PATH=off: the same tests with sagas that run on events alone.
ALWAYS = {"saga.fast_path": False} if os.environ.get("ONSALE_FAST_PATH") == "off" else {}
DEMO_EVENTS = (1, 2, 3, 4)  # the stadium is left out: nobody sells it out


class ScaledOffice:
    """A stack as the tests know an office."""

    def __init__(self, stack: Stack):
        self.stack, self.settings = stack, dict(stack.settings)

    # where it is
    host = internal_host = "127.0.0.1"
    port = property(lambda self: self.stack.port)
    internal_port = property(lambda self: self.stack.internal_port)
    url = property(lambda self: self.stack.url)
    internal_url = property(lambda self: self.stack.internal_url)
    internal_token = property(lambda self: self.stack.internal_token)

    @property
    def running(self) -> bool:
        return all(node.running for node in self.stack.all_nodes())

    # life
    def configure(self, settings: dict) -> "ScaledOffice":
        """All nodes run with these settings afterwards."""
        wanted = {**CALM, **ALWAYS, **settings}
        if wanted != self.settings or not self.running:
            self.settings = wanted
            self.restart()
        return self

    def start(self, **settings) -> "ScaledOffice":
        self.settings.update(settings)
        self.stack.settings = self.settings
        for node in self.stack.all_nodes():
            node.begin()
        for node in self.stack.all_nodes():
            node.wait_ready()
        return self

    def stop(self) -> int:
        codes = self.stack.stop_nodes()
        self.assert_no_report()
        bad = {name: code for name, code in codes.items() if code not in (0, None, -9)}
        assert not bad, bad
        return 0

    def kill(self) -> None:
        for node in self.stack.all_nodes():
            node.kill()
        self.assert_no_report()

    def restart(self, **settings) -> "ScaledOffice":
        self.stop()
        return self.start(**settings)

    def end(self) -> None:
        self.assert_no_report()

    # Measures, of all its processes together.
    def each_pid(self, role: str = "") -> list:
        return [node.pid for node in (self.stack.nodes[role] if role else self.stack.all_nodes())]

    def processes(self, role: str = "") -> int:
        return len(self.each_pid(role))

    def rss_bytes(self) -> int:
        status = [Path(f"/proc/{pid}/status").read_text() for pid in self.each_pid()]
        return sum(int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1)) * 1024 for text in status)

    def descriptors(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.each_pid())

    def threads(self) -> int:
        return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in self.each_pid())

    def cpu_ticks(self) -> int:
        """Of the nodes and of Redis: a map that asks it would be found out."""
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in [*self.each_pid("catalog"), self.stack.redis.pid]]
        return sum(int(part) for text in stats for part in text.rsplit(")", 1)[1].split()[11:13])

    def metrics(self) -> str:
        return "\n".join(f"{node.name} {line}" for node in self.stack.all_nodes() for line in node.metrics().splitlines()
                         if not line.startswith("#"))

    def reset(self) -> None:
        """The demo events as on the first day."""
        operator = Internal(self)
        for event in DEMO_EVENTS:
            answer = operator.reset(event)
            assert answer.status == 200, answer
        operator.close()

    # what it left
    def log(self) -> str:
        return "\n".join(node.log_path.read_text(errors="replace") for node in self.stack.all_nodes())

    def log_tail(self, lines: int = 20) -> str:
        return "\n".join(f"--- {node.name}\n{node.log_tail(lines)}" for node in self.stack.all_nodes())

    def assert_no_report(self) -> None:
        found = REPORTS.search(self.log())
        assert not found, self.log()[max(0, found.start() - 500):found.start() + 6000]

    def audit(self, timeout: float = 120):
        return self.stack.audit()

    def assert_audit_clean(self):
        audit = self.audit()
        assert audit.returncode == 0, f"onsale audit found:\n{audit.stdout}\n{audit.stderr}\n{self.log_tail()}"
        return audit

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        pytest.skip(f"office.{name} is about an office in one process")


# Through nginx there is no health and no metrics (test_scaled_edge.py sees to that).
CLOSED = ("actuator", "getHealth", "getLiveness", "getReadiness", "getMetrics")

ONE_PROCESS = {
    "test_a_seat_update_from_outside_reaches_viewers_but_owns_nothing":
        "what is told a node from outside is for that node's viewers, and there are two (docs/scaled/roles.md)",
    "test_the_viewer_too_many_is_refused": "streams.viewers_max is a node's, and there are two",
    "test_after_kill_9_the_feed_takes_a_new_epoch_and_viewers_get_reset":
        "a node's death loses nothing: the feed goes on and nobody needs a RESET (test_scaled_engines.py has Redis')",
}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent != Path(__file__).parent:
            continue  # collected together with ours; pytest tells every conftest of all
        if reason := ONE_PROCESS.get(item.name):
            item.add_marker(pytest.mark.skip(reason))
        told_by = getattr(item, "callspec", None)
        if told_by and "scaled_contract" in item.nodeid and any(word in told_by.id for word in CLOSED):
            item.add_marker(pytest.mark.skip("closed to the outside by nginx"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scaled")
    try:
        running = Stack(folder, BINARY, settings={**CALM, **ALWAYS})
        running.start()
    except Missing as missing:
        pytest.skip(str(missing))
    yield running
    codes = running.stop()
    assert not {name: code for name, code in codes.items() if code not in (0, None, -9)}, codes


@pytest.fixture(scope="session")
def scaled_office(stack):
    return ScaledOffice(stack)


@pytest.fixture(scope="module")
def office(request, scaled_office):
    """The office of a module: the stack with the module's settings, its demo events put back."""
    scaled_office.configure(getattr(request.module, "OFFICE", {}))
    scaled_office.reset()
    return scaled_office


@pytest.fixture(autouse=True)
def settings_of_the_module(request, scaled_office):
    """A test before this one may have stopped the nodes, or wanted other settings."""
    if "office" in request.fixturenames:
        scaled_office.configure(getattr(request.module, "OFFICE", {}))


@pytest.fixture
def start_office(scaled_office):
    """What is "a new office" to a test: nodes with its settings, the demo events put back."""
    started = []

    def start(settings=None, *, fresh=False, data_dir=None, preexec=None) -> ScaledOffice:
        if fresh or data_dir or preexec:
            pytest.skip("wants a data folder of its own: an office in one process")
        if started:
            pytest.skip("wants two offices")
        started.append(scaled_office)
        scaled_office.configure(settings or {})
        scaled_office.reset()
        return scaled_office

    yield start
    for running in started:
        running.end()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    running = item.funcargs.get("scaled_office") if hasattr(item, "funcargs") else None
    if report.failed and running is not None:
        report.sections.append(("logs of the nodes", running.log_tail(25)))


@pytest.fixture
def cli():
    return run_cli
