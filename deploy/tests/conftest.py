"""Tests of how the office is shipped: packages, images, deploys, backups. They bring up real things and take minutes, so
they are a step of `make check` (tools/test --only ship).

ONSALE_BIN names the program (build/release/onsale by default). What a machine cannot have is said in one line and skipped.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ONSALE_BIN", ROOT / "build/release/onsale")).resolve()
os.environ["ONSALE_BIN"] = str(BINARY)
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "backend/tests/service"), str(ROOT / "deploy/tests")]


def pytest_sessionstart(session):
    if not BINARY.exists() and not session.config.option.collectonly:
        pytest.exit(f"there is no {BINARY}; `make build` builds it, or name it in ONSALE_BIN", returncode=2)
