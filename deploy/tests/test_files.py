"""What is shipped, read without running it: the chart, the workflows, the compose files, the units, nginx's configuration."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

CHART = ROOT / "deploy/k8s/onsale"
COMPOSE = ROOT / "deploy/compose"
KUBERNETES = "1.31.0"
EXIT_SKIPPED = 77
CACHE = Path(os.environ.get("ONSALE_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "onsale")


def run(*words, **more) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=600, check=False, **more)


def go_tool(name: str) -> str:
    """Building one takes minutes: in the quick battery (ONSALE_QUICK) only what has been built already is used."""
    if "ONSALE_QUICK" in os.environ and not list((CACHE / "go-tools").glob(f"{name}-*")):
        pytest.skip(f"{name} is not built yet: tools/go-tools {name}")
    done = run(ROOT / "tools/go-tools", name)
    if done.returncode == EXIT_SKIPPED:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PYTHON_TOOLS = {"kubernetes-validate": "1.37.0", "check-jsonschema": "0.39.0"}


def python_tool(name: str) -> Path:
    """A program of a Python package, each in an environment of its own beside the Go tools; the same rule for the quick battery."""
    folder = CACHE / f"{name}-{PYTHON_TOOLS[name]}"
    if not (folder / ".done").exists():
        if "ONSALE_QUICK" in os.environ:
            pytest.skip(f"{name} is not installed yet: tools/test --only ship does it")
        made = run(sys.executable, "-m", "venv", folder)
        made = made if made.returncode else run(folder / "bin/pip", "install", "-q", f"{name}=={PYTHON_TOOLS[name]}")
        if made.returncode:
            pytest.skip(f"{name} {PYTHON_TOOLS[name]} cannot be had: {(made.stderr or made.stdout).strip().splitlines()[-1]}")
        (folder / ".done").touch()
    return folder / "bin" / name


def rendered(*more) -> list:
    done = run(go_tool("helm"), "template", "office", CHART, "--kube-version", KUBERNETES, *more)
    assert done.returncode == 0, done.stderr
    return [resource for resource in yaml.safe_load_all(done.stdout) if resource]


EVERYTHING = ("--set", "ingress.enabled=true", "--set", "serviceMonitor.enabled=true", "--set", "roles.payment.autoscaling.enabled=true")


def test_helm_finds_no_fault_in_the_chart():
    done = run(go_tool("helm"), "lint", "--strict", CHART)
    assert done.returncode == 0, done.stdout


def test_every_resource_of_the_chart_is_what_kubernetes_schemas_allow(tmp_path):
    resources = rendered(*EVERYTHING)
    known = [resource for resource in resources if resource["kind"] != "ServiceMonitor"]  # of an operator's own making: the next test
    assert len(known) == len(resources) - 1
    text = tmp_path / "chart.yaml"
    text.write_text(yaml.safe_dump_all(known))
    done = run(python_tool("kubernetes-validate"), "--strict", "--kubernetes-version", KUBERNETES, text)
    assert done.returncode == 0, done.stdout + done.stderr


def closed(schema):
    """The schema with nothing allowed that it does not name: a cluster drops such fields without a word."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        schema["additionalProperties"] = False
    return schema


def test_the_service_monitor_is_what_the_prometheus_operators_own_schema_allows():
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (Debian package python3-jsonschema)")
    definition = yaml.safe_load(Path(go_tool("servicemonitor")).read_text(encoding="utf-8"))
    assert definition["spec"]["group"] == "monitoring.coreos.com"
    version = next(version for version in definition["spec"]["versions"] if version["name"] == "v1")
    schema = closed(version["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}  # kubernetes' own
    check = jsonschema.Draft202012Validator(schema)

    monitor = next(resource for resource in rendered(*EVERYTHING) if resource["kind"] == "ServiceMonitor")
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    assert [error.message for error in check.iter_errors(monitor)] == []
    for wrong in ({"path": 1}, {"intervall": "5s"}, {"interval": "often"}):
        spec = {**monitor["spec"], "endpoints": [{**monitor["spec"]["endpoints"][0], **wrong}]}
        assert not check.is_valid({**monitor, "spec": spec}), f"{wrong} is seen"

    # It finds the services that have the metrics, by the port's name.
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    found = [resource for resource in rendered(*EVERYTHING) if resource["kind"] == "Service" and wanted <= resource["metadata"]["labels"].items()]
    assert len(found) == 4
    for service in found:
        assert monitor["spec"]["endpoints"][0]["port"] in [port["name"] for port in service["spec"]["ports"]]


def test_the_chart_has_what_a_rolling_upgrade_under_load_needs():
    resources = rendered(*EVERYTHING)
    by_kind = {}
    for resource in resources:
        by_kind.setdefault(resource["kind"], []).append(resource)
    assert {kind: len(found) for kind, found in by_kind.items()} == {
        "ConfigMap": 1, "Deployment": 5, "HorizontalPodAutoscaler": 4, "Ingress": 1, "Job": 1, "NetworkPolicy": 2,
        "PodDisruptionBudget": 5, "Service": 5, "ServiceMonitor": 1}
    for deployment in by_kind["Deployment"]:
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        assert container["readinessProbe"] and container["livenessProbe"] and container["lifecycle"]["preStop"]
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                "capabilities": {"drop": ["ALL"]}}
        assert pod["securityContext"]["runAsNonRoot"] and not pod["enableServiceLinks"] and not pod["automountServiceAccountToken"]
        assert "requests" in container["resources"] and "memory" in container["resources"]["limits"]


def test_the_charts_settings_are_settings_of_the_office():
    from office import run_cli
    printed = run_cli("config").stdout
    known, section = {"ROLES"}, ""
    for line in printed.splitlines():
        if line.startswith("["):
            section = line.strip("[]") + "."
        elif re.match(r"[a-z_]+ =", line):
            known.add((section + line.split(" =")[0]).upper().replace(".", "_"))
    texts = "".join(path.read_text() for path in (CHART / "templates").iterdir()) + (COMPOSE / "compose.yaml").read_text()
    used = set(re.findall(r"\bONSALE_((?:HTTP|DB|REDIS|KAFKA|SECRETS|PEERS|LOG|NODE|PAYMENTS|DATA|HOLDS|ROLES)[A-Z_]*)\b(?!:-)", texts))
    used -= {"DB_MEMORY", "KAFKA_HEAP", "KAFKA_IMAGE", "REDIS_IMAGE"}  # compose.yaml's own
    assert used - known == set()


@pytest.mark.parametrize("wrong", ["image.digest=latest", "engines.db.url=postgres://x", "roles.order.replicas=0", "colour=blue",
                                   "serviceMonitor.interval=often", "settings.lower_case=1"])
def test_values_that_do_not_fit_are_refused_by_name(wrong):
    done = run(go_tool("helm"), "template", "office", CHART, "--kube-version", KUBERNETES, "--set", wrong)
    assert done.returncode != 0 and "values don't meet the specifications" in done.stderr


def test_the_charts_copy_of_nginxs_template_is_the_template():
    assert (CHART / "files/onsale.conf.template").read_bytes() == (ROOT / "deploy/nginx/onsale.conf.template").read_bytes()


def check_nginx(text: str, folder) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed")
    config = folder / "checked.conf"
    config.write_text(re.sub(r"office-[a-z]+:", "127.0.0.1:", text).replace("/run/nginx", str(folder)).replace("/dev/stdout", "/dev/null"))
    (folder / "log").mkdir(exist_ok=True)
    done = run(nginx, "-t", "-c", config, "-e", "/dev/null")
    assert done.returncode == 0, done.stderr


def test_nginx_takes_what_the_chart_renders(tmp_path):
    text = next(resource for resource in rendered() if resource["kind"] == "ConfigMap")["data"]["onsale.conf"]
    assert "${" not in re.sub(r"#.*", "", text)
    check_nginx(text, tmp_path)


def test_nginx_takes_what_office_prepares(tmp_path):
    done = run(ROOT / "deploy/scripts/office", "prepare", env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "ONSALE_STATE": str(tmp_path / "state")})
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "state/nginx/onsale.conf").read_text()
    for number, port in (("11", 8080), ("18", 8081)):
        assert f"server 172.30.77.{number}:{port} max_fails=3" in text
    check_nginx(text, tmp_path)
    for name in ("token.key", "internal.token", "db.password", "db.root.password", "redis.password", "grafana.password"):
        assert re.fullmatch("[0-9a-f]{64}\n", (tmp_path / "state/secrets" / name).read_text())
    assert (tmp_path / "state/secrets/token.key").stat().st_mode & 0o77 == 0
    targets = json.loads((tmp_path / "state/targets/office.json").read_text())
    assert [entry["labels"]["role"] for entry in targets] == ["catalog", "reservation", "payment", "order"]


def test_actionlint_finds_no_fault_in_the_workflows_and_actions_are_pinned():
    done = run(go_tool("actionlint"), *sorted((ROOT / ".github/workflows").glob("*.yml")))
    assert done.returncode == 0, done.stdout
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        uses = re.findall(r"uses: (\S+)(.*)", path.read_text())
        assert uses, path
        for action, comment in uses:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v[\d.]+", comment), f"{action}: which version is that?"
        assert yaml.safe_load(path.read_text())["permissions"] in ({}, {"contents": "read"})


def test_a_units_exposure_is_small_and_systemd_takes_it(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (Debian package systemd)")
    for name in ("onsale.service", "onsale@.service"):
        unit = tmp_path / name
        unit.write_text((ROOT / "deploy/systemd" / name).read_text().replace("/usr/bin/onsale", "/bin/true"))
        done = run("systemd-analyze", "verify", unit)
        assert done.returncode == 0 and name not in done.stderr, done.stderr
        done = run("systemd-analyze", "security", "--offline=true", "--threshold=30", unit)
        assert done.returncode == 0, done.stdout[-400:]


def services(*files) -> dict:
    merged = {}
    for file in files:
        for name, service in yaml.safe_load((COMPOSE / file).read_text())["services"].items():
            merged.setdefault(name, {}).update(service)
    return merged


def test_both_colours_are_the_same_and_every_service_tells_its_health():
    found = services("compose.yaml")
    blue = {name.removeprefix("blue-"): service for name, service in found.items() if name.startswith("blue-")}
    green = {name.removeprefix("green-"): service for name, service in found.items() if name.startswith("green-")}
    assert len(blue) == 8

    def plain(service: dict) -> str:
        return re.sub(r"\.[12](\d)\b", r".\1", json.dumps(service, sort_keys=True).lower().replace("green", "blue"))

    assert {name: plain(service) for name, service in blue.items()} == {name: plain(service) for name, service in green.items()}
    for name, service in found.items():
        if name != "jaeger":  # its image has neither a shell nor a client
            assert "healthcheck" in service, name
    addresses = re.findall(r"\}\.(\d+)\"", (COMPOSE / "compose.yaml").read_text())
    assert len(addresses) == len(set(addresses)) == 21


def test_every_service_has_a_limit_in_production():
    limits = services("compose.prod.yaml")
    for name in services("compose.yaml"):
        if name not in ("migrate", "preview"):
            assert "memory" in limits[name]["deploy"]["resources"]["limits"], name


def test_compose_files_are_what_the_compose_specification_allows():
    for file in COMPOSE.glob("compose*.yaml"):
        done = run(python_tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", file)
        assert done.returncode == 0, done.stdout


def test_the_bill_of_materials_is_spdx():
    done = run(ROOT / "deploy/images/sbom", "onsale", "1.2.3", "2026-01-01T00:00:00Z")
    if shutil.which("dpkg-query") is None:
        pytest.skip("no dpkg here")
    told = json.loads(done.stdout)
    ids = [package["SPDXID"] for package in told["packages"]]
    assert told["spdxVersion"] == "SPDX-2.3" and len(ids) > 50 and len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", one) for one in ids)
    assert {relation["relatedSpdxElement"] for relation in told["relationships"]} == set(ids)
