"""The .deb in a clean root: a Debian 12 that has never seen the office. Installed, run as its unit would run it, sold with,
upgraded (changed settings and sales stay), removed (both stay), purged (nothing stays).

Where the machine lets systemd be process 1 of a namespace of its own (`unshare`, cgroup v2), the same root is also booted, and the
office runs under its unit with all the hardening; else that test says so and is skipped.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from client import Buyer
from conftest import ROOT

PACKAGES = ROOT / "build/release/package"
CACHE = Path(os.environ.get("ONSALE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "onsale")
CLEAN = CACHE / "clean-root-bookworm.tar"
PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}


def run(*words, ok=True, timeout=580, **more) -> subprocess.CompletedProcess:
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
                          check=False, stdin=subprocess.DEVNULL, env={**os.environ, **PATH}, **more)
    assert not ok or done.returncode == 0, f"{words}\n{done.stdout[-4000:]}"
    return done


def upgraded(package: Path, folder: Path) -> Path:
    """The same package as version N+1, its settings file changed, as a later release's would be."""
    tree = folder / "tree"
    run("dpkg-deb", "-R", package, tree)
    control = (tree / "DEBIAN/control").read_text()
    version = re.search(r"^Version: (.*)$", control, re.M).group(1)
    (tree / "DEBIAN/control").write_text(control.replace(f"Version: {version}", f"Version: {version}+next"))
    with open(tree / "etc/onsale/onsale.toml", "a", encoding="utf-8") as file:
        file.write("# A later release's remark.\n")
    next_package = folder / "onsale_next.deb"
    run("dpkg-deb", "--root-owner-group", "-b", tree, next_package)
    return next_package


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    if os.geteuid() != 0 or shutil.which("debootstrap") is None or not list(PACKAGES.glob("onsale_*.deb")):
        pytest.skip("needs root, debootstrap (a Debian package) and build/release/package (make deb)")
    if not CLEAN.exists():
        fresh = tmp_path_factory.mktemp("debootstrap") / "root"
        run("debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus", "bookworm", fresh)
        CLEAN.parent.mkdir(parents=True, exist_ok=True)
        run("tar", "-C", fresh, "-cf", f"{CLEAN}.new", ".")
        os.rename(f"{CLEAN}.new", CLEAN)
    folder = tmp_path_factory.mktemp("clean") / "root"
    folder.mkdir()
    run("tar", "-C", folder, "-xf", CLEAN)
    for name in ("/etc/resolv.conf", "/etc/apt/apt.conf.d", "/etc/apt/sources.list", "/usr/local/share/ca-certificates", "/etc/ssl/certs"):
        source, target = Path(name), folder / name.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, symlinks=False, ignore_dangling_symlinks=True)
        elif source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(source, target)
    package = next(PACKAGES.glob("onsale_*.deb"))
    shutil.copyfile(package, folder / "opt/onsale.deb")
    shutil.copyfile(upgraded(package, tmp_path_factory.mktemp("next")), folder / "opt/onsale_next.deb")
    run("mount", "-t", "proc", "proc", folder / "proc")
    try:
        inside(folder, "apt-get", "update", "-q")
        yield folder
    finally:
        run("umount", folder / "proc", ok=False)
        shutil.rmtree(folder, ignore_errors=True)


def inside(root: Path, *words, **more) -> subprocess.CompletedProcess:
    return run("chroot", root, *words, **more)


def unit(root: Path) -> dict:
    text = (root / "usr/lib/systemd/system/onsale.service").read_text()
    settings = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", text, re.M):
        settings.setdefault(key, []).append(value)
    return settings


class Running:
    """What the unit's ExecStart does, as its user, without systemd: there is no process 1 in a chroot."""

    host = internal_host = "127.0.0.1"
    port, internal_port = 8080, 8081

    def __init__(self, root: Path, *more):
        settings = unit(root)
        environment = dict(word.split("=", 1) for word in settings["Environment"])
        assert settings["User"] == ["onsale"]
        words = ["env", "-i", *(f"{key}={value}" for key, value in environment.items()), *settings["ExecStart"][0].split(), *more]
        inside(root, "setpriv", "--reuid=onsale", "--regid=onsale", "--clear-groups", "env", "-i",
               *(f"{key}={value}" for key, value in environment.items()), *settings["ExecStartPre"][0].split())
        self.process = subprocess.Popen(["chroot", str(root), "setpriv", "--reuid=onsale", "--regid=onsale", "--clear-groups",
                                         "--no-new-privs", "--bounding-set=-all", *words], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while inside(root, "/usr/bin/onsale", "health", "--url", "http://127.0.0.1:8081", ok=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0


def version(root: Path) -> str:
    return inside(root, "dpkg-query", "-W", "-f=${Version}", "onsale").stdout


def test_a_package_lives_its_whole_life_in_a_clean_root(root):
    inside(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/opt/onsale.deb")
    first = version(root)
    assert inside(root, "id", "-un", "onsale").stdout.strip() == "onsale"
    assert inside(root, "stat", "-c", "%U %G %a", "/var/lib/onsale").stdout.split() == ["onsale", "onsale", "700"]
    assert inside(root, "dpkg-query", "-W", "-f=${Conffiles}", "onsale").stdout.split()[0] == "/etc/onsale/onsale.toml"
    assert inside(root, "systemctl", "is-enabled", "onsale", ok=False).stdout.strip() == "enabled"

    office = Running(root, "--demo", "true", "--payments.mock.success_share", "1")
    order = Buyer(office).buy(1, [1])
    assert order["status"] == "CONFIRMED"
    inside(root, "test", "-s", "/var/lib/onsale/office.sqlite")
    office.stop()

    settings = root / "etc/onsale/onsale.toml"
    settings.write_text(settings.read_text().replace("seconds_default = 120", "seconds_default = 90"))
    inside(root, "apt-get", "install", "-y", "-q", "-o", "Dpkg::Options::=--force-confold", "/opt/onsale_next.deb")
    assert version(root) == f"{first}+next"
    assert "seconds_default = 90" in settings.read_text(), "what the operator wrote stays"
    office = Running(root)
    assert office.process.poll() is None
    from client import Public
    assert Public(office).status(1, 1) == "SOLD"
    office.stop()
    audit = inside(root, "setpriv", "--reuid=onsale", "--regid=onsale", "--clear-groups", "onsale", "audit", "--data_dir", "/var/lib/onsale")
    print(audit.stdout.strip().splitlines()[-1])

    inside(root, "apt-get", "install", "-y", "-q", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confold", "/opt/onsale.deb")
    assert version(root) == first, "and back"

    inside(root, "apt-get", "remove", "-y", "-q", "onsale")
    assert not (root / "usr/bin/onsale").exists()
    assert settings.exists() and (root / "var/lib/onsale/office.sqlite").exists(), "removed is not purged"

    inside(root, "apt-get", "purge", "-y", "-q", "onsale")
    left = [path for path in ("etc/onsale", "var/lib/onsale", "usr/lib/systemd/system/onsale.service", "usr/share/doc/onsale",
                              "etc/systemd/system/multi-user.target.wants/onsale.service") if os.path.lexists(root / path)]
    assert left == []
    assert inside(root, "getent", "passwd", "onsale", ok=False).returncode != 0


BOOT = """set -e
mount --bind "$1" "$1"
mount --make-rprivate "$1"
mount -t cgroup2 none "$1/sys/fs/cgroup" 2>/dev/null || { mount -t sysfs sysfs "$1/sys"; mount -t cgroup2 none "$1/sys/fs/cgroup"; }
mount -t tmpfs tmpfs "$1/run"; mount -t tmpfs tmpfs "$1/tmp"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"; mount --make-rslave "$1/dev"
ip link set lo up
cd "$1"
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
"""


@contextlib.contextmanager
def booted(root: Path):
    process = subprocess.Popen(["unshare", "--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup", "--fork", "--kill-child", "sh", "-c", BOOT, "boot",
                                str(root)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        deadline, first = time.monotonic() + 60, None
        while first is None:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.skip(f"systemd does not boot in a namespace here: {(process.stderr.read() or 'no reason given').strip()[-200:]}"
                            if process.poll() is not None else "systemd does not boot in a namespace here")
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            first = children[0] if children else None
            time.sleep(0.1)

        def there(*words, **more):
            return run("nsenter", "-t", first, "-m", "-n", "-p", "-i", "-u", "-C", "-r", "-w", *words, **more)

        while there("systemctl", "is-system-running", ok=False).stdout.strip() not in ("running", "degraded"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.skip("systemd does not come up in a namespace here")
            time.sleep(0.5)
        yield there
    finally:
        process.kill()
        process.wait()


def test_the_unit_runs_with_all_its_hardening_under_a_real_systemd(root):
    inside(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/opt/onsale.deb", "curl")
    (root / "etc/default").mkdir(exist_ok=True)
    (root / "etc/default/onsale").write_text("ONSALE_DEMO=true\nONSALE_PAYMENTS_MOCK_SUCCESS_SHARE=1\n")
    with booted(root) as there:
        started = there("systemctl", "start", "onsale", ok=False)  # Type=notify: back only after READY=1
        assert started.returncode == 0, there("journalctl", "--no-pager", "-n", "40", ok=False).stdout
        assert there("systemctl", "is-active", "onsale").stdout.strip() == "active"
        assert '"UP"' in there("onsale", "health", "--url", "http://127.0.0.1:8081").stdout
        told = there("curl", "-fsS", "-H", "Content-Type: application/json", "-d", '{"eventId":1,"seatIds":[7]}',
                     "http://127.0.0.1:8080/ticketing/reservation/api/reservations").stdout
        assert json.loads(told)["seatIds"] == [7]
        hall = "/usr/share/doc/onsale/examples/halls/riethsporthalle.json"
        told = there("onsale", "import", hall, "--data-dir", "/var/lib/onsale", "--default-price", "25000", "--price", "Kategorie I=45000").stdout
        assert told.startswith("created event 6 "), told
        there("systemctl", "kill", "--signal=KILL", "onsale")
        deadline = time.monotonic() + 30
        while there("onsale", "health", "--url", "http://127.0.0.1:8081", ok=False).returncode != 0:
            assert time.monotonic() < deadline, "it is started again"
            time.sleep(0.2)
        exposure = there("systemd-analyze", "security", "onsale", ok=False).stdout.strip().splitlines()[-1]
        print(exposure)
        there("dpkg", "--force-confold", "-i", "/opt/onsale_next.deb")
        assert there("systemctl", "is-active", "onsale").stdout.strip() == "active", "an upgrade is a restart"
        there("systemctl", "stop", "onsale")
        assert there("systemctl", "show", "-P", "Result", "onsale").stdout.strip() == "success"
    inside(root, "apt-get", "purge", "-y", "-q", "onsale")


def test_a_node_of_each_role_runs_under_its_unit_and_they_sell_together(root):
    """onsale@.service with the settings that the package brings as they are; the names in them are this machine's, an address for each
    role. Redis and MariaDB are Debian's. Kafka is away: a sale waits for no event."""
    inside(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/opt/onsale.deb", "curl", "redis-server", "mariadb-server")
    roles = {"catalog": 11, "reservation": 12, "payment": 13, "order": 14}
    names = {"db": 1, "redis": 1, "reservation-1": 12, "payment-1": 13}
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n" + "".join(f"127.0.0.{last} {name}.internal\n" for name, last in names.items()))
    with open(root / "etc/redis/redis.conf", "a", encoding="utf-8") as file:
        file.write("requirepass of-redis\n")
    for role, last in roles.items():
        shutil.copyfile(root / f"usr/share/doc/onsale/examples/config/{role}.toml", root / f"etc/onsale/{role}.toml")
        (root / f"etc/default/onsale-{role}").write_text(
            f"ONSALE_HTTP_ADDRESS=127.0.0.{last}\nONSALE_HTTP_INTERNAL_ADDRESS=127.0.0.{last}\n" +
            ("ONSALE_PAYMENTS_MOCK_SUCCESS_SHARE=1\n" if role == "payment" else ""))
    with booted(root) as there:
        def sh(commands: str) -> str:
            return there("bash", "-ec", commands).stdout

        sh("systemctl disable --now onsale; cd /etc/onsale; umask 077; for each in token.key internal.token; do od -An -N32 -tx1 /dev/urandom | "
           "tr -d ' \\n' >$each; done; echo of-redis >redis.password; echo of-db >db.password; chown onsale: token.key internal.token *.password")
        sh("systemctl start mariadb redis-server; mariadb -e \"CREATE DATABASE onsale; CREATE DATABASE onsale_provider; CREATE USER onsale IDENTIFIED BY 'of-db'; "
           "GRANT ALL ON onsale.* TO onsale; GRANT ALL ON onsale_provider.* TO onsale\"")
        engines = "--db.url mysql://onsale@db.internal:3306/onsale --db.provider_url mysql://onsale@db.internal:3306/onsale_provider --db.password_file /etc/onsale/db.password"
        print(sh(f"setpriv --reuid=onsale --regid=onsale --clear-groups onsale migrate {engines} --with-demo"))
        for role in roles:
            started = there("systemctl", "enable", "--now", f"onsale@{role}", ok=False)  # Type=notify: back only after READY=1
            assert started.returncode == 0, there("journalctl", "--no-pager", "-n", "40", "-u", f"onsale@{role}", ok=False).stdout
        for role, last in roles.items():
            assert '"UP"' in sh(f"onsale health --url http://127.0.0.{last}:8081")

        def ask(role: str, path: str, *more: str) -> str:
            return there("curl", "-sS", "-i", "-H", "Content-Type: application/json", *more, f"http://127.0.0.{roles[role]}:8080/ticketing/{role}/api/{path}").stdout

        seats = ("-d", '{"eventId":1,"seatIds":[1]}')
        told = ask("reservation", "reservations", *seats)
        buyer = ("-H", "Authorization: Bearer " + re.search(r"^Buyer-Token: (\S+)", told, re.M | re.I).group(1))
        assert " 201 " in told, told
        told = ask("order", "orders", *buyer, "-H", "Idempotency-Key: units", *seats)
        order = re.search(r'"orderId": ?"([^"]+)"', told).group(1)
        deadline = time.monotonic() + 30
        while '"CONFIRMED"' not in ask("order", f"orders/{order}", *buyer):
            assert time.monotonic() < deadline, ask("order", f"orders/{order}", *buyer)
            time.sleep(0.2)
        assert '"SOLD"' in ask("catalog", "events/1/seats")
        there("systemctl", "kill", "--signal=KILL", "onsale@order")
        deadline = time.monotonic() + 30
        while there("onsale", "health", "--url", "http://127.0.0.14:8081", ok=False).returncode != 0:
            assert time.monotonic() < deadline, "it is started again"
            time.sleep(0.2)
        assert '"CONFIRMED"' in ask("order", f"orders/{order}", *buyer)
        assert "audit: clean" in sh(f"setpriv --reuid=onsale --regid=onsale --clear-groups onsale audit {engines} "
                                    "--redis.url redis://redis.internal:6379 --redis.password_file /etc/onsale/redis.password")
        for role in roles:
            there("systemctl", "stop", f"onsale@{role}")
            assert there("systemctl", "show", "-P", "Result", f"onsale@{role}").stdout.strip() == "success"
    inside(root, "apt-get", "purge", "-y", "-q", "onsale", "redis-server", "mariadb-server")
