"""The image and the compose files for real: built, started, sold with, deployed and rolled back under load. There need be no
engine: ONSALE_WITH_CONTAINERS names a program that runs a command where buildah and podman work (else the one beside the
checkout); without it these tests are skipped. Engines' images are stand-ins of Debian's packages (standins/Containerfile).

What runs inside is inside_containers.py; it has a network of its own, so its load goes nowhere else.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

HERE = Path(__file__).resolve().parent
WRAPPER = Path(os.environ.get("ONSALE_WITH_CONTAINERS", ROOT.parent / "shared/tools/with-containers"))
PACKAGES = ROOT / "build/release/package"
LOGS = ROOT / "build/test-logs"
STANDINS = ("redis", "nginx", "mariadb", "kafka", "prometheus")
COMPOSE_VERSION = "1.6.0"  # Debian 12's own is too old to know profiles
UNSHARED = ["unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", HERE / "inside.sh"]

# The next versions: one that is well, one that never gets ready, one whose nodes do not trust each other's buyers.
NEXT = {
    "two": 'ENV ONSALE_NODE_NAME=two',
    "unready": 'ENTRYPOINT ["/bin/sh", "-c", "[ \\"$0\\" != migrate ] || exec /usr/bin/onsale migrate; trap \\"exit 0\\" TERM; sleep 3600 & wait"]',
    "distrustful": 'ENTRYPOINT ["/bin/sh", "-c", "[ \\"$0\\" != migrate ] || exec /usr/bin/onsale migrate; umask 077; '
                   "od -An -N32 -tx1 /dev/urandom | tr -d ' \\\\n' >/run/onsale/key; "
                   'exec /usr/bin/onsale serve --secrets.token_key_file /run/onsale/key"]',
}


def run(*words, timeout=580, **more) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
                          check=False, stdin=subprocess.DEVNULL, **more)


def there(*words, **more) -> str:
    done = run(WRAPPER, *words, **more)
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def podman_compose() -> Path:
    program = ROOT / "build/podman-compose/bin/podman-compose"
    if not program.exists():
        made = run(sys.executable, "-m", "venv", ROOT / "build/podman-compose")
        made = made if made.returncode else run(program.parent / "pip", "install", "-q", f"podman-compose=={COMPOSE_VERSION}")
        if made.returncode:
            pytest.skip(f"podman-compose {COMPOSE_VERSION} cannot be had: {made.stdout.splitlines()[-1]}")
    return program


@pytest.fixture(scope="session")
def images(tmp_path_factory) -> str:
    if os.geteuid() != 0 or not WRAPPER.exists():
        pytest.skip("no containers here: needs root and ONSALE_WITH_CONTAINERS")
    if not list(PACKAGES.glob("onsale_*.deb")):
        pytest.skip(f"no package in {PACKAGES}: `make deb` makes it")
    jars = run(sys.executable, ROOT / "tools/kafka", "fetch")
    if jars.returncode:
        pytest.skip(jars.stdout.splitlines()[-1])
    have = there("podman", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
    context = tmp_path_factory.mktemp("standins")
    shutil.copytree(HERE / "standins", context, dirs_exist_ok=True)
    shutil.copytree(jars.stdout.strip(), context / "libs")
    for name in STANDINS:
        if f"localhost/onsale-standin-{name}:1" not in have:
            there("buildah", "bud", "--pull-never", "--layers", "--format", "docker", "--target", name, "-t", f"localhost/onsale-standin-{name}:1",
                  "-f", context / "Containerfile", context)
    there(ROOT / "deploy/images/build", "localhost/onsale:one", env={**os.environ, "ENGINE": "buildah"})
    for name, line in NEXT.items():
        (context / name).write_text(f"FROM localhost/onsale:one\n{line}\nCMD [\"serve\"]\n")
        there("buildah", "bud", "--pull-never", "--format", "docker", "-t", f"localhost/onsale:{name}", "-f", context / name, context)
    return "localhost/onsale"


def inside(*words) -> None:
    """All that it says is kept in build/test-logs, for a failure's cause stands in its middle; and told without what podman says of
    each container because no systemd is there."""
    done = run(WRAPPER, *UNSHARED, *words, timeout=3600)
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"containers-{Path(words[-1]).name.replace('/', '-').replace(':', '-')}.log"
    log.write_text(done.stdout)
    told = "\n".join(line for line in done.stdout.splitlines() if "get systemd connection" not in line)
    print(told[-12000:])
    cause = told.find("= FAILURES =")
    assert done.returncode == 0, f"{told[cause:][:12000] if cause >= 0 else told[-6000:]}\nall of it: {log}"


def test_the_image_is_small(images):
    base, ours = (int(there("podman", "image", "inspect", "--format", "{{.Size}}", name).split()[-1])
                  for name in ("docker.io/library/debian:bookworm-slim", f"{images}:one"))
    print(f"{(ours - base) / 1e6:.1f} MB beyond the base")
    assert ours - base <= 60e6


def test_the_image_sells_as_it_is_meant_to_run(images):
    inside("env", "ENGINE=podman", ROOT / "deploy/images/smoke", f"{images}:one")


def test_an_office_of_containers_is_deployed_rolled_back_and_restarted_under_load(images, tmp_path):
    inside("env", f"COMPOSE={podman_compose()}", f"ONSALE_STATE={tmp_path}/state", sys.executable, "-m", "pytest", "-q", "-x", "-rA",
           "-p", "no:cacheprovider", HERE / "inside_containers.py")
