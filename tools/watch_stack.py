"""Prometheus and Jaeger beside an office, for `make watch` and the tests: each in a folder, on loopback ports of its own."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from scaled_stack import ROOT, Broken, Missing, Process, answers, find, free_port, wait_until

RULES = ROOT / "deploy/prometheus/rules/onsale.yml"
CONFIG = ROOT / "deploy/prometheus/prometheus.yml"


def targets_of(folder: Path) -> list:
    """host:port of every internal listener that an office, or a stack of nodes, has written down under `folder`."""
    found = []
    for path in [folder / "endpoints.json", *sorted(folder.glob("*/endpoints.json"))]:
        if path.exists():
            found.append(urllib.parse.urlsplit(json.loads(path.read_text())["internal"]).netloc)
    return found


class Prometheus(Process):
    """The configuration of deploy/prometheus with these targets, and an interval of its own if one is given."""

    def __init__(self, folder: Path, targets: list, port=None, interval=None):
        super().__init__("prometheus", folder)
        self.folder, self.targets, self.port, self.interval = folder, targets, port or free_port(), interval
        self.program = find("prometheus", "prometheus")

    def begin(self) -> "Prometheus":
        text = CONFIG.read_text()
        text = re.sub(r"targets: \[.*\]", f"targets: {json.dumps(self.targets)}", text)
        text = text.replace("- rules/onsale.yml", f"- {RULES}")
        if self.interval:
            text = re.sub(r"(scrape|evaluation)_interval: \w+", rf"\1_interval: {self.interval}", text)
        (self.folder / "prometheus.yml").write_text(text)
        self.start([self.program, f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/prometheus",
                    f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn", "--enable-feature=exemplar-storage"])
        wait_until("prometheus", lambda: answers("127.0.0.1", self.port, "/-/ready"), 60, self.process)
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **query):
        with urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
            told = json.load(answer)
        if told.get("status") != "success":
            raise Broken(f"prometheus: {path} {query}: {told}")
        return told["data"]

    def query(self, expression: str) -> list:
        return self.get("/api/v1/query", query=expression)["result"]

    def alerts(self) -> dict:
        """name -> state of every alert that is pending or firing."""
        return {alert["labels"]["alertname"]: alert["state"] for alert in self.get("/api/v1/alerts")["alerts"]}

    def wait_alert(self, name: str, seconds: float = 60) -> None:
        wait_until(f"alert {name}", lambda: self.alerts().get(name) == "firing", seconds, self.process)


class Jaeger(Process):
    """All in one, in memory. Built from its Go module when it is first wanted (tools/go-tools)."""

    def __init__(self, folder: Path, port=None, otlp_port=None):
        super().__init__("jaeger", folder)
        self.port, self.otlp_port = port or free_port(), otlp_port or free_port()
        built = subprocess.run([ROOT / "tools/go-tools", "jaeger"], capture_output=True, text=True, check=False)
        if built.returncode != 0:
            raise Missing((built.stderr.strip().splitlines() or ["no Jaeger"])[-1])
        self.program = built.stdout.strip()

    def begin(self) -> "Jaeger":
        # Everything that it would open, on loopback; what nobody asks for, on any free port.
        self.start([self.program, "--collector.otlp.enabled=true", f"--collector.otlp.http.host-port=127.0.0.1:{self.otlp_port}",
                    f"--collector.otlp.grpc.host-port=127.0.0.1:{free_port()}", f"--query.http-server.host-port=127.0.0.1:{self.port}",
                    f"--query.grpc-server.host-port=127.0.0.1:{free_port()}", f"--admin.http.host-port=127.0.0.1:{free_port()}",
                    f"--collector.http-server.host-port=127.0.0.1:{free_port()}",
                    f"--collector.grpc-server.host-port=127.0.0.1:{free_port()}"])
        wait_until("jaeger", lambda: answers("127.0.0.1", self.port, "/api/services"), 30, self.process)
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.otlp_port}"

    def trace(self, trace_id: str) -> list:
        """The spans of a trace, as Jaeger's query service tells them; none if it does not know it."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/traces/{trace_id}", timeout=10) as answer:
                data = json.load(answer)["data"]
        except urllib.error.HTTPError:
            return []
        spans = []
        for one in data or []:
            for span in one["spans"]:
                span["service"] = one["processes"][span["processID"]]["serviceName"]
                span["notes"] = {tag["key"]: str(tag["value"]) for tag in span["tags"]}
                spans.append(span)
        return spans

    def wait_trace(self, trace_id: str, holds, seconds: float = 15) -> list:
        """The spans, once holds(spans)."""
        deadline = time.monotonic() + seconds
        while True:
            spans = self.trace(trace_id)
            if holds(spans) or time.monotonic() > deadline:
                return spans
            time.sleep(0.2)
