"""tools/kafka with the real thing, and on a machine that lacks what it takes."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

KAFKA = Path(__file__).with_name("kafka")


def kafka(*words: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(["/usr/bin/python3", str(KAFKA), *words], env=os.environ | env, capture_output=True, text=True, timeout=400,
                          check=False)


def listens(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex((host, int(port))) == 0


@pytest.fixture
def folder(tmp_path: Path):
    got = kafka("fetch")
    if got.returncode == 77:
        pytest.skip(got.stdout.strip())
    assert got.returncode == 0, got.stderr
    yield tmp_path / "broker"
    kafka("stop", str(tmp_path / "broker"))


def test_starts_serves_survives_a_kill_and_stops(folder):
    first = kafka("start", str(folder))
    assert first.returncode == 0, first.stderr
    address = first.stdout.strip()
    assert listens(address)
    assert kafka("start", str(folder)).returncode == 1  # one broker a folder

    os.kill(int((folder / "kafka.pid").read_text()), signal.SIGKILL)
    again = kafka("start", str(folder))
    assert again.stdout.strip() == address, again.stderr

    assert kafka("stop", str(folder)).returncode == 0
    assert not listens(address)
    assert kafka("stop", str(folder)).returncode == 0  # nothing to stop is no fault


def test_without_java_says_so_in_one_line_and_skips(tmp_path):
    got = kafka("start", str(tmp_path / "broker"), PATH=str(tmp_path))
    assert got.returncode == 77
    assert got.stdout.count("\n") == 1 and "java" in got.stdout


def test_jars_that_cannot_be_fetched_are_a_skip(tmp_path):
    for name, script in (("java", 'echo \'openjdk version "17"\' >&2'), ("mvn", 'echo "[ERROR] no network"; exit 1')):
        stand_in = tmp_path / name
        stand_in.write_text(f"#!/bin/sh\n{script}\n")
        stand_in.chmod(0o755)
    got = kafka("fetch", PATH=f"{tmp_path}:/usr/bin:/bin", ONSALE_CACHE=str(tmp_path / "cache"))
    assert got.returncode == 77
    assert got.stdout == "no Kafka here: Maven could not fetch its jars: [ERROR] no network\n"
