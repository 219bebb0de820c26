"""What `make bench` makes of its measurements: medians, ratios, the goals' table. Pure, no process is started here."""

from dataclasses import dataclass, field
from statistics import median

# id → (what is divided by what, goal, moonshot, unit, "high" if more is better). The ids and figures are the project's goals.
GOALS = {
    "P1": ("our empty 201 ÷ nginx `return 201`, requests/s", 1.0, 1.3, "", "high"),
    "P1-cpu": ("nginx's CPU-µs ÷ ours, the same two answers", 1.0, 1.3, "", "high"),
    "P2": ("holds/s ÷ our empty answer", 0.90, 0.97, "", "high"),
    "P3": ("refusals/s (409) ÷ our empty answer", 0.95, 0.99, "", "high"),
    "P3-410": ("refusals/s (410) ÷ our empty answer", 0.95, 0.99, "", "high"),
    "P5-hold": ("CPU-µs of a hold: 2,300 ÷ ours", 300, 450, "", "high"),
    "P5-refusal": ("CPU-µs of a refusal: 370 ÷ ours", 300, 450, "", "high"),
    "P5-order": ("CPU-µs of hold + order to its seat event: 31,500 ÷ ours", 300, 450, "", "high"),
    "P5-map-1k": ("CPU-µs of a map of 1,000 seats: 7,400 ÷ ours", 300, 450, "", "high"),
    "P5-map-20k": ("CPU-µs of a map of 20,000 seats: 77,000 ÷ ours", 300, 450, "", "high"),
    "P5-fan-out": ("CPU-µs of one change to 1,000 viewers: 98,000 ÷ ours", 300, 450, "", "high"),
    "P6": ("1,000 buyers at once on 100 seats: p95 of hold and order", 5, 1, "ms", "low"),
    "P7": ("holds/s through Redis ÷ `redis-benchmark` EVALSHA of a bare SET NX EX", 0.7, 1.0, "", "high"),
    "redis-cpu": ("CPU of Redis: a hold ÷ a bare pipelined SET NX EX", 1.3, 1.1, "", "low"),
    "P10": ("hold p99 at 70 % of own capacity, open loop", 1.0, 0.3, "ms", "low"),
    "P12": ("durable orders/s ÷ fdatasync/s", 8, 15, "", "high"),
    "P14": ("orders/s in MariaDB ÷ a bare C client's", 0.8, 0.95, "", "high"),
    "P15": ("POST order → SOLD on a subscriber's socket, p99", 25, 8, "ms", "low"),
    "P16": ("saga of roles, p99 ÷ (2 × commit p99 + Kafka produce → consume p99)", 1.5, 1.0, "", "low"),
    "P17": ("an order's change (its commit included) → Kafka's acknowledgement, p99", 10, 5, "ms", "low"),
    "P18-json": ("seat map, bytes a seat: JSON gzip", 7, 6, "B", "low"),
    "P18-binary": ("seat map, bytes a seat: binary", 0.26, 0.21, "B", "low"),
    "P18-change": ("seat map, bytes a change", 6, 3, "B", "low"),
    "P19": ("map of 50,000 seats/s ÷ nginx static file (JSON)", 0.95, 1.2, "", "high"),
    "P19-gzip": ("map of 50,000 seats/s ÷ nginx static file (gzip)", 0.95, 1.2, "", "high"),
    "P19-304": ("304/s ÷ our empty answer", 0.95, 1.2, "", "high"),
    "P21": ("one change to 10,000 viewers, p99 ÷ a bare send loop's", 1.5, 1.15, "", "low"),
    "P22": ("sends/s at 1,000 changes/s ÷ at 10 changes/s", 1.1, 1.02, "", "low"),
    "P24": ("user-space memory of 10,000 viewers", 10, 2.5, "MB", "low"),
    "P26": ("restart → first correct hold, 1 M sold + 1 M held", 1000, 150, "ms", "low"),
    "page-weight": ("the page: first load, gzip JavaScript", 150, 100, "KiB", "low"),
    "page-ready": ("the page: first visit to the events, interactive (processor ÷ 4, slow 4G)", 2000, 1500, "ms", "low"),
    "page-ready-stadium": ("the page: first visit to the stadium, interactive (processor ÷ 4, slow 4G)", 2000, 1500, "ms", "low"),
    "page-frame": ("the page: frames while panning 50,000 seats, p95 (processor ÷ 4, 500 changes/s)", 17.5, 16.8, "ms", "low"),
    "page-heap": ("the page: growth of its heap over an hour's changes", 1, 0.25, "MiB", "low"),
}

# The system to beat, measured with its four services, Redis, MariaDB and Kafka warmed up: CPU-µs of all its processes.
BEATEN = {"hold": 2300, "refusal": 370, "order": 31500, "map-1k": 7400, "map-20k": 77000, "fan-out": 98000}


@dataclass
class Round:
    """One short run of one kind of request: how fast, at what price, and what became of the requests."""

    per_second: float
    cpu_us: float
    busy: float  # share of the measured time that the server's core was at work for it
    ok: int  # 2xx and 304
    refused: int  # 4xx
    failed: int  # 5xx, resets
    p50_us: float = 0.0
    p99_us: float = 0.0


@dataclass
class Row:
    """A goal and what was measured: one value a round."""

    id: str
    values: list
    note: str = ""
    label: str = ""

    @property
    def value(self) -> float:
        return median(self.values)


@dataclass
class Results:
    rows: list = field(default_factory=list)
    operations: dict = field(default_factory=dict)  # name → [Round]
    growth: list = field(default_factory=list)  # (law, [(x, y)], unit)
    page: dict = field(default_factory=dict)  # as web/bench/page.ts told it

    def add(self, id_, values, note=""):
        values = [value for value in values if value is not None]
        if values:
            self.rows.append(Row(id_, values, note))


def round_of(report: dict, cpu_ns: float) -> Round:
    """A hammer report (backend/rehearsal/report.hpp) and the server's CPU time of the same window."""
    classes = report["by_class"]
    answers = max(1, report["requests"])
    window_ns = max(1, report["to_monotonic_ns"] - report["from_monotonic_ns"])
    latency = report["latency_us"] or {}
    return Round(
        per_second=report["per_second"],
        cpu_us=cpu_ns / 1000 / answers,
        busy=cpu_ns / window_ns,
        ok=classes.get("2xx", 0) + classes.get("3xx", 0),
        refused=classes.get("4xx", 0),
        failed=classes.get("5xx", 0) + report["resets"],
        p50_us=latency.get("p50", 0.0),
        p99_us=latency.get("p99", 0.0),
    )


def ratios(above: list, below: list) -> list:
    """Round by round: what was measured next to each other is compared with each other."""
    return [a / b for a, b in zip(above, below) if b > 0]


def rates(rounds: list) -> list:
    return [each.per_second for each in rounds]


def cpu(rounds: list) -> list:
    return [each.cpu_us for each in rounds]


def is_reached(id_: str, value: float) -> str:
    _, goal, moonshot, _, better = GOALS[id_]
    reaches = (lambda limit: value >= limit) if better == "high" else (lambda limit: value <= limit)
    return "moonshot" if reaches(moonshot) else "yes" if reaches(goal) else "no"


def number(value: float) -> str:
    """Three figures that matter, and no more."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def spread(values: list, unit: str = "") -> str:
    """Median and range."""
    unit = f" {unit}" if unit else ""
    if len(values) == 1:
        return f"{number(values[0])}{unit}"
    return f"{number(median(values))}{unit} ({number(min(values))}–{number(max(values))})"


def table(head: list, rows: list) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def goals_table(rows: list) -> str:
    order = list(GOALS)
    told = []
    for row in sorted(rows, key=lambda each: order.index(each.id)):
        what, goal, moonshot, unit, better = GOALS[row.id]
        sign = "≥" if better == "high" else "≤"
        told.append([row.id, what, spread(row.values, unit), f"{sign} {number(goal)}", f"{sign} {number(moonshot)}",
                     is_reached(row.id, row.value), row.note])
    return table(["id", "ratio or figure", "median (range)", "goal", "moonshot", "reached", "beside it"], told)


def operations_table(operations: dict) -> str:
    told = []
    for name, rounds in operations.items():
        told.append([name, spread(rates(rounds)), spread(cpu(rounds)), f"{median([r.busy for r in rounds]) * 100:.0f} %",
                     number(median([r.p50_us for r in rounds])), number(median([r.p99_us for r in rounds])),
                     f"{sum(r.ok for r in rounds):,}", f"{sum(r.refused for r in rounds):,}", sum(r.failed for r in rounds)])
    return table(["what", "per second", "server CPU-µs each", "server busy", "p50 µs", "p99 µs", "2xx, 304", "4xx", "5xx, resets"],
                 told)


def growth_table(growth: list) -> str:
    told = []
    for law, points, unit in growth:
        told.append([law, " · ".join(f"{int(x):,}: {number(y)}" for x, y in points), unit])
    return table(["law", "at: measured", "unit"], told)


def quantile(values: list, share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def as_json(results: Results, machine: dict) -> dict:
    return {
        "machine": machine,
        "goals": [{"id": row.id, "what": GOALS[row.id][0], "median": row.value, "values": row.values, "goal": GOALS[row.id][1],
                   "moonshot": GOALS[row.id][2], "unit": GOALS[row.id][3], "reached": is_reached(row.id, row.value),
                   "note": row.note} for row in results.rows],
        "operations": {name: [vars(each) for each in rounds] for name, rounds in results.operations.items()},
        "growth": [{"law": law, "points": points, "unit": unit} for law, points, unit in results.growth],
        "page": results.page,
    }
