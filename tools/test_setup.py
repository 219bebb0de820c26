"""tools/setup against a pretended machine: its own dpkg-query, apt-get, id, sudo and df stand first in PATH."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).with_name("setup")


class Machine:
    """A checkout with a copy of tools/setup, and a folder of stand-ins for the system's commands."""

    def __init__(self, folder: Path):
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        self.installed = folder / "installed"
        self.calls = folder / "calls"
        (self.checkout / "tools").mkdir(parents=True)
        self.bin.mkdir()
        self.installed.write_text("")
        self.calls.write_text("")
        shutil.copy(SETUP, self.checkout / "tools" / "setup")
        self.stand_in("dpkg-query", f"""
            shift 2
            for p in "$@"; do if grep -qxF "$p" {self.installed}; then echo "$p installed"; fi; done""")
        self.stand_in("apt-cache", "case \"$3\" in *1.81*) ;; *) echo \"Package: $3\" ;; esac")  # as apt 3: no Boost 1.81
        self.stand_in("apt-get", f"""
            echo "$*" >>{self.calls}
            case " $* " in *" install "*)
              for word in "$@"; do case "$word" in [a-z]*) echo "$word" >>{self.installed} ;; esac; done ;;
            esac""")
        self.stand_in("sudo", "exit 1")
        self.stand_in("systemctl", "exit 0")
        self.pretend_user(0)
        self.pretend_free_mb(50_000)

    def stand_in(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text("#!/bin/bash\n" + script + "\n")
        path.chmod(0o755)

    def pretend_user(self, uid: int) -> None:
        self.stand_in("id", f"echo {uid}")

    def pretend_free_mb(self, free_mb: int) -> None:
        self.stand_in("df", f"echo Filesystem; echo '/dev/x 1 1 {free_mb * 1024} 1% /'")

    def setup(self, *groups: str) -> subprocess.CompletedProcess:
        environment = os.environ | {"PATH": f"{self.bin}:{os.environ['PATH']}"}
        return subprocess.run([str(self.checkout / "tools/setup"), *groups], env=environment, capture_output=True, text=True,
                              timeout=60, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_installs_what_is_missing_in_one_go(machine):
    done = machine.setup("build")
    assert done.returncode == 0, done.stderr
    update, install = machine.calls.read_text().splitlines()
    assert update.endswith("update")
    assert "--no-install-recommends --no-remove" in install
    assert "clang-19" in install and "libsqlite3-dev" in install
    assert "DPkg::Lock::Timeout=120" in install


def test_takes_the_boost_nearest_to_the_one_of_record(machine):
    machine.setup("build")
    installed = machine.installed.read_text().split()
    assert "libboost1.83-dev" in installed
    assert "libboost1.81-dev" not in installed and "libboost1.88-dev" not in installed


def test_second_run_asks_the_archive_nothing_and_says_nothing(machine):
    machine.setup("build", "test")
    machine.calls.write_text("")
    again = machine.setup("build", "test")
    assert again.returncode == 0
    assert machine.calls.read_text() == ""
    assert again.stdout == "" and again.stderr == ""


def test_an_alternative_that_is_installed_is_good_enough(machine):
    machine.setup("build")
    installed = machine.installed.read_text()
    machine.installed.write_text(installed.replace("libboost1.83-dev", "libboost1.88-dev"))
    machine.calls.write_text("")
    assert machine.setup("build").returncode == 0
    assert machine.calls.read_text() == ""


def test_groups_include_what_they_stand_on(machine):
    machine.setup("check")
    installed = machine.installed.read_text().split()
    assert {"clang-19", "libgtest-dev", "clang-tidy-19", "g++"} <= set(installed)
    assert "wrk" not in installed


def test_without_root_one_line_names_the_command(machine):
    machine.pretend_user(1000)
    done = machine.setup("build")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and done.stdout == ""
    assert "apt-get install -y --no-install-recommends ca-certificates" in done.stderr
    assert "libboost1.83-dev" in done.stderr and "|" not in done.stderr
    assert machine.calls.read_text() == ""


def test_without_root_but_nothing_missing_is_fine(machine):
    machine.setup("build")
    machine.pretend_user(1000)
    assert machine.setup("build").returncode == 0


def test_uses_a_sudo_that_asks_nothing(machine):
    machine.pretend_user(1000)
    machine.stand_in("sudo", 'shift; exec "$@"')
    done = machine.setup("build")
    assert done.returncode == 0, done.stderr
    assert len(machine.calls.read_text().splitlines()) == 2


def test_a_full_disk_is_one_line(machine):
    machine.pretend_free_mb(1200)
    done = machine.setup("build")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "only 1200 MB free" in done.stderr
    assert machine.calls.read_text() == ""


def test_a_checkout_that_is_built_already_needs_less(machine):
    (machine.checkout / "build").mkdir()
    machine.pretend_free_mb(1200)
    assert machine.setup("build").returncode == 0


def test_an_archive_that_cannot_deliver_is_told_with_its_own_words(machine):
    machine.stand_in("apt-get", "case \" $* \" in *' install '*) echo 'E: Unable to locate package clang-19'; exit 100 ;; esac")
    done = machine.setup("build")
    assert done.returncode == 1
    assert "E: Unable to locate package clang-19" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("setup: apt-get could not install")


def test_an_unknown_group_is_a_usage_error(machine):
    done = machine.setup("everything")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: tools/setup")
