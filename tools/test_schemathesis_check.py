"""tools/schemathesis-check: what it does when it is called wrongly or cannot have what it needs. What it finds in a running
office is a step of tools/test."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOOL = Path(__file__).with_name("schemathesis-check")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    shutil.copy(TOOL, tmp_path / "tools")
    return tmp_path


def call(checkout: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(["tools/schemathesis-check", *arguments], cwd=checkout, env=os.environ | env,
                          capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [[], ["http://127.0.0.1:1", "http://127.0.0.1:2"]])
def test_called_wrongly_it_tells_how(checkout, arguments):
    done = call(checkout, *arguments)
    assert done.returncode == 2
    assert "schemathesis-check URL [INTERNAL_URL TOKEN]" in done.stderr


def test_without_schemathesis_it_is_skipped_and_says_so(checkout):
    done = call(checkout, "http://127.0.0.1:1", PIP_NO_INDEX="1")
    assert done.returncode == 77
    assert done.stdout.splitlines()[-1].startswith("schemathesis 4.32.5 could not be installed")
