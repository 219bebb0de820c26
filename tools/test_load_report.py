"""The report of load/run: what it counts from k6's samples, and that its plots say it."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "load"))
import plots  # noqa: E402
import report  # noqa: E402

COLUMNS = "metric_name,timestamp,metric_value,expected_response,name,scenario,status,extra_tags"


def samples(tmp_path, *rows):
    path = tmp_path / "samples.csv"
    path.write_text("\n".join([COLUMNS, *rows]) + "\n")
    return path


def test_refusals_are_counted_apart_from_what_was_not_expected(tmp_path):
    found = report.measured(samples(
        tmp_path,
        "http_req_duration,1000,10.0,true,hold,rush,201,",
        "http_req_duration,1500,30.0,true,hold,rush,409,",
        "holds_granted,1000,1,,,rush,,",
        "refusals,1500,1,,hold,rush,409,name=hold&status=409",
        "unexpected,2100,1,,order,rush,500,name=order&status=500",
        "orders_ended,2500,1,,,rush,,status=CONFIRMED"), {})
    assert found["calls"] == 2 and found["granted"] == 1
    assert found["refused"] == {"409": 1, "410": 0, "429": 0}
    assert found["unexpected"] == {"order 500": 1}
    assert found["ends"] == {"CONFIRMED": 1}
    assert found["latency_ms"]["hold"] == {"50": 10.0, "95": 30.0, "99": 30.0}
    assert found["refusal_series"]["409"] == [(1, 1)]


def test_a_broken_threshold_is_named(tmp_path):
    summary = {"metrics": {"http_req_failed": {"thresholds": {"rate<0.005": True}}, "checks": {"thresholds": {"rate==1": False}}}}
    assert report.measured(samples(tmp_path), summary)["broken"] == ["http_req_failed: rate<0.005"]


def test_quantiles_are_by_nearest_rank():
    values = list(range(1, 101))
    assert [report.quantile(values, q) for q in (50, 95, 99)] == [50, 95, 99]
    assert report.quantile([], 50) == 0.0


def one(form, **other):
    return {"scenario": "rush 50 · hundred", "form": form, "began": 100.0, "seconds": 3.0, "calls": 2,
            "latency_ms": {name: {"50": 1.0, "95": 2.0, "99": 3.0} for name in report.CALLS},
            "count": {"hold": 2, "order": 0}, "granted": 1, "refused": {"409": 1, "410": 0, "429": 0}, "unexpected": {},
            "ends": {}, "sale_ms": {}, "stream_events": 0, "dropped": 0, "broken": [], "promises_kept": True, "audit_clean": True,
            "latency_series": {name: {str(q): [(101, 1.5)] for q in report.QUANTILES} for name in report.CALLS},
            "refusal_series": {"409": [(101, 3)], "410": [], "429": []}, "sold": [(100.5, 0), (101.5, 40)],
            "memory": [(100.5, 20.0)], **other}


def test_both_forms_stand_side_by_side(tmp_path):
    report.write(tmp_path / "out", [one("embedded"), one("scaled", audit_clean=False)],
                 {"when": "now", "commit": "abc", "version": "v", "machine": "m", "load": "0", "command": "make load", "skipped": []})
    text = (tmp_path / "out/report.md").read_text()
    assert text.index("| rush 50 · hundred | embedded") < text.index("| rush 50 · hundred | scaled")
    assert "**breach**" in text
    for name in ("latency", "refusals", "sold", "memory"):
        drawn = ElementTree.parse(tmp_path / f"out/{name}.svg").getroot()
        words = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert "embedded" in words and "scaled" in words


def test_a_gap_is_no_line():
    assert plots.runs([(0, 1.0), (1, None), (2, 3.0), (3, 4.0)]) == [[(0, 1.0)], [(2, 3.0), (3, 4.0)]]


def test_a_name_with_signs_of_its_own_breaks_no_plot():
    drawn = plots.draw([{"title": "a<b", "bands": [(0, 1, "x&y")], "lines": [("<l>", [(0, 1)])]}], "t")
    assert ElementTree.fromstring(drawn) is not None
