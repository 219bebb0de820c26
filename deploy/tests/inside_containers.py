"""Run by test_containers.py, inside: one office of containers through its life, the tests in their order. The same
`office` script that a host is deployed with."""

import json
import os
import subprocess
import threading
import time
import urllib.request
import uuid
from pathlib import Path
from shutil import which

import pytest
from client import AWAY, FINAL, ORDER, Buyer, Public
from conftest import ROOT

OFFICE = ROOT / "deploy/scripts/office"
STATE = os.environ["ONSALE_STATE"]
SHIP = ROOT / "deploy/scripts/ship"
EVENT = 5  # the stadium: it is not sold out before the test ends
SETTINGS = {
    "ONSALE_PROJECT": "onsale-test", "COMPOSE_FILES": "compose.yaml", "ONSALE_IMAGE": "localhost/onsale:one",
    **{f"ONSALE_{name.upper()}_IMAGE": f"localhost/onsale-standin-{name}:1" for name in ("redis", "nginx", "mariadb", "kafka", "prometheus")},
    "ONSALE_LISTEN": "127.0.0.1:8080", "ONSALE_LISTEN_INTERNAL": "127.0.0.1:8081", "ONSALE_LISTEN_PREVIEW": "127.0.0.1:8082",
    "ONSALE_MOCK_SUCCESS_SHARE": "1", "NGINX_WORKERS": "1", "CONNECTIONS_PER_CLIENT": "1000", "READY_SECONDS": "90",
    "WATCH_SECONDS": "10", "DRAIN_SECONDS": "3", "SMOKE_EVENT": "1", "migrate_flags": "--with-demo",
}
ENVIRONMENT = {**os.environ, **SETTINGS}


class Door:
    host, port = "127.0.0.1", 8080


def office(*words, ok=True) -> str:
    done = subprocess.run([OFFICE, *words], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900,
                          check=False, stdin=subprocess.DEVNULL)
    print(done.stdout[-4000:])
    assert (done.returncode == 0) == ok, done.stdout[-4000:]
    return done.stdout


def in_force() -> dict:
    with open(f"{STATE}/office.env", encoding="utf-8") as file:
        return dict(line.strip().split("=", 1) for line in file)


class Host:
    """This machine as one that is deployed to by SSH: a server of its own, a key that was made for it, and the settings in
    /etc/onsale/deploy.env, which nobody else sees."""

    PORT = "2222"

    def __init__(self, folder: Path):
        self.folder, self.directory = folder, folder / "opt"

        def run(*words) -> None:
            subprocess.run([str(word) for word in words], check=True, capture_output=True)

        for name in ("upper", "work"):
            (Path("/run/containers/etc") / name).mkdir(parents=True)
        run("mount", "-t", "overlay", "-o", "lowerdir=/etc,upperdir=/run/containers/etc/upper,workdir=/run/containers/etc/work", "overlay", "/etc")
        Path("/etc/onsale").mkdir(exist_ok=True)
        wanted = {name: value for name, value in ENVIRONMENT.items() if name in SETTINGS or name.startswith("CONTAINERS_") or name in ("COMPOSE", "ONSALE_STATE")}
        Path("/etc/onsale/deploy.env").write_text("".join(f"{name}='{value}'\n" for name, value in wanted.items()), encoding="utf-8")
        for name in ("host", "deploy"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
        address, key = f"[127.0.0.1]:{self.PORT}", (folder / "host.pub").read_text(encoding="utf-8")
        (folder / "known_hosts").write_text(f"{address} {key}", encoding="utf-8")
        (folder / "sshd.conf").write_text(f"""Port {self.PORT}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/deploy.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PidFile none
""", encoding="utf-8")
        os.makedirs("/run/sshd", exist_ok=True)
        self.server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd.conf"])
        self.ssh = f"ssh -p {self.PORT} -i {folder}/deploy -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={folder}/known_hosts"

    def ship(self, what: str, ok=True) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "SSH": self.ssh, "DIRECTORY": str(self.directory)}
        done = subprocess.run([SHIP, "root@127.0.0.1", what], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=900, check=False, stdin=subprocess.DEVNULL)
        print(done.stdout[-4000:])
        assert (done.returncode == 0) == ok, done.stdout[-4000:]
        return done.stdout

    def shipments(self) -> list:
        return sorted(path.name for path in self.directory.iterdir() if not path.is_symlink())


def podman(*words) -> str:
    return subprocess.run(["podman", *words], capture_output=True, text=True, timeout=120, check=True).stdout


def buy(event: int, seats: list) -> tuple:
    """A sale by someone who does as told: 503 is tried again, with the same key. In its first moments a cold office on a busy
    machine may say so."""
    buyer, key = Buyer(Door), str(uuid.uuid4())
    for call in (lambda: buyer.hold(event, seats), lambda: buyer.order(event, seats, key)):
        for _ in range(20):
            answer = call()
            if answer.status != 503:
                break
            time.sleep(1)
        assert answer.status == 201, answer
    return buyer, buyer.wait_final(answer.json["orderId"], timeout=60)


def audit() -> None:
    colour = in_force()["COLOUR"]
    done = subprocess.run(["podman", "exec", f"onsale-test_{colour}-reservation-1_1", "/usr/bin/onsale", "audit"],
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout.strip().splitlines()[-1])


class Load:
    """Buyers side by side, each: look, hold, order, wait, until told to stop. A refusal (409, 410, 429) is an answer; a 5xx or none at
    all is a failure."""

    def __init__(self, buyers: int = int(os.environ.get("ONSALE_BUYERS", "6"))):
        self.stopping, self.lock = threading.Event(), threading.Lock()
        self.answers, self.failures, self.confirmed, self.slowest, self.began = 0, [], [], 0.0, time.monotonic()
        free = [seat for seat, status in Public(Door).statuses(EVENT).items() if status == "AVAILABLE"]
        share = len(free) // buyers
        self.threads = [threading.Thread(target=self.buy, args=(free[n * share:(n + 1) * share],), daemon=True) for n in range(buyers)]

    def __enter__(self) -> "Load":
        """Back when it has gone well for five seconds: an office that came up a moment ago, on a busy machine, refuses some of the first
        orders (503), and that is not what a deploy is asked about."""
        for thread in self.threads:
            thread.start()
        began = time.monotonic()
        while time.monotonic() < max([began, *(failure[0] for failure in self.failures[-1:])]) + 5:
            if time.monotonic() > began + 90:
                self.__exit__()
                raise AssertionError(f"it does not sell: {self.failures[-1]}")
            time.sleep(0.2)
        with self.lock:
            self.began = time.monotonic()
            print(f"load: {self.answers} answers before, {len(self.failures)} failed")
            self.answers, self.failures, self.confirmed, self.slowest = 0, [], [], 0.0
        return self

    def __exit__(self, *_) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        print(f"load: {self.answers} answers, {len(self.failures)} failed, {len(self.confirmed)} confirmed, slowest {self.slowest:.2f} s")
        for moment, what, answer in self.failures[:5]:
            print(f"load: {moment - self.began:.1f} s after it began: {what}: {answer[:200]}")

    def ask(self, what: str, call):
        began = time.monotonic()
        try:
            answer = call()
            wrong = answer if answer.status >= 500 else None
        except AWAY as error:
            answer, wrong = None, repr(error)
        with self.lock:
            self.answers += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
            if wrong is not None:
                self.failures.append((time.monotonic(), what, str(wrong)))
        return answer

    def buy(self, seats: list) -> None:
        for seat in seats:
            if self.stopping.is_set():
                return
            buyer, key = Buyer(Door), str(uuid.uuid4())
            self.ask("look", lambda: buyer.get("/ticketing/catalog/api/events"))
            held = self.ask("hold", lambda: buyer.hold(EVENT, [seat]))
            if held is None or held.status != 201:
                continue
            order = self.ask("order", lambda: buyer.order(EVENT, [seat], key))
            if order is None or order.status != 201:
                continue
            for _ in range(200):
                state = self.ask("read", lambda: buyer.get(f"{ORDER}/orders/{order.json['orderId']}"))
                if state is not None and state.status == 200 and state.json["status"] in FINAL:
                    if state.json["status"] == "CONFIRMED":
                        self.confirmed.append(seat)
                    break
                time.sleep(0.05)
            time.sleep(0.05)


@pytest.fixture(scope="module", autouse=True)
def whole_life():
    yield
    if "ONSALE_KEEP" not in os.environ:
        office("down")


def test_it_comes_up_and_sells():
    office("up")
    _, order = buy(1, [1])
    assert order["status"] == "CONFIRMED"
    audit()


def test_a_hall_of_the_host_goes_on_sale():
    told = office("import", ROOT / "examples/halls/riethsporthalle.json", "--default-price", "25000", "--price", "Kategorie I=45000",
                  "--starts-at", "2027-05-01T19:30:00+09:00")
    event = int(told.split("created event ")[1].split()[0])
    time.sleep(2)  # on offer everywhere within a second
    seat = next(iter(Public(Door).statuses(event)))
    _, order = buy(event, [seat])
    assert order["status"] == "CONFIRMED"


def test_nothing_is_lost_when_it_is_taken_down_and_brought_up_again():
    buyer, order = buy(2, [2, 5])
    assert order["status"] == "CONFIRMED"
    office("down")
    assert podman("ps", "-q").split() == []
    office("up")
    assert buyer.read_order(order["orderId"]).json["status"] == "CONFIRMED"
    assert {Public(Door).status(2, seat) for seat in (2, 5)} == {"SOLD"}
    assert Public(Door).status(1, 1) == "SOLD"
    audit()


def test_prometheus_finds_every_node_that_sells():
    if not (ROOT / "deploy/prometheus").is_dir():
        pytest.skip("no deploy/prometheus")
    subprocess.run([OFFICE, "watch"], env={**ENVIRONMENT, "WATCH_SERVICES": "prometheus"}, check=True, timeout=300, capture_output=True)
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=sum(up%7Bjob%3D%22onsale%22%7D)", timeout=5) as answer:
                result = json.load(answer)["data"]["result"]
            if result and result[0]["value"][1] == "8":
                return
        except OSError as error:
            result = error
        assert time.monotonic() < deadline, result
        time.sleep(1)


def test_a_new_version_takes_over_under_load_and_no_request_fails():
    before = in_force()["COLOUR"]
    with Load() as load:
        told = office("deploy", "localhost/onsale:two")
    assert "sells localhost/onsale:two" in told.splitlines()[-1]
    assert in_force()["COLOUR"] != before
    assert load.failures == [] and len(load.confirmed) > 20
    assert not [name for name in podman("ps", "--format", "{{.Names}}").split() if f"_{before}-" in name]
    audit()


def test_a_version_that_fails_the_smoke_check_never_gets_a_buyer():
    before = in_force()["COLOUR"]
    with Load() as load:
        told = office("deploy", "localhost/onsale:distrustful", ok=False)
    assert "smoke check" in told and "has the buyers" not in told
    assert in_force()["COLOUR"] == before and load.failures == [] and load.confirmed


def test_a_version_that_does_not_become_ready_never_gets_a_buyer(monkeypatch):
    monkeypatch.setitem(ENVIRONMENT, "READY_SECONDS", "8")
    before = in_force()["COLOUR"]
    with Load() as load:
        told = office("deploy", "localhost/onsale:unready", ok=False)
    assert "did not become ready" in told
    assert in_force()["COLOUR"] == before and load.failures == [] and load.confirmed


def test_a_version_whose_answers_turn_into_errors_is_rolled_back_by_itself():
    before = in_force()["COLOUR"]
    new = {"blue": "green", "green": "blue"}[before]
    with Load() as load:
        process = subprocess.Popen([OFFICE, "deploy", "localhost/onsale:one"], env={**ENVIRONMENT, "WATCH_SECONDS": "40"},
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
        told = ""
        for line in process.stdout:
            told += line
            if "has the buyers" in line:
                # What the checks could not see: its order nodes go down, and stay down.
                podman("stop", "-t", "0", f"onsale-test_{new}-order-1_1", f"onsale-test_{new}-order-2_1")
            if "ROLLED BACK" in line:
                back = time.monotonic()
        assert process.wait() == 1, told
        time.sleep(2)
    print(told)
    assert in_force()["COLOUR"] == before
    assert load.failures, "the errors were real"
    assert [failure for failure in load.failures if failure[0] > back + 1] == []
    audit()


def test_the_version_before_comes_back_under_load_and_no_request_fails():
    with Load() as load:
        told = office("rollback")
    assert "sells localhost/onsale:one" in told.splitlines()[-1]
    assert load.failures == [] and load.confirmed
    office("status")
    audit()


@pytest.mark.skipif(not which("ssh-keygen") or not os.path.exists("/usr/sbin/sshd"), reason="needs openssh-server (a Debian package)")
def test_it_is_shipped_by_ssh_and_taken_back_the_same_way_and_no_request_fails(tmp_path):
    host = Host(tmp_path)
    try:
        with Load() as load:
            told = host.ship("localhost/onsale:two")
            assert "sells localhost/onsale:two" in told.splitlines()[-1]
            first, = host.shipments()
            assert (host.directory / "current").resolve().name == first
            assert "the smoke check" in host.ship("localhost/onsale:distrustful", ok=False)
            assert host.shipments() == [first] and (host.directory / "current").resolve().name == first
            assert "sells localhost/onsale:two" in host.ship("status")
            told = host.ship("rollback")
            assert "sells localhost/onsale:one" in told.splitlines()[-1]
        assert load.failures == [] and load.confirmed
        audit()
    finally:
        host.server.terminate()
        host.server.wait()
