"""tools/docs_check.py on a small set of documents, each with one fault planted."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).with_name("docs_check.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "Makefile").write_text("run: build\n\ntest:\n")
    (tmp_path / "docs" / "testing.md").write_text("# Testing\n\n## The kill loop, at length\n")
    return tmp_path


def faults(checkout: Path) -> list:
    done = subprocess.run([sys.executable, str(TOOL), str(checkout)], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert done.returncode == (1 if lines else 0), done.stderr
    return lines


def test_good_pages_have_no_fault(checkout):
    (checkout / "README.md").write_text(
        "See [testing](docs/testing.md#the-kill-loop-at-length), `docs/testing.md`, [elsewhere](https://example.org/x).\n"
        "Run `make run`, or `PORT=9000 make run`; make sure to read.\n\n```\n$ make test\nls `backend/nothing.cpp`\n```\n")
    assert faults(checkout) == []


@pytest.mark.parametrize("line, told", [
    ("[gone](docs/gone.md)", "docs/gone.md is not there"),
    ("![picture](docs/gone.svg)", "docs/gone.svg is not there"),
    ("[part](docs/testing.md#no-such-part)", "has no such heading"),
    ("`backend/domain/seat/gone.hpp`", "backend/domain/seat/gone.hpp is not there"),
    ("`make coffee`", "no verb 'coffee'"),
])
def test_a_planted_fault_is_named_with_its_line(checkout, line, told):
    (checkout / "README.md").write_text(f"# Onsale\n\n{line}\n")
    (fault,) = faults(checkout)
    assert fault.startswith("README.md:3: ") and told in fault


def test_commands_in_code_blocks_are_read(checkout):
    (checkout / "README.md").write_text("```\nmake coffee\n```\n")
    (fault,) = faults(checkout)
    assert "no verb 'coffee'" in fault
