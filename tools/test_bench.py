"""The pure parts of tools/bench: rounds, ratios, the table, and what the processes are asked for."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import bench_page  # noqa: E402
import bench_saga  # noqa: E402
import bench_servers  # noqa: E402
import bench_table as bt  # noqa: E402

REPORT = {
    "requests": 1000,
    "per_second": 500.0,
    "by_class": {"2xx": 900, "3xx": 10, "4xx": 80, "5xx": 6},
    "resets": 4,
    "from_monotonic_ns": 1_000_000_000,
    "to_monotonic_ns": 3_000_000_000,
    "latency_us": {"p50": 100.0, "p99": 900.0},
}


def test_a_round_counts_what_went_well_what_was_refused_and_what_failed_apart():
    measured = bt.round_of(REPORT, cpu_ns=1_000_000_000)
    assert (measured.ok, measured.refused, measured.failed) == (910, 80, 10)
    assert measured.cpu_us == 1000
    assert measured.busy == 0.5
    assert measured.p99_us == 900


def test_a_run_without_answers_has_no_latency_and_divides_by_nothing():
    measured = bt.round_of(REPORT | {"requests": 0, "latency_us": None}, cpu_ns=0)
    assert measured.cpu_us == 0 and measured.p99_us == 0


def test_rounds_are_compared_with_their_neighbours():
    assert bt.ratios([10, 30], [10, 20]) == [1.0, 1.5]
    assert bt.ratios([10, 30], [0, 20]) == [1.5]


@pytest.mark.parametrize(("id_", "value", "told"), [
    ("P2", 0.98, "moonshot"), ("P2", 0.91, "yes"), ("P2", 0.89, "no"),
    ("P10", 0.2, "moonshot"), ("P10", 0.9, "yes"), ("P10", 1.1, "no"),
])
def test_more_is_better_for_a_ratio_and_less_for_a_latency(id_, value, told):
    assert bt.is_reached(id_, value) == told


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (12345.6, "12,346"), (31.26, "31.3"), (0.987, "0.99"), (0.0123, "0.012")])
def test_numbers_have_the_figures_that_matter(value, text):
    assert bt.number(value) == text


def test_a_spread_is_median_and_range():
    assert bt.spread([3.0, 1.0, 2.0], "ms") == "2.00 ms (1.00–3.00)"
    assert bt.spread([3.0]) == "3.00"


def test_the_table_is_in_the_goals_order_and_says_what_is_reached():
    results = bt.Results()
    results.add("P12", [4.0], "64 connections")
    results.add("P1", [1.4, 1.5, 1.2])
    results.add("P24", [None])
    lines = bt.goals_table(results.rows).splitlines()
    assert lines[2].startswith("| P1 |") and "1.40 (1.20–1.50)" in lines[2] and "| moonshot |" in lines[2]
    assert lines[3].startswith("| P12 |") and "| no |" in lines[3] and "64 connections" in lines[3]
    assert len(lines) == 4


def test_results_as_json_keep_every_round():
    results = bt.Results()
    results.add("P1", [1.4, 1.5, 1.2])
    results.operations["hold"] = [bt.round_of(REPORT, 1000)]
    told = bt.as_json(results, {"cpu": "some"})
    assert told["goals"][0]["values"] == [1.4, 1.5, 1.2] and told["goals"][0]["reached"] == "moonshot"
    assert told["operations"]["hold"][0]["refused"] == 80


PHASE = {"name": "seats, panning", "p50": 16.7, "p95": 16.8, "p99": 33.0, "longTasks": 1}
PAGE = {
    "ready": [{"what": "the events",
               "visits": [{"readyMs": 900, "interactiveMs": at, "kilobytes": 101} for at in (950, 990, 2100)]},
              {"what": "the theatre", "visits": [{"readyMs": 1, "interactiveMs": 1, "kilobytes": 1}]}],
    "frames": [{"seats": seats, "changesPerSecond": 498.7, "phases": [PHASE, PHASE | {"name": "rows, panning", "p95": 20.0},
                                                                     PHASE | {"name": "zooming", "p95": 50.0}]}
               for seats in (1500, 50_000)],
    "memory": {"changes": 1_800_000, "beforeMb": 21.5, "afterMb": 21.25},
    "weight": [{"what": "first load", "bytes": 102_400}],
    "told": "| as tables |",
}


def test_the_pages_figures_become_rows_each_beside_its_goal():
    results = bt.Results()
    bench_page.add_rows(results, PAGE)
    rows = {row.id: row for row in results.rows}
    assert rows["page-ready"].value == 990 and "101 KiB" in rows["page-ready"].note
    assert rows["page-frame"].values == [20.0] and "33.0" in rows["page-frame"].note
    assert rows["page-heap"].value == 0.0 and "1,800,000" in rows["page-heap"].note
    assert rows["page-weight"].value == 100
    assert len(bt.goals_table(results.rows).splitlines()) == 2 + len(rows)


def test_a_page_that_was_measured_in_part_has_the_rows_it_has():
    results = bt.Results()
    bench_page.add_rows(results, PAGE | {"ready": [], "frames": [], "memory": None})
    assert [row.id for row in results.rows] == ["page-weight"]


def test_quantiles_stay_inside():
    assert bt.quantile([1], 0.99) == 1
    assert bt.quantile(list(range(100)), 0.99) == 99
    assert bt.quantile([3, 1, 2], 0.5) == 2


def test_cpu_time_between_samples_is_interpolated_and_level_outside():
    samples = [(0, 0), (10, 100), (20, 100)]
    assert bench_servers.interpolate(samples, 5) == 50
    assert bench_servers.interpolate(samples, 15) == 100
    assert bench_servers.interpolate(samples, 99) == 100
    assert bench_servers.interpolate(samples, -1) == 0


def test_the_watch_sees_another_process_work():
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        with bench_servers.CpuWatch(busy.pid) as watch:
            begun = time.monotonic_ns()
            while not watch.samples or watch.samples[-1][1] - watch.samples[0][1] < 20_000_000:
                time.sleep(0.01)
            assert watch.between(begun, time.monotonic_ns()) > 0
    finally:
        busy.kill()
        busy.wait()


def test_a_hall_has_as_many_seats_as_asked_and_none_twice(tmp_path):
    plan = tmp_path / "hall.csv"
    bench_servers.write_hall(plan, 12_345)
    lines = plan.read_text().splitlines()
    assert lines[0] == "section,row,seat,x,y,tier" and len(lines) == 12_346
    assert len({tuple(line.split(",")[:3]) for line in lines[1:]}) == 12_345
    assert len({tuple(line.split(",")[3:5]) for line in lines[1:]}) == 12_345


def test_sold_seats_are_read_from_the_stream():
    frame = (b'id: 7\nevent: SEAT_UPDATE\ndata: {"seatId":12,"status":"HELD","version":7}\n\n'
             b'id: 8\nevent: SEAT_UPDATE\ndata: {"seatId":13,"status":"SOLD","version":8}\n\n')
    assert bench_saga.SOLD.findall(frame) == [b"13"]


def test_a_request_has_the_length_of_its_body():
    text = bench_saga.request("POST", "/x", {"a": 1}, "Idempotency-Key: k\r\n").decode()
    assert "Content-Length: 8\r\n\r\n{\"a\": 1}" in text and "Idempotency-Key: k\r\n" in text


def test_help_names_the_chapters():
    bench = Path(__file__).with_name("bench")
    assert os.access(bench, os.X_OK)
    told = subprocess.run([bench, "--help"], capture_output=True, text=True, check=True).stdout
    assert "fan_out" in told and "--quick" in told


def test_missing_binaries_are_named(tmp_path):
    bench = Path(__file__).with_name("bench")
    told = subprocess.run([bench, "--build", tmp_path], capture_output=True, text=True, check=False)
    assert told.returncode != 0 and "make bench" in told.stderr


def test_a_quantile_of_buckets_is_reckoned_as_prometheus_does():
    from bench_engines import bucket_quantile

    buckets = [(0.001, 50), (0.010, 100), (float("inf"), 100)]
    assert bucket_quantile(buckets, 0.5) == pytest.approx(0.001)
    assert bucket_quantile(buckets, 0.75) == pytest.approx(0.0055)
    assert bucket_quantile([(0.001, 1), (float("inf"), 100)], 0.99) == 0.001, "beyond the last bound nothing is known"
    assert bucket_quantile([], 0.99) == 0
