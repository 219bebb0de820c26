"""tools/load with a made-up `onsale`: what it starts, stops and answers for."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

LOAD = Path(__file__).with_name("load")

ONSALE = """#!/bin/bash
echo "$*" >>{calls}
case "$1" in
  serve)
    [ "{opens}" = yes ] || {{ echo "no room"; exit 1; }}
    trap 'echo closed >>{calls}; exit {serve_code}' TERM
    mkdir -p "$3"
    echo '{{"pid":1,"public":"http://127.0.0.1:4711","internal":"http://127.0.0.1:4712"}}' >"$3/endpoints.json"
    while :; do sleep 0.02; done ;;
  rehearse) exit {rehearse_code} ;;
  audit) exit {audit_code} ;;
esac
"""


@pytest.fixture
def load(tmp_path):
    def run(*arguments, **behaviour):
        (tmp_path / "tools").mkdir(exist_ok=True)
        shutil.copy(LOAD, tmp_path / "tools/load")
        calls = tmp_path / "calls"
        calls.write_text("")
        binary = tmp_path / "onsale"
        binary.write_text(ONSALE.format(calls=calls, **{"opens": "yes", "serve_code": 0, "rehearse_code": 0, "audit_code": 0,
                                                        **behaviour}))
        binary.chmod(0o755)
        (tmp_path / "tmp").mkdir(exist_ok=True)
        environment = os.environ | {"ONSALE_BIN": str(binary), "TMPDIR": str(tmp_path / "tmp")}
        done = subprocess.run([str(tmp_path / "tools/load"), *arguments], env=environment, capture_output=True, text=True,
                              timeout=60, check=False)
        assert list((tmp_path / "tmp").iterdir()) == [], "the temporary folder stays behind"
        return done, calls.read_text().splitlines()
    return run


def test_rehearses_then_closes_then_audits(load):
    done, calls = load("--buyers", "7", "--event", "3")
    assert done.returncode == 0, done.stderr
    assert calls[1] == "rehearse http://127.0.0.1:4711 --buyers 7 --event 3"
    assert calls[2] == "closed"
    assert calls[3].startswith("audit --data-dir ")


def test_two_thousand_buyers_unless_told_otherwise(load):
    _, calls = load()
    assert calls[1].endswith("--buyers 2000")


@pytest.mark.parametrize("behaviour", [{"rehearse_code": 1}, {"audit_code": 1}, {"serve_code": 3}])
def test_any_breach_fails_the_load_run_but_the_audit_is_always_made(load, behaviour):
    done, calls = load(**behaviour)
    assert done.returncode == 1
    assert calls[-1].startswith("audit")


def test_an_office_that_does_not_open_is_told_with_its_own_words(load):
    done, calls = load(opens="no")
    assert done.returncode == 1
    assert "no room" in done.stderr
    assert len(calls) == 1
