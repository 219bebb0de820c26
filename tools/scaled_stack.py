"""A whole office on several machines, on this one: Redis, MariaDB, Kafka, nginx and nodes of each role, in one folder.

For tools/run-scaled and for the tests (backend/tests/service/scaled). Every process is started here on a free loopback port
(but the ports that are asked for), is stopped by its pid, and dies with whoever started it. What is not installed is told in
one line as `Missing`.
"""

import contextlib
import ctypes
import http.client
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "deploy/nginx/onsale.conf.template"
ROLES = ("catalog", "reservation", "order", "payment")
READY_S = 90
STOP_S = 40
EXIT_SKIPPED = 77
PR_SET_PDEATHSIG = 1


class Missing(Exception):
    """Something that the machine does not have; the text says what and how to get it."""


class Broken(Exception):
    """Something did not start or did not become ready."""


def find(program: str, package: str) -> str:
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        raise Missing(f"{program} is not installed (Debian package {package})")
    return path


given_ports: set = set()


def free_port() -> int:
    """Below the ports that outgoing connections get: a server that is killed and begun again finds its own port free, and
    whoever asks for it meanwhile is refused instead of meeting itself. None is given twice: who got it may not listen yet."""
    while True:
        port = random.randrange(11_000, 32_000)
        if port in given_ports:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            given_ports.add(port)
            return port


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(what: str, holds, seconds: float = READY_S, process=None) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if process is not None and process.poll() is not None:
            raise Broken(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise Broken(f"{what}: not ready within {seconds:.0f} s")
        time.sleep(0.05)


def answers(host: str, port: int, path: str, status: int = 200, timeout: float = 2) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == status
        finally:
            connection.close()
    return False


class Process:
    """One child: its log, its end."""

    def __init__(self, name: str, folder: Path):
        self.name, self.log_path, self.process = name, folder / f"{name}.log", None

    def start(self, words: list, env=None, cwd=None) -> None:
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, env=env, cwd=cwd, preexec_fn=die_with_parent,
                                            start_new_session=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log_tail(self, lines: int = 30) -> str:
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def kill(self) -> None:
        if self.running:
            self.process.send_signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def stop(self, how=signal.SIGTERM, seconds: float = STOP_S):
        """Its exit code; killed if it does not end. `how` None: it was told already."""
        if self.process is None:
            return None
        if self.running and how is not None:
            self.process.send_signal(how)
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


class Redis(Process):
    def __init__(self, folder: Path, port=None, name="redis"):
        super().__init__(name, folder)
        self.folder, self.port = folder / name, port or free_port()
        self.program = find("redis-server", "redis-server")

    def begin(self, *more) -> None:
        self.folder.mkdir(exist_ok=True)
        self.start([self.program, "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--appendonly", "yes",
                    "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction", *more])
        wait_until("redis", self.pings, process=self.process)

    def pings(self) -> bool:
        with contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        return False

    def say(self, *words) -> bytes:
        """One command; the beginning of its answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            parts = [str(word).encode() if not isinstance(word, bytes) else word for word in words]
            connection.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            return connection.recv(1 << 20)

    def url(self, port=None) -> str:
        return f"redis://127.0.0.1:{port or self.port}"


class MariaDb(Process):
    def __init__(self, folder: Path, port=None):
        super().__init__("mariadb", folder)
        self.folder, self.port = folder / "mariadb", port or free_port()
        self.server = find("mariadbd", "mariadb-server")
        self.installer = find("mariadb-install-db", "mariadb-server")
        self.password = secrets.token_hex(16)
        self.password_file = folder / "db.password"
        self.socket = f"/tmp/onsale-db-{os.getpid()}-{self.port}.sock"  # a socket's path must be short

    def begin(self) -> None:
        as_root = ["--user=root"] if os.geteuid() == 0 else []
        fresh = not (self.folder / "mysql").exists()
        if fresh:
            made = subprocess.run([self.installer, "--no-defaults", f"--datadir={self.folder}", *as_root,
                                   "--auth-root-authentication-method=normal", "--skip-test-db"],
                                  capture_output=True, text=True, check=False)
            if made.returncode != 0:
                raise Broken(f"mariadb-install-db: {made.stdout[-500:]}{made.stderr[-500:]}")
        self.start([self.server, "--no-defaults", *as_root, f"--datadir={self.folder}", f"--socket={self.socket}",
                    f"--port={self.port}", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=128M",
                    "--innodb-log-file-size=48M", "--performance-schema=OFF", "--character-set-server=utf8mb4",
                    "--default-time-zone=+00:00", "--max-connections=500", "--skip-name-resolve"])
        wait_until("mariadb", lambda: self.sql("SELECT 1").returncode == 0, process=self.process)
        if fresh:
            made = self.sql("CREATE DATABASE onsale; CREATE DATABASE onsale_provider; "
                            f"CREATE USER onsale@'127.0.0.1' IDENTIFIED BY '{self.password}'; "
                            "GRANT ALL ON onsale.* TO onsale@'127.0.0.1'; GRANT ALL ON onsale_provider.* TO onsale@'127.0.0.1'")
            if made.returncode != 0:
                raise Broken(f"mariadb: {made.stderr}")
            self.password_file.write_text(self.password + "\n")
            self.password_file.chmod(0o600)

    def sql(self, statement: str) -> subprocess.CompletedProcess:
        return subprocess.run([find("mariadb", "mariadb-client"), "--no-defaults", f"--socket={self.socket}", "-uroot", "-N", "-B",
                               "-e", statement], capture_output=True, text=True, check=False)

    def url(self, database: str = "onsale", port=None) -> str:
        return f"mysql://onsale@127.0.0.1:{port or self.port}/{database}"


class Kafka:
    """By tools/kafka, which knows how. A broker tells its clients where it is, so whoever is to come through a gate needs a
    listener that tells the gate's port: `behind` has one for each role that talks to Kafka, (port, port of the gate)."""

    def __init__(self, folder: Path, port=None):
        self.folder, self.port = folder / "kafka", port or free_port()
        self.behind = {role: (free_port(), free_port()) for role in ("reservation", "order")}

    def begin(self) -> None:
        ways = [word for port, gate in self.behind.values() for word in ("--behind", f"{port}:{gate}")]
        done = subprocess.run([sys.executable, ROOT / "tools/kafka", "start", self.folder, "--port", str(self.port), *ways],
                              capture_output=True, text=True, check=False)
        if done.returncode == EXIT_SKIPPED:
            raise Missing((done.stderr or done.stdout).strip().splitlines()[-1])
        if done.returncode != 0:
            raise Broken(f"kafka: {done.stdout}{done.stderr}")

    def stop(self) -> None:
        subprocess.run([sys.executable, ROOT / "tools/kafka", "stop", self.folder], capture_output=True, check=False)

    def kill(self) -> None:
        """kill -9, and gone when this returns."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        wait_until("kafka's end", lambda: not is_running(pid), 10)

    @property
    def pid(self) -> int:
        return int((self.folder / "kafka.pid").read_text())

    def brokers(self, port=None) -> str:
        return f"127.0.0.1:{port or self.port}"


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Node(Process):
    """One process of one role, or of several ("reservation,order")."""

    def __init__(self, stack, role: str, number: int):
        super().__init__(f"{role.replace(',', '-')}-{number}", stack.folder)
        self.stack, self.role, self.number = stack, role, number
        self.port, self.internal_port = free_port(), free_port()
        self.data_dir = stack.folder / self.name
        self.environment = {}  # laid over ours

    def flags(self) -> dict:
        stack, roles = self.stack, set(self.role.split(","))
        flags = {
            "roles": self.role, "node.name": self.name, "data_dir": self.data_dir, "http.address": "127.0.0.1",
            "http.port": self.port, "http.internal_port": self.internal_port, "http.loops": 1,
            "http.trusted_proxies": "127.0.0.1",
            "secrets.token_key_file": stack.folder / "token.key", "secrets.internal_token_file": stack.folder / "internal.token",
            "db.url": stack.mariadb.url(port=self.way("mariadb", stack.mariadb.port)), "db.password_file": stack.mariadb.password_file,
        }
        if roles & {"catalog", "reservation"}:
            flags["redis.url"] = stack.redis.url(self.way("redis", stack.redis.port))
        if roles & {"reservation", "order"}:
            flags["kafka.brokers"] = stack.kafka.brokers(self.way("kafka", stack.kafka.port))
            flags["kafka.replication"] = 1
            flags["kafka.partitions"] = 4
        if "order" in roles:
            flags["peers.reservation"] = self.peers("reservation")
            flags["peers.payment"] = self.peers("payment")
        if "payment" in roles:
            flags["db.provider_url"] = stack.mariadb.url("onsale_provider", self.way("mariadb", stack.mariadb.port))
        flags.update(stack.settings)
        flags.update(stack.role_settings.get(self.role, {}))
        return flags

    def way(self, part: str, port: int) -> int:
        return self.stack.way(self.role, part, port)

    def peers(self, role: str) -> str:
        return ",".join(f"127.0.0.1:{self.way(role, node.internal_port)}" for node in self.stack.nodes[role])

    def begin(self) -> None:
        words = [self.stack.binary, "serve"]
        for key, value in self.flags().items():
            words += [f"--{key}", "true" if value is True else "false" if value is False else value]
        env = {key: value for key, value in os.environ.items() if not key.startswith("ONSALE_")}
        self.start(words, env=env | self.environment)

    def ready(self) -> bool:
        return answers("127.0.0.1", self.internal_port, "/actuator/health/readiness")

    def wait_ready(self, seconds: float = READY_S) -> None:
        try:
            wait_until(self.name, self.ready, seconds, self.process)
        except Broken as broken:
            raise Broken(f"{broken}\n{self.log_tail()}") from None

    def metrics(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.internal_port, timeout=10)
        connection.request("GET", "/actuator/prometheus")
        return connection.getresponse().read().decode()


def filled(template: str, values: dict) -> str:
    """The template with each ${NAME} replaced; a name without a value is a mistake."""
    text = re.sub(r"\$\{([A-Z_]+)\}", lambda name: values[name.group(1)], template.replace("${NAME}", "NAME"))
    return text


class Nginx(Process):
    def __init__(self, stack, port: int, internal_port: int):
        super().__init__("nginx", stack.folder)
        self.stack, self.port, self.internal_port = stack, port, internal_port
        self.program = find("nginx", "nginx-light or nginx")
        self.folder = stack.folder / "nginx"

    def way(self, role: str, port: int) -> int:
        return self.stack.way("nginx", role, port)

    def begin(self) -> None:
        self.folder.mkdir(exist_ok=True)
        values = {"WORKERS": "1", "RUN": str(self.folder), "LISTEN": f"{self.stack.address}:{self.port}",
                  "LISTEN_INTERNAL": f"127.0.0.1:{self.internal_port}", "CONNECTIONS_PER_CLIENT": "20000",
                  "REQUESTS_PER_SECOND": "100000", "REQUESTS_BURST": "100000"}
        for role in ROLES:
            nodes = self.stack.nodes[role]
            for name, port in (("NODES", "port"), ("INTERNAL_NODES", "internal_port")):
                values[f"{role.upper()}_{name}"] = "\n    ".join(
                    f"server 127.0.0.1:{self.way(role, getattr(node, port))} max_fails=3 fail_timeout=2s;" for node in nodes)
        config = self.folder / "onsale.conf"
        config.write_text(filled(TEMPLATE.read_text(), values))
        checked = subprocess.run([self.program, "-t", "-c", config, "-e", self.folder / "nginx-error.log"], capture_output=True,
                                 text=True, check=False)
        if checked.returncode != 0:
            raise Broken(f"nginx -t: {checked.stderr}")
        self.start([self.program, "-c", config, "-e", self.folder / "nginx-error.log", "-g", "daemon off;"])
        wait_until("nginx", lambda: answers("127.0.0.1", self.port, "/healthz"), process=self.process)


def straight_on(_who: str, _whom: str, port: int) -> int:
    return port


class Stack:
    """All of it. `settings` are laid over every node's, `role_settings` over a role's; `way(who, whom, port)` may lead one part
    to another by a port of its own, a gate's."""

    def __init__(self, folder: Path, binary: Path, *, nodes: int = 2, port=None, internal_port=None, address="127.0.0.1",
                 settings=None, role_settings=None, tell=lambda line: None):
        self.folder, self.binary, self.tell, self.address = Path(folder), Path(binary), tell, address
        self.settings, self.role_settings = settings or {}, role_settings or {}
        self.way = straight_on
        self.folder.mkdir(parents=True, exist_ok=True)
        for secret in ("token.key", "internal.token"):
            if not (self.folder / secret).exists():
                (self.folder / secret).write_text(secrets.token_hex(32) + "\n")
                (self.folder / secret).chmod(0o600)
        self.redis, self.mariadb, self.kafka = Redis(self.folder), MariaDb(self.folder), Kafka(self.folder)
        self.nodes = {role: [Node(self, role, n + 1) for n in range(nodes)] for role in ROLES}
        self.nginx = Nginx(self, port or free_port(), internal_port or free_port())

    def all_nodes(self) -> list:
        return [node for role in ("reservation", "payment", "catalog", "order") for node in self.nodes[role]]

    def start(self, *, demo: bool = True) -> "Stack":
        try:
            self.tell("Kafka, Redis, MariaDB …")
            self.kafka.begin()
            self.redis.begin()
            self.mariadb.begin()
            self.migrate(demo)
            self.tell(f"{len(self.all_nodes())} nodes …")
            for node in self.all_nodes():
                node.begin()
            for node in self.all_nodes():
                node.wait_ready()
            self.nginx.begin()
        except BaseException:
            self.stop()
            raise
        return self

    def migrate(self, demo: bool) -> str:
        words = [self.binary, "migrate", "--db.url", self.mariadb.url(), "--db.password_file", self.mariadb.password_file,
                 "--db.provider_url", self.mariadb.url("onsale_provider"), *(["--with-demo"] if demo else [])]
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise Broken(f"onsale migrate: {done.stdout}{done.stderr}")
        return done.stdout

    def audit(self) -> subprocess.CompletedProcess:
        words = [self.binary, "audit", "--redis.url", self.redis.url(), "--db.url", self.mariadb.url(), "--db.password_file",
                 self.mariadb.password_file, "--db.provider_url", self.mariadb.url("onsale_provider")]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=300)

    def import_hall(self, *arguments) -> subprocess.CompletedProcess:
        words = [self.binary, "import", *arguments, "--office", self.internal_url, "--token-file", self.folder / "internal.token"]
        return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=300)

    def stop_nodes(self) -> dict:
        """Every role's nodes, orders first; name -> exit code."""
        nodes = list(reversed(self.all_nodes()))
        for node in nodes:
            if node.running:
                node.process.send_signal(signal.SIGTERM)
        return {node.name: node.stop(None) for node in nodes}

    def stop(self) -> dict:
        codes = {}
        self.nginx.stop(signal.SIGQUIT if self.nginx.running else signal.SIGTERM, 5)
        codes.update(self.stop_nodes())
        self.kafka.stop()
        self.mariadb.stop()
        self.redis.stop()
        with contextlib.suppress(OSError):
            os.unlink(self.mariadb.socket)
        return codes

    # What the clients of the service tests want to know of an office.
    host = "127.0.0.1"
    internal_host = "127.0.0.1"

    @property
    def port(self) -> int:
        return self.nginx.port

    @property
    def internal_port(self) -> int:
        return self.nginx.internal_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def internal_url(self) -> str:
        return f"http://127.0.0.1:{self.internal_port}"

    @property
    def internal_token(self) -> str:
        return (self.folder / "internal.token").read_text().strip()

    def events(self) -> list:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/ticketing/catalog/api/events")
        return json.loads(connection.getresponse().read())
