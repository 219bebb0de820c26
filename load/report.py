"""From k6's samples to a report: what a scenario measured, a table, and plots over time (load/run uses it)."""

import collections
import csv
import json
import math
from pathlib import Path

import plots

CALLS = ("hold", "order")
QUANTILES = (50, 95, 99)
REFUSED = ("409", "410", "429")


def quantile(values: list, percent: float) -> float:
    """The nearest-rank quantile of sorted values."""
    return values[max(0, math.ceil(len(values) * percent / 100) - 1)] if values else 0.0


def tags_of(row: dict) -> dict:
    """A row's own columns and the tags that k6 writes into one, as a=b&c=d."""
    extra = dict(pair.split("=", 1) for pair in (row.get("extra_tags") or "").split("&") if "=" in pair)
    return {**row, **extra}


def measured(samples: Path, summary: dict) -> dict:
    """Totals, and series by second since the epoch."""
    durations = {name: [] for name in CALLS}
    by_second = {name: collections.defaultdict(list) for name in CALLS}
    refused = {status: collections.Counter() for status in REFUSED}
    counts, calls, unexpected, ends = collections.Counter(), 0, collections.Counter(), collections.Counter()
    sales = []
    with open(samples, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            metric, value = row["metric_name"], float(row["metric_value"])
            second = int(row["timestamp"]) // 1000
            if metric == "http_req_duration":
                calls += 1
                if row["name"] in durations:
                    durations[row["name"]].append(value)
                    by_second[row["name"]][second].append(value)
            elif metric in ("refusals", "unexpected", "orders_ended"):
                tags = tags_of(row)
                if metric == "refusals":
                    refused[tags["status"]][second] += 1
                elif metric == "unexpected":
                    unexpected[f"{tags['name']} {tags['status']}"] += 1
                else:
                    ends[tags["status"]] += 1
            elif metric == "sale_duration":
                sales.append(value)
            elif metric in ("holds_granted", "sse_events", "dropped_iterations"):
                counts[metric] += int(value)
    for values in durations.values():
        values.sort()
    sales.sort()
    broken = [f"{name}: {rule}" for name, told in summary.get("metrics", {}).items()
              for rule, failed in told.get("thresholds", {}).items() if failed]
    return {
        "calls": calls,
        "latency_ms": {name: {str(q): quantile(values, q) for q in QUANTILES} for name, values in durations.items()},
        "count": {name: len(values) for name, values in durations.items()},
        "granted": counts["holds_granted"],
        "refused": {status: sum(found.values()) for status, found in refused.items()},
        "unexpected": dict(unexpected),
        "ends": dict(ends),
        "sale_ms": {str(q): quantile(sales, q) for q in QUANTILES},
        "stream_events": counts["sse_events"],
        "dropped": counts["dropped_iterations"],
        "broken": broken,
        "latency_series": {name: {str(q): sorted((second, quantile(sorted(values), q)) for second, values in found.items())
                                  for q in QUANTILES} for name, found in by_second.items()},
        "refusal_series": {status: sorted(found.items()) for status, found in refused.items()},
    }


def triple(told: dict, of: int) -> str:
    return " / ".join(f"{told[str(q)]:.1f}" for q in QUANTILES) if of else "–"


def line(one: dict) -> str:
    """One scenario in one line of a terminal."""
    hold, order = one["latency_ms"]["hold"], one["latency_ms"]["order"]
    verdict = "kept" if one["promises_kept"] else "BROKEN: " + "; ".join(one["broken"])
    return (f"  {one['scenario']:<22} {one['calls']:>7} calls  hold p95 {hold['95']:6.1f} ms  order p95 {order['95']:6.1f} ms  "
            f"refused {sum(one['refused'].values()):>6}  unexpected {sum(one['unexpected'].values())}  "
            f"promises {verdict}  audit {'clean' if one['audit_clean'] else 'BREACH'}")


HEADER = """| scenario | form | calls | hold p50 / p95 / p99, ms | order p50 / p95 / p99, ms | granted | 409 / 410 / 429 | unexpected | orders CONFIRMED / CANCELLED / open | seats sold | promises | audit |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def row(one: dict) -> str:
    ends = one["ends"]
    sold = max((value for _, value in one["sold"]), default=0)
    cells = [
        one["scenario"], one["form"], f"{one['calls']:,}",
        triple(one["latency_ms"]["hold"], one["count"]["hold"]), triple(one["latency_ms"]["order"], one["count"]["order"]),
        f"{one['granted']:,}", " / ".join(f"{one['refused'][status]:,}" for status in REFUSED),
        f"{sum(one['unexpected'].values()):,}",
        f"{ends.get('CONFIRMED', 0):,} / {ends.get('CANCELLED', 0):,} / {ends.get('OPEN', 0):,}" if ends else "–",
        f"{sold:,.0f}", "kept" if one["promises_kept"] else "**broken**: " + "; ".join(one["broken"]),
        "clean" if one["audit_clean"] else "**breach**"]
    return "| " + " | ".join(cells) + " |\n"


def shifted(results: list, series) -> list:
    """The points of every scenario of one form, one after the other, with seconds of load as the axis."""
    points, offset = [], 0.0
    for one in results:
        points += [(offset + max(0.0, at - one["began"]), value) for at, value in series(one)]
        points.append((offset + one["seconds"], None))  # a gap: nothing ran between two scenarios
        offset += one["seconds"]
    return points


def bands(results: list) -> list:
    found, offset = [], 0.0
    for one in results:
        found.append((offset, offset + one["seconds"], one["scenario"]))
        offset += one["seconds"]
    return found


def panels(results: list, lines) -> list:
    """A panel a form, so that both stand side by side; `lines`: (label, scenario -> points)."""
    forms = list(dict.fromkeys(one["form"] for one in results))
    found = []
    for form in forms:
        mine = [one for one in results if one["form"] == form]
        found.append({"title": form, "bands": bands(mine), "lines": [(label, shifted(mine, series)) for label, series in lines]})
    return found


def write(folder: Path, results: list, about: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    latency = [(f"{name} p{q}", lambda one, name=name, q=q: one["latency_series"][name][str(q)])
               for name in CALLS for q in (50, 95)]
    refusals = [(status, lambda one, status=status: one["refusal_series"][status]) for status in REFUSED]
    (folder / "latency.svg").write_text(plots.draw(panels(results, latency), "Latency of hold and order, ms", log=True, limit=300),
                                        encoding="utf-8")
    (folder / "refusals.svg").write_text(plots.draw(panels(results, refusals), "Refusals a second, by status"), encoding="utf-8")
    (folder / "sold.svg").write_text(plots.draw(panels(results, [("seats sold", lambda one: one["sold"])]), "Seats sold"),
                                     encoding="utf-8")
    (folder / "memory.svg").write_text(plots.draw(panels(results, [("memory, MB", lambda one: one["memory"])]),
                                                  "Anonymous memory of the office's processes, MB"), encoding="utf-8")
    by_scenario = collections.defaultdict(list)
    for one in results:
        by_scenario[one["scenario"]].append(one)
    text = f"""# Load, {about['when']}

Commit {about['commit']} ({about['version']}); {about['machine']}; generator and office on the same machine, load average at the
end {about['load']}. Command: `{about['command']}`. Promises: p95 of hold and order below 300 ms, unexpected answers below
0.5 %; 409, 410 and 429 are expected. Audit: `onsale audit` over the books after each scenario (oversell, money, tickets, seats).

"""
    text += HEADER + "".join(row(one) for same in by_scenario.values() for one in same)
    events = [(one["form"], one["scenario"], one["stream_events"]) for one in results if one["stream_events"]]
    if events:
        text += "\nEvents told on streams: " + "; ".join(f"{form}, {name}: {count:,}" for form, name, count in events) + ".\n"
    for reason in about["skipped"]:
        text += f"\nNot run: {reason.splitlines()[0]}\n"
    text += "\n![latency](latency.svg)\n\n![refusals](refusals.svg)\n\n![seats sold](sold.svg)\n\n![memory](memory.svg)\n"
    (folder / "report.md").write_text(text, encoding="utf-8")
    kept = [{key: value for key, value in one.items() if key not in ("latency_series", "refusal_series", "sold", "memory")}
            for one in results]
    (folder / "results.json").write_text(json.dumps({**about, "results": kept}, indent=1) + "\n", encoding="utf-8")
