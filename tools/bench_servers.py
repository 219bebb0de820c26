"""The processes of `make bench`: each server on one core, the load generator on another, CPU time read beside them."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1
OPENS_WITHIN_SECONDS = 60


ALL_CORES = sorted(os.sched_getaffinity(0))


def pin(core: int):
    """For a child: on this core. On a machine of one core everything shares it."""
    wanted = {ALL_CORES[core % len(ALL_CORES)]}
    return lambda: os.sched_setaffinity(0, wanted)


def start(command: list, core: int = SERVER_CORE, log=subprocess.DEVNULL, **more) -> subprocess.Popen:
    return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                            preexec_fn=pin(core), **more)


def end(process: subprocess.Popen, patience: float = 30) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class CpuWatch:
    """User and system time of a whole process at any past moment of its watch, from samples of its CPU clock."""

    INTERVAL_SECONDS = 0.01

    def __init__(self, pid: int):
        self.clock = (~pid << 3) | 2  # Linux: the CPU-time clock of another process (clock_getcpuclockid(3))
        self.samples = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._sample()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self._sample()

    def _sample(self):
        try:
            self.samples.append((time.monotonic_ns(), time.clock_gettime_ns(self.clock)))
        except OSError:
            pass  # the process is gone

    def _run(self):
        while not self.stopping.wait(self.INTERVAL_SECONDS):
            self._sample()

    def at(self, monotonic_ns: int) -> float:
        return interpolate(self.samples, monotonic_ns)

    def between(self, from_ns: int, to_ns: int) -> float:
        return self.at(to_ns) - self.at(from_ns)


def interpolate(samples: list, x: float) -> float:
    """A value of rising samples [(x, y)], straight between them, level outside."""
    before = samples[0]
    for sample in samples:
        if sample[0] >= x:
            if sample[0] == before[0]:
                return sample[1]
            return before[1] + (sample[1] - before[1]) * (x - before[0]) / (sample[0] - before[0])
        before = sample
    return before[1]


def memory_kb(pid: int, field: str = "RssAnon") -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


class Office:
    """`onsale serve` on a folder of its own, on one core."""

    def __init__(self, binary: Path, folder: Path, halls: dict = None, **settings):
        """halls: {name: number of seats}, imported before it opens; settings: as flags, `_` between words stands for `.` once."""
        self.binary, self.folder = binary, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.events = {name: self._import(name, seats) for name, seats in (halls or {}).items()}
        self.settings = settings
        self.process = None
        self.open()

    def open(self) -> float:
        """Starts it; returns the seconds until it listens."""
        command = [self.binary, "serve", "--data-dir", self.folder / "data", "--http.address", "127.0.0.1", "--port", "0",
                   "--internal-port", "0", "--http.loops", "1", "--log.level", "warn"]
        for name, value in self.settings.items():
            command += [f"--{name.replace('__', '.')}", str(value)]
        (self.folder / "data" / "endpoints.json").unlink(missing_ok=True)
        begun = time.monotonic()
        with open(self.folder / "log", "ab") as log:
            self.process = start(command, log=log)
        endpoints = self.folder / "data" / "endpoints.json"
        while time.monotonic() - begun < OPENS_WITHIN_SECONDS:
            if endpoints.exists() and endpoints.stat().st_size:
                found = json.loads(endpoints.read_text())
                self.url, self.internal_url = found["public"], found["internal"]
                self.port = int(self.url.rsplit(":", 1)[1])
                return time.monotonic() - begun
            if self.process.poll() is not None:
                break
            time.sleep(0.002)
        raise SystemExit(f"bench: the office did not open:\n{(self.folder / 'log').read_text()[-2000:]}")

    @property
    def pid(self) -> int:
        return self.process.pid

    def close(self):
        end(self.process)

    def _import(self, name: str, seats: int) -> int:
        plan = self.folder / f"{name}.csv"
        write_hall(plan, seats)
        done = subprocess.run([self.binary, "import", "--data-dir", self.folder / "data", "--title", name, "--default-price",
                               "50000", plan], capture_output=True, text=True, check=False)
        plan.unlink()
        made = re.search(r"created event (\d+)", done.stdout)
        if not made:
            raise SystemExit(f"bench: the hall of {seats} seats was not imported: {done.stdout}{done.stderr}")
        return int(made.group(1))

    def reset(self, event: int):
        token = (self.folder / "data" / "internal.token").read_text().strip()
        self.call("POST", "/ticketing/api/internal/admin/reset", {"eventId": event}, {"Authorization": f"Bearer {token}"},
                  self.internal_url)

    def call(self, method: str, path: str, body=None, headers=None, url=None):
        """(status, headers, body) of one request on a connection of its own."""
        connection = http.client.HTTPConnection((url or self.url).removeprefix("http://"), timeout=120)
        headers = dict(headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, response.headers, data

    def metric(self, name: str) -> float:
        """The sum of a counter over its labels."""
        _, _, page = self.call("GET", "/actuator/prometheus")
        return sum(float(line.rsplit(" ", 1)[1]) for line in page.decode().splitlines()
                   if re.match(re.escape(name) + r"[ {]", line))


def write_hall(path: Path, seats: int) -> None:
    """A plain hall: sections of 5,000, rows of 100."""
    with open(path, "w", encoding="utf-8") as plan:
        plan.write("section,row,seat,x,y,tier\n")
        for i in range(seats):
            section, row, seat = i // 5000, i // 100 % 50, i % 100
            plan.write(f"S{section + 1},{row + 1},{seat + 1},{seat * 40},{(section * 55 + row) * 40},A\n")


NGINX = """
worker_processes 1;
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  open_file_cache max=16 inactive=10m;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{
    listen 127.0.0.1:{port};
    location = /empty {{ return 201 '{body}'; }}
    location /plain/ {{ alias {folder}/static/; }}
    location /gzip/ {{ alias {folder}/static/; add_header Content-Encoding gzip; }}
  }}
}}
"""


class Nginx:
    """The distribution's nginx with one worker, a canned 201 and a folder of files; its own configuration and port."""

    def __init__(self, folder: Path, body: str):
        binary = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if binary is None:
            raise SystemExit("bench: there is no nginx; `make bench` installs it (tools/setup bench)")
        self.folder = folder
        (folder / "static").mkdir(parents=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.port, body=body, user=user))
        self.process = start([binary, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"],
                             log=open(folder / "log", "wb"))
        wait_for_port(self.port, self.process, folder / "log")
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.pid = int(children.read_text().split()[0])  # the worker does the work

    def keep(self, name: str, content: bytes):
        (self.folder / "static" / name).write_bytes(content)

    def close(self):
        end(self.process)


class Plain:
    """A helper server that says on its first line which port it took."""

    def __init__(self, command: list, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.process = start(command, log=open(folder / "log", "wb"))
        self.pid = self.process.pid
        begun = time.monotonic()
        while time.monotonic() - begun < OPENS_WITHIN_SECONDS:
            said = re.search(r"(\d+)", (folder / "log").read_text())
            if said and (folder / "log").read_text().endswith("\n"):
                self.port = int(said.group(1))
                self.url = f"http://127.0.0.1:{self.port}"
                return
            time.sleep(0.01)
        raise SystemExit(f"bench: {command[0]} did not start")

    def close(self):
        end(self.process)


def wait_for_port(port: int, process: subprocess.Popen, log: Path):
    begun = time.monotonic()
    while time.monotonic() - begun < OPENS_WITHIN_SECONDS and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                time.sleep(0.1)
                return
        time.sleep(0.02)
    raise SystemExit(f"bench: nothing listens on port {port}: {log.read_text()[-1000:]}")


class Generator:
    """`onsale rehearse` on the other core."""

    def __init__(self, binary: Path, folder: Path):
        self.binary, self.folder = binary, folder

    def run(self, url: str, *options, seconds_max: float = 120) -> dict:
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        command = [self.binary, "rehearse", url, "--report", report, "--quiet", *options]
        process = start(command, CLIENT_CORE, log=open(self.folder / "rehearse.log", "wb"))
        try:
            process.wait(seconds_max)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if not report.exists():
            words = " ".join(str(word) for word in command)
            raise SystemExit(f"bench: no report from {words}:\n{(self.folder / 'rehearse.log').read_text()[-1000:]}")
        return json.loads(report.read_text())

    def hammer(self, server, seconds: float, *options, connections: int = 64, warm_up: float = 0.3):
        """(report, the server's CPU nanoseconds in the measured time)."""
        with CpuWatch(server.pid) as watch:
            report = self.run(server.url, "--mode", "hammer", "--connections", connections, "--measure-seconds", seconds,
                              "--warm-up-seconds", warm_up, *options)
        return report, watch.between(report["from_monotonic_ns"], report["to_monotonic_ns"])
