"""tools/test itself: what it counts, in which order it runs, what its last line and exit code say."""

import importlib.machinery
import importlib.util
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

TOOL = Path(__file__).with_name("test")


def load():
    loader = importlib.machinery.SourceFileLoader("onsale_test_runner", str(TOOL))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look their module up
    loader.exec_module(module)
    return module


@pytest.fixture
def runner(tmp_path, monkeypatch):
    module = load()
    monkeypatch.setattr(module, "LOGS", tmp_path)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "CORES", 2)
    return module


def junit(tmp_path: Path, cases: str) -> Path:
    path = tmp_path / "results.xml"
    path.write_text(f"<testsuite>{cases}</testsuite>")
    return path


def test_counts_passed_failed_and_skipped_cases(runner, tmp_path):
    path = junit(tmp_path, """<testcase name="a"/><testcase name="b"/><testcase name="c"><failure/></testcase>
        <testcase name="d"><error/></testcase><testcase name="e"><skipped message="no nginx here"/></testcase>""")
    assert runner.count_junit(path, 1) == runner.Outcome(2, 2, 1, "no nginx here")


def test_counts_the_cases_of_ctest(runner, tmp_path):
    path = junit(tmp_path, """<testcase name="a" status="run"/><testcase name="b" status="fail"><failure/></testcase>
        <testcase name="c" status="notrun"><skipped message="x"/></testcase><testcase name="d" status="disabled"/>""")
    outcome = runner.count_junit(path, 8)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 1, 2)


def test_what_a_ctest_case_could_not_have_is_told_in_its_own_words(runner, tmp_path):
    path = junit(tmp_path, """<testcase name="a" status="run"/><testcase name="c" status="notrun">
        <skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/><system-out>[ RUN      ] Kafka.A
kafka_engine_test.cpp:60: Skipped
no Kafka here: there is no java

[  SKIPPED ] Kafka.A (3 ms)</system-out></testcase>""")
    assert runner.count_junit(path, 0) == runner.Outcome(1, 0, 1, "no Kafka here: there is no java")


def test_a_failing_case_is_told_by_name_with_what_it_said(runner, tmp_path, capsys):
    path = junit(tmp_path, """<testcase name="of pytest"><failure message="assert 1 == 2">test_a.py:7: AssertionError</failure>
        <system-out>a long log</system-out></testcase>
        <testcase name="of ctest" status="fail"><failure message="Failed"/><system-out>a_test.cpp:9: Failure</system-out></testcase>""")
    outcome = runner.count_junit(path, 1)
    runner.Battery.report(runner.Step("unit", "", None), outcome, 1.0, tmp_path / "unit.log")
    told = capsys.readouterr().out
    for words in ("FAILED: of pytest", "assert 1 == 2", "test_a.py:7: AssertionError", "FAILED: of ctest", "a_test.cpp:9: Failure", "unit.log"):
        assert words in told
    assert "a long log" not in told


def test_a_runner_that_died_is_a_failure_even_if_no_case_failed(runner, tmp_path):
    assert runner.count_junit(junit(tmp_path, '<testcase name="a"/>'), -11).failed == 1
    assert runner.count_junit(tmp_path / "never-written.xml", 2).failed == 1


def test_running_nothing_is_a_failure(runner, tmp_path):
    outcome = runner.count_junit(junit(tmp_path, ""), 0)
    assert outcome.failed == 1 and outcome.note == "ran no test"


def step(runner, name, shell, **more):
    return runner.Step(name, name, runner.command("/bin/sh", "-c", shell), **more)


def test_a_step_that_cannot_have_what_it_needs_counts_as_skipped_and_says_why(runner, capfd):
    total = runner.Battery([step(runner, "a", "echo no browser here; exit 77")]).run()
    assert (total.passed, total.failed, total.skipped) == (0, 0, 1)
    assert "no browser here" in capfd.readouterr().out


def test_a_failing_step_shows_the_end_of_its_log(runner, capfd):
    total = runner.Battery([step(runner, "a", "seq 1000; echo the reason; exit 1")]).run()
    assert total.failed == 1
    shown = capfd.readouterr().out
    assert "    the reason" in shown and "    999" in shown and "\n    1\n" not in shown


def test_a_command_that_does_not_exist_is_one_failure_and_the_rest_still_runs(runner):
    total = runner.Battery([runner.Step("a", "", runner.command("/no/such/tool")), step(runner, "b", "true")]).run()
    assert (total.passed, total.failed) == (1, 1)


def test_a_step_past_its_limit_is_ended_with_its_children(runner, tmp_path):
    total = runner.Battery([step(runner, "a", "sleep 600 & echo $! >child; wait", limit_s=1)]).run()
    assert total.failed == 1
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "status")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.exists() and "State:\tZ" not in child.read_text():
        time.sleep(0.01)  # it has been told to end; a busy machine may take a moment to do so
    assert not child.exists() or "State:\tZ" in child.read_text()


def test_nothing_runs_on_a_build_that_failed(runner, tmp_path):
    steps = [step(runner, "build", "exit 1"), step(runner, "tests", "touch ran", after=("build",))]
    total = runner.Battery(steps).run()
    assert total.failed == 2
    assert not (tmp_path / "ran").exists()


def test_steps_wait_for_what_they_name_and_share_the_cores(runner):
    log, lock, together = [], threading.Lock(), threading.Barrier(2, timeout=30)

    def note(name, meet=False):
        def run(_):
            if meet:
                together.wait()  # returns only if both run at the same time
            with lock:
                log.append(name)
            return runner.Outcome(passed=1)
        return run

    total = runner.Battery([
        runner.Step("build", "", note("build"), cores=2),
        runner.Step("a", "", note("a", meet=True), after=("build",)),
        runner.Step("b", "", note("b", meet=True), after=("build",)),
        runner.Step("last", "", note("last"), cores=2, after=("a", "b")),
    ]).run()
    assert total.passed == 4
    assert log[0] == "build" and log[3] == "last"


def test_every_step_waits_only_for_steps_that_stand_before_it(runner):
    seen = set()
    for one in runner.STEPS:
        assert set(one.after) <= seen, one.name
        assert one.name not in seen
        seen.add(one.name)


@pytest.mark.parametrize("source, counted, code", [
    ("// Why this file exists.\n", "1 passed, 0 failed, 0 skipped", 0),
    ('// Why.\n#include "app/config.hpp"\n', "0 passed, 1 failed, 0 skipped", 1),
])
def test_the_last_line_is_the_count_and_the_exit_code_tells_the_same(tmp_path, source, counted, code):
    (tmp_path / "tools").mkdir()
    (tmp_path / "backend/base").mkdir(parents=True)
    (tmp_path / "backend/base/one.cpp").write_text(source)
    for name in ("test", "layering.py"):
        shutil.copy(TOOL.with_name(name), tmp_path / "tools" / name)
    done = subprocess.run([str(tmp_path / "tools/test"), "--only", "layering"], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == counted, done.stdout + done.stderr
    assert done.returncode == code
