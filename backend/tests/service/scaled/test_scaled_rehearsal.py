"""A rehearsed crowd against the whole of it, through nginx: the verdict is clean, the books agree, no node ended."""

import json

import pytest


@pytest.mark.parametrize("fast_path", ["on", "off"])
def test_a_crowd_is_served_without_a_broken_promise(scaled_office, cli, tmp_path, fast_path):
    office = scaled_office.configure({"saga.fast_path": fast_path == "on", "payments.mock.success_share": 0.8,
                                      "payments.mock.delay": "lognormal", "payments.mock.delay_ms": 50})
    office.reset()
    report = tmp_path / "report.json"
    ended = cli("rehearse", office.url, "--event", 4, "--buyers", 300, "--seconds", 15, "--viewers", 20, "--think-ms", 50,
                "--order-think-ms", 100, "--retry-order", 0.3, "--extend", 0.3, "--quiet", "--report", report, timeout=300)
    told = json.loads(report.read_text()) if report.exists() else None
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert told["verdict"]["clean"], told["verdict"]
    assert told["confirmed"] > 50
    office.assert_audit_clean()


def test_nodes_are_restarted_one_by_one_under_a_crowd(scaled_office, cli, tmp_path):
    """A rolling restart: nothing fails but what the contract calls 503, and the books agree."""
    import subprocess
    import time

    from office import BINARY, environment

    office = scaled_office.configure({})
    office.reset()
    report = tmp_path / "report.json"
    words = [BINARY, "rehearse", office.url, "--event", 4, "--buyers", 100, "--seconds", 40, "--viewers", 10, "--think-ms", 100,
             "--order-think-ms", 100, "--quiet", "--report", report]
    crowd = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             env=environment())
    time.sleep(3)
    for node in office.stack.all_nodes():
        assert node.stop() == 0, node.log_tail()
        node.begin()
        node.wait_ready()
    out, _ = crowd.communicate(timeout=200)
    told = json.loads(report.read_text())
    assert crowd.returncode == 0 and told["verdict"]["clean"], out
    office.assert_audit_clean()
