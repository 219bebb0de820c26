"""Is a rehearsal's verdict worth anything? It must find each fault that a crooked office has, and none in an honest one."""

import json

import pytest

from crooked_office import FAULTS, CrookedOffice

CROWD = ("--buyers", 120, "--seconds", 2, "--viewers", 5, "--think-ms", 30, "--order-think-ms", 60, "--retry-order", 0.5,
         "--extend", 0.5, "--hold-seconds", 30, "--quiet")
CROWDS = 3


def rehearse(cli, office, tmp_path, *more):
    report = tmp_path / "report.json"
    ended = cli("rehearse", office.url, *CROWD, *more, "--report", report, timeout=120)
    assert ended.returncode in (0, 1), ended.stdout + ended.stderr
    return ended.returncode, json.loads(report.read_text())


def test_an_honest_office_has_a_clean_verdict(cli, tmp_path):
    with CrookedOffice() as office:
        code, told = rehearse(cli, office, tmp_path)
    assert code == 0 and told["verdict"]["clean"], told["verdict"]
    assert told["confirmed"] > 10 and told["replays_identical"] > 5
    assert told["refusals"] and told["verdict"]["refusals_judged"] > 10
    assert told["audience"]["checked"] == 6


@pytest.mark.parametrize("fault", FAULTS)
def test_each_broken_promise_is_found(cli, tmp_path, fault):
    """An office strikes by chance, and on a busy machine a crowd may give it no occasion: then another crowd comes."""
    for _ in range(CROWDS):
        with CrookedOffice(fault) as office:
            code, told = rehearse(cli, office, tmp_path)
        if told["verdict"][FAULTS[fault]] > 0:
            break
    assert code == 1 and told["verdict"][FAULTS[fault]] > 0, told["verdict"]
