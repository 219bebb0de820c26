"""The page's chapter of `make bench`: web/bench/page.ts measures in Chromium, on both cores; here its figures become rows."""

import json
import os
import subprocess
from pathlib import Path

from bench_servers import ALL_CORES
from bench_table import Results, quantile

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAM = "web/bench/page.ts"
BROWSERS = [Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser")]
PANNED_SEATS = 50_000  # the hall that the goal of smooth panning is about


def add_rows(results: Results, told: dict) -> None:
    """`told` is the JSON of web/bench/page.ts."""
    for visits in told["ready"]:
        id_ = {"the events": "page-ready", "the stadium, 50,000 seats": "page-ready-stadium"}.get(visits["what"])
        if id_:
            seen = visits["visits"]
            results.add(id_, [each["interactiveMs"] for each in seen],
                        f"ready after {quantile([each['readyMs'] for each in seen], 0.5):,.0f} ms, "
                        f"{quantile([each['kilobytes'] for each in seen], 0.5):,.0f} KiB")
    for hall in told["frames"]:
        if hall["seats"] == PANNED_SEATS:
            panned = [phase for phase in hall["phases"] if phase["name"].endswith("panning")]
            results.add("page-frame", [max(phase["p95"] for phase in panned)],
                        f"{hall['changesPerSecond']:.0f} changes/s; " + "; ".join(
                            f"{phase['name']}: p50 {phase['p50']:.1f}, p99 {phase['p99']:.1f}, {phase['longTasks']} long tasks"
                            for phase in panned))
    if memory := told["memory"]:
        results.add("page-heap", [max(0.0, memory["afterMb"] - memory["beforeMb"])],
                    f"{memory['changes']:,} changes: {memory['beforeMb']:.1f} → {memory['afterMb']:.1f} MiB")
    if told["weight"]:
        results.add("page-weight", [told["weight"][0]["bytes"] / 1024])


class Page:
    """Part of Bench (bench_measures.py)."""

    def page(self):
        if not any(browser.exists() for browser in BROWSERS):
            self.say("skipped: Chromium is not installed; tools/setup test installs it")
            return
        self.say("the page in a browser: visits, frames, memory")
        out = self.folder / "page.json"
        words = [CHECKOUT / "tools/web", "node", Path(PROGRAM).relative_to("web"), "--json", out]
        subprocess.run([str(word) for word in words + (["--quick"] if self.quick else ["--rounds", self.rounds])],
                       stdout=subprocess.DEVNULL, check=True, env=os.environ | {"ONSALE_BIN": str(self.onsale.resolve())},
                       preexec_fn=lambda: os.sched_setaffinity(0, ALL_CORES))
        told = json.loads(out.read_text())
        add_rows(self.results, told)
        self.results.page = told
