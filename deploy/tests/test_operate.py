"""docs/operate.md followed by somebody who has an empty Debian machine: each command of "One server", of its backup and of its
watch as it is written there, under a real systemd, up to an alert that fires and a version that is taken back.

Network there is none in it, so what the commands would fetch is put there before; `make deb` is a step of its own (package-build).
"""

import json
import re
import shutil
import time

import pytest
from conftest import ROOT
from test_package import booted, inside, root  # noqa: F401  (root is a fixture)

TEXT = (ROOT / "docs/operate.md").read_text(encoding="utf-8")


def blocks(section: str) -> list:
    """The sh blocks under that heading."""
    under = re.search(rf"^#+ {re.escape(section)}\n(.*?)(?=^##? |^### |\Z)", TEXT, re.M | re.S).group(1)
    found = re.findall(r"^```sh\n(.*?)^```", under, re.M | re.S)
    assert found, f"no commands under {section}"
    return found


def row(name: str) -> str:
    """The command of that row of the table "to | do"."""
    return re.search(rf"^\| {re.escape(name)} \| `([^`]+)`", TEXT, re.M).group(1)


@pytest.fixture
def machine(root):  # noqa: F811
    inside(root, "apt-get", "install", "-y", "-q", "--no-install-recommends", "/opt/onsale.deb", "sudo", "curl", "python3", "prometheus", "nginx-light", "openssl", "iproute2")
    inside(root, "apt-get", "purge", "-y", "-q", "onsale")
    checkout = root / "srv/onsale"
    (checkout / "build/release/package").mkdir(parents=True)
    version = inside(root, "dpkg-deb", "-f", "/opt/onsale.deb", "Version").stdout.strip()
    shutil.copyfile(root / "opt/onsale.deb", checkout / f"build/release/package/onsale_{version}_amd64.deb")
    shutil.copyfile(root / "opt/onsale.deb", checkout / "onsale_OLD.deb")
    shutil.copyfile(root / "opt/onsale_next.deb", checkout / "onsale_NEW.deb")
    with booted(root) as there:
        yield there


def test_a_newcomer_gets_from_an_empty_machine_to_a_watched_sale_and_back_to_the_version_before(machine):
    def type_in(commands: str, ok: bool = True) -> str:
        print(f"$ {commands.strip()}", flush=True)
        done = machine("bash", "-ec", f"cd /srv/onsale; {commands}", ok=False)
        print("\n".join(done.stdout.strip().splitlines()[-12:]), flush=True)
        assert not ok or done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def prometheus(path: str):
        done = machine("curl", "-fsS", f"http://127.0.0.1:9090/api/v1/{path}", ok=False)
        return json.loads(done.stdout)["data"] if done.returncode == 0 else None

    def wait(what: str, holds, seconds: float = 120):
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
            time.sleep(1)

    def alerts() -> dict:
        return {alert["labels"]["alertname"]: alert["state"] for alert in (prometheus("alerts") or {"alerts": []})["alerts"]}

    def version() -> str:
        return type_in("dpkg-query -W -f='${Version}\\n' onsale").strip()

    install, = blocks("Install")
    before, rest = install.split("make deb\n")
    assert len(before.splitlines()) == 2, "git and make, a clone"
    told = type_in(rest)
    assert "active (running)" in told and '"UP"' in told
    first = version()

    assets = re.findall(r'"(/assets/[^"]+)"', type_in("curl -fsS http://127.0.0.1:8080/"))
    assert assets, "the page is in it"
    for asset in assets:
        type_in(f"curl -fsS -o /dev/null http://127.0.0.1:8080{asset}")

    imported, = blocks("Put a hall on sale")
    told = type_in(imported)
    assert "created event 1 " in told and '"ON_SALE"' in told

    watched, = blocks("Watching")
    type_in(watched)
    wait("Prometheus sees the office", lambda: [one["health"] for one in (prometheus("targets") or {"activeTargets": []})["activeTargets"]] == ["up"])
    assert len(prometheus("rules")["groups"]) >= 3, "with the rules"

    rehearsal, = blocks("Know what it will bear")
    type_in(rehearsal)

    changed, = blocks("Settings")
    type_in(changed)
    wait("it sells again", lambda: "UP" in type_in("onsale health --url http://127.0.0.1:8081", ok=False), 30)

    behind_tls, = blocks("Behind nginx with TLS")
    type_in(behind_tls)
    there = "curl -fsS --cacert /etc/nginx/onsale.crt --resolve tickets.example.org:443:127.0.0.1"
    wait("it sells by TLS", lambda: '"ON_SALE"' in type_in(f"{there} https://tickets.example.org/ticketing/catalog/api/events", ok=False), 30)
    seats = type_in(f"{there} https://tickets.example.org/ticketing/catalog/api/events/1/seats")
    free = re.search(r'"id": ?(\d+)[^{}]*"AVAILABLE"', seats).group(1)
    told = type_in(f"""{there} -D - -H 'Content-Type: application/json' -d '{{"eventId":1,"seatIds":[{free}]}}' """
                   "https://tickets.example.org/ticketing/reservation/api/reservations")
    assert re.search(r"^set-cookie: onsale_buyer=.*; ?secure", told, re.M | re.I), told
    stream = type_in(f"{there} -m 3 -N https://tickets.example.org/ticketing/catalog/api/events/1/seats/stream || test $? = 28")
    assert re.search(r"^(id|event|data|retry|:)", stream, re.M), "a stream comes through at once"
    assert type_in("curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' -H 'Host: tickets.example.org' http://127.0.0.1/").strip() == "301 https://tickets.example.org/"
    assert type_in(f"{there.replace('-fsS', '-sS')} -o /dev/null -w '%{{http_code}}' https://tickets.example.org/actuator/prometheus").strip() == "404"
    assert set(type_in("ss -Hltn 'sport = :8080' | awk '{print $4}'").split()) == {"127.0.0.1:8080"}, "by nginx alone"
    type_in("sudo systemctl stop onsale")
    assert '"UNAVAILABLE"' in type_in(f"{there.replace('-fsS', '-sS')} https://tickets.example.org/ticketing/catalog/api/events")
    type_in("sudo systemctl start onsale")

    wait("quiet", lambda: "OnsaleDown" not in alerts())
    type_in(row("stop"))
    wait("an alert that fires", lambda: alerts().get("OnsaleDown") == "firing")
    type_in("sudo systemctl start onsale")
    wait("and is over", lambda: "OnsaleDown" not in alerts())

    assert '"level"' in type_in(row("read the log").replace(" -f", " -n 3"))
    type_in(f"yes | {row('upgrade')}")
    assert version() == f"{first}+next"
    assert '"UP"' in type_in("onsale health --url http://127.0.0.1:8081")
    type_in(f"yes | {row('take an upgrade back')}")
    assert version() == first
    assert '"UP"' in type_in("onsale health --url http://127.0.0.1:8081")
    assert "audit: clean" in type_in(row("see that all is right"))

    saved, restored = blocks("Backup and restore")[:2]
    type_in(saved)
    day = type_in("date +%F").strip()
    assert "/var/backups/onsale-2027-05-01" in restored
    told = type_in(restored.replace("2027-05-01", day))
    assert '"UP"' in told
    assert '"ON_SALE"' in type_in("curl -fsS http://127.0.0.1:8080/ticketing/catalog/api/events")
    assert "audit: clean" in type_in(row("see that all is right"))

    type_in(row("remove").replace("apt-get remove", "apt-get remove -y"))
    type_in("sudo apt-get purge -y onsale && test ! -e /var/lib/onsale && test ! -e /etc/onsale")
