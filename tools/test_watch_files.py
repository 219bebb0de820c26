"""Rules and dashboards by themselves: well-formed, tested, what their sources make, each alert in the runbook."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "deploy/prometheus/rules/onsale.yml"
FOLDER = RULES.parents[1]
DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))
RUNBOOK = ROOT / "deploy/runbook.md"
ALERTS = re.findall(r"- alert: (\w+)", RULES.read_text())


def promtool(*words):
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian package prometheus)")
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, cwd=FOLDER)


def test_the_rules_and_the_configuration_are_valid():
    for words in (("check", "rules", RULES), ("check", "config", (FOLDER / "prometheus.yml"))):
        done = promtool(*words)
        assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_fires_when_it_should_and_not_before():
    done = promtool("test", "rules", FOLDER / "onsale.rules.test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_a_test():
    tests = (FOLDER / "onsale.rules.test.yml").read_text()
    assert [name for name in ALERTS if not re.search(rf"alertname: {name}\b", tests)] == []


def test_each_alert_has_its_section_in_the_runbook():
    headings = re.findall(r"^### (\w+)", RUNBOOK.read_text(), re.M)
    assert sorted(headings) == sorted(ALERTS)
    named = re.findall(r"runbook: deploy/runbook.md#(\w+)", RULES.read_text())
    assert named == [name.lower() for name in ALERTS]


def test_the_dashboards_are_what_their_source_makes():
    done = subprocess.run([sys.executable, ROOT / "deploy/grafana/dashboards.py", "--check"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_keeps_the_schema(path):
    jsonschema = pytest.importorskip("jsonschema")
    dashboard = json.loads(path.read_text())
    jsonschema.validate(dashboard, json.loads((ROOT / "deploy/grafana/dashboard.schema.json").read_text()))
    assert dashboard["uid"] == path.stem
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("path", sorted((ROOT / "deploy/grafana/provisioning").rglob("*.yml")), ids=lambda path: path.parent.name)
def test_the_provisioning_can_be_read(path):
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(path.read_text())["apiVersion"] == 1
