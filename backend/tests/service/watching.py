"""What the watch tests share: reading a page of metrics, asking a real Prometheus everything that the dashboards ask."""

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [path for path in (str(ROOT / "tools"), str(ROOT / "deploy/grafana")) if path not in sys.path]
import dashboards  # noqa: E402
import watch_stack  # noqa: E402
from scaled_stack import Missing  # noqa: E402

SAMPLE = re.compile(r"^(\w+?)(?:_bucket|_count|_sum)?(?:\{([^}]*)\})? (\S+)")
DATA_WITHIN_S = 60
RATE = "10s"


def families(page: str) -> dict:
    """name -> (type, help, label names) of a page in Prometheus' text format."""
    found, labels = {}, {}
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            found[name] = [kind, ""]
        elif line and not line.startswith("#"):
            name, told, _ = SAMPLE.match(line).groups()
            labels.setdefault(name, set()).update(re.findall(r'(\w+)="', told or ""))
    for line in page.splitlines():
        if line.startswith("# HELP "):
            _, _, name, *words = line.split(" ")
            found.setdefault(name, ["untyped", ""])[1] = " ".join(words)
    return {name: (kind, text, sorted(labels.get(name, set()) - {"le"})) for name, (kind, text) in found.items()}


def start(make):
    """The server, or a skip in one line where it cannot be had."""
    try:
        return make().begin()
    except Missing as missing:
        pytest.skip(str(missing))


def empty_panels(prometheus, form: str) -> list:
    """The panels' expressions that return nothing, or no number, within the time."""
    left = dashboards.expressions(form)
    deadline = time.monotonic() + DATA_WITHIN_S
    while left and time.monotonic() < deadline:
        left = [one for one in left if not has_data(prometheus, one[2])]
        time.sleep(1)
    return left


def has_data(prometheus, expression: str) -> bool:
    result = prometheus.query(expression.replace("$__rate_interval", RATE))
    return any(sample["value"][1] not in ("NaN", "+Inf") for sample in result)


def promtool_check(page: str) -> str:
    """What promtool has to say of the page; nothing is best."""
    try:
        promtool = watch_stack.find("promtool", "prometheus")
    except Missing as missing:
        pytest.skip(str(missing))
    done = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def table() -> dict:
    """docs/metrics.md: name -> (type, labels, where)."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| (\w+) \|", (ROOT / "docs/metrics.md").read_text(), re.M)
    return {name: (kind, re.findall(r"`(\w+)`", labels), where) for name, kind, labels, where in rows}


def differences(page: str, form: str) -> list:
    """Where the page and the table do not agree; what the table has of this form may not be missing from the page."""
    known, found = table(), families(page)
    wrong = [f"{name} is not in the table" for name in found if name not in known]
    for name, (kind, _, labels) in found.items():
        if name in known and (kind != known[name][0] or not set(labels) <= set(known[name][1])):
            wrong.append(f"{name}: the page has {kind} {labels}, the table {known[name][0]} {known[name][1]}")
    return wrong + [f"{name} is in the table only" for name, (_, _, where) in known.items()
                    if where in (form, "both") and name not in found]
