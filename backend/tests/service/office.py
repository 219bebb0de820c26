"""One running office under test: the real binary, its own data folder, free ports, its log.

Why a class and not a handful of fixtures: most tests of this folder kill, restart, stop or starve the
office, and what must hold afterwards (no sanitizer report, no bug line, an audit that is clean) is the
same for all of them. It is checked here, once, when the office ends.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("ONSALE_BIN", ROOT / "build/dev/onsale")).resolve()

# Sanitizer builds start slower and this machine may be busy; a real hang is still found in a minute.
START_LIMIT_S = 60
STOP_LIMIT_S = 60

# What must never stand in an office's log, whatever the test does to it.
REPORTS = re.compile(
    r"ERROR: (Address|Leak|Thread|Memory)Sanitizer|WARNING: ThreadSanitizer|runtime error:|onsale: bug at|"
    r"terminate called|Assertion .* failed|std::bad_alloc"
)

SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:exitcode=98",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=98",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=98",
}

# Sales that always succeed and soon: what a test is not about should not surprise it.
CALM = {
    "payments.mock.success_share": 1.0,
    "payments.mock.timeout_share": 0,
    "payments.mock.delay": "fixed",
    "payments.mock.delay_ms": 5,
}


def environment() -> dict:
    """The environment of every onsale process; nobody's ONSALE_* settings leak into a test."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("ONSALE_")}
    for name, value in SANITIZERS.items():
        env[name] = ":".join(filter(None, [env.get(name, ""), value]))
    return env


def run_cli(*arguments, timeout=60, **kwargs) -> subprocess.CompletedProcess:
    """`onsale …` to its end, with its output as text."""
    return subprocess.run([str(BINARY), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          env=environment(), stdin=subprocess.DEVNULL, **kwargs)


def to_flags(settings: dict) -> list:
    """{"holds.seconds_min": 1} -> ["--holds.seconds_min", "1"]."""
    words = []
    for key, value in settings.items():
        if isinstance(value, bool):
            value = "true" if value else "false"
        words += [f"--{key}", str(value)]
    return words


class OfficeDied(AssertionError):
    """The process ended when it should have been serving."""


class Office:
    def __init__(self, data_dir: Path, settings: dict, preexec=None):
        self.data_dir = Path(data_dir)
        self.settings = {"http.address": "127.0.0.1", **CALM, **settings}
        self.preexec = preexec
        self.process = None
        self.log_path = self.data_dir.parent / f"{self.data_dir.name}.log"
        self.url = self.internal_url = self.host = None
        self.port = self.internal_port = None

    # --- life ------------------------------------------------------------------------------------

    def start(self, **settings) -> "Office":
        """Starts the process and returns when it is ready to sell; more settings may be laid over the first ones."""
        assert self.process is None or self.process.poll() is not None, "still running"
        self.settings.update(settings)
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        endpoints = self.data_dir / "endpoints.json"
        with contextlib.suppress(FileNotFoundError):
            endpoints.unlink()  # a killed office leaves its last one behind
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(BINARY), "serve", "--data-dir", str(self.data_dir), "--port", "0", "--internal-port", "0",
                 *to_flags(self.settings)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment(),
                preexec_fn=self.preexec)
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise OfficeDied(f"onsale serve ended with {self.process.returncode}:\n{self.log_tail()}")
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                told = json.loads(endpoints.read_text())
                if told.get("pid") == self.process.pid:
                    self._learn(told)
                    return self
            time.sleep(0.01)
        raise OfficeDied(f"onsale serve was not ready within {START_LIMIT_S} s:\n{self.log_tail()}")

    def _learn(self, told: dict) -> None:
        self.url, self.internal_url = told["public"], told["internal"]
        public, internal = urllib.parse.urlsplit(self.url), urllib.parse.urlsplit(self.internal_url)
        self.host, self.port = public.hostname, public.port
        self.internal_host, self.internal_port = internal.hostname, internal.port

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def internal_token(self) -> str:
        return (self.data_dir / "internal.token").read_text().strip()

    def kill(self) -> None:
        """kill -9."""
        if self.running:
            self.process.send_signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
            self.assert_no_report()

    def stop(self, limit_s: float = STOP_LIMIT_S) -> int:
        """SIGTERM; returns the exit code, which is 0 when all is well."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise OfficeDied(f"SIGTERM did not end the office within {limit_s} s:\n{self.log_tail()}") from None
        self.assert_no_report()
        return code

    def restart(self, **settings) -> "Office":
        """A clean stop (unless it was killed) and a start on the same data folder."""
        if self.running:
            code = self.stop()
            assert code == 0, f"exit code {code}:\n{self.log_tail()}"
        return self.start(**settings)

    def end(self) -> None:
        """For fixtures: the office must end well, whatever it has been through."""
        if self.process is None:
            return
        died_by_itself = self.process.poll() not in (None, 0, -signal.SIGKILL)
        code = self.stop()
        self.assert_no_report()
        assert not died_by_itself and code in (0, -signal.SIGKILL), f"exit code {code}:\n{self.log_tail()}"

    # --- what it left behind ---------------------------------------------------------------------

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_tail(self, lines: int = 60) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    def assert_no_report(self) -> None:
        found = REPORTS.search(self.log())
        if found:
            start = max(0, found.start() - 500)
            raise AssertionError("a report in the office's log:\n" + self.log()[start:start + 6000])

    def audit(self, timeout: float = 120) -> subprocess.CompletedProcess:
        """`onsale audit` of this data folder; it must not be running."""
        return run_cli("audit", "--data-dir", self.data_dir, timeout=timeout)

    def assert_audit_clean(self) -> subprocess.CompletedProcess:
        audit = self.audit()
        assert audit.returncode == 0, f"onsale audit found:\n{audit.stdout}\n{audit.stderr}\n{self.log_tail(20)}"
        return audit

    # --- measures --------------------------------------------------------------------------------

    def rss_bytes(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def cpu_ticks(self) -> int:
        parts = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(parts[11]) + int(parts[12])

    def metrics(self) -> str:
        with urllib.request.urlopen(f"{self.internal_url}/actuator/prometheus", timeout=30) as answer:
            return answer.read().decode()

    def processes(self, _role: str = "") -> int:
        """How many there are, of a role: what one process bounds, so many bound together."""
        return 1


class Template:
    """A data folder as the first start leaves it, made once a run and copied: a new office then starts at once."""

    def __init__(self, folder: Path):
        self.folder = folder / "template"
        self.made = False

    def copy_to(self, data_dir: Path) -> None:
        if not self.made:
            office = Office(self.folder, {})
            office.start()
            assert office.stop() == 0, office.log_tail()
            self.made = True
        shutil.copytree(self.folder, data_dir, dirs_exist_ok=True)
