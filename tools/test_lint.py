"""tools/lint on a small repository with one thing wrong at a time."""

import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent
pytestmark = pytest.mark.skipif(shutil.which("clang-format-19") is None or shutil.which("shellcheck") is None,
                                reason="clang-format-19 and shellcheck are not installed")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("tools", "backend/base"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("lint", "layering.py"):
        shutil.copy(TOOLS / name, tmp_path / "tools" / name)
    shutil.copy(TOOLS.parent / ".clang-format", tmp_path)
    (tmp_path / "backend/base/one.cpp").write_text("// Why this file exists.\nint one() { return 1; }\n")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    return tmp_path


def lint(checkout: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(["tools/lint", *arguments], cwd=checkout, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("step", ["layering", "format", "shell"])
def test_a_tidy_checkout_passes(checkout, step):
    done = lint(checkout, "--only", step)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"lint: {step} ok\n"


def test_a_badly_formatted_file_is_named_and_fix_mends_it(checkout):
    (checkout / "backend/base/one.cpp").write_text("// Why this file exists.\nint   one( ) {return 1;}\n")
    done = lint(checkout, "--only", "format")
    assert done.returncode == 1
    assert done.stdout.startswith("backend/base/one.cpp:2: ")
    assert lint(checkout, "--fix").returncode == 0
    assert lint(checkout, "--only", "format").returncode == 0


def test_a_careless_shell_script_is_found_whatever_its_name(checkout):
    (checkout / "tools/careless").write_text('#!/usr/bin/env bash\nrm -rf $1/*\n')
    done = lint(checkout, "--only", "shell")
    assert done.returncode == 1
    assert "SC2086" in done.stdout


def test_a_breach_of_the_layers_is_found(checkout):
    (checkout / "backend/base/one.cpp").write_text('// Why.\n#include "app/config.hpp"\n')
    done = lint(checkout, "--only", "layering")
    assert done.returncode == 1
    assert "folder base may not include app" in done.stdout


def test_an_unknown_step_is_a_usage_error(checkout):
    assert lint(checkout, "--only", "poetry").returncode == 2
    assert lint(checkout, "--nonsense").returncode == 2


def test_a_tarball_is_read_like_a_repository(checkout):
    shutil.rmtree(checkout / ".git")
    (checkout / "backend/base/one.cpp").write_text("// Why this file exists.\nint   one( ) {return 1;}\n")
    assert lint(checkout, "--only", "format").returncode == 1
    assert lint(checkout, "--only", "shell").returncode == 0
