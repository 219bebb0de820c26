"""The command line: every verb explains itself, and what cannot be done is one clear line and exit 1."""

import json
import socket
import sqlite3

import pytest

from client import CATALOG, Buyer, Public
from office import to_flags

VERBS = ("serve", "import", "export", "audit", "rehearse", "config", "version")


def one_clear_line(ended, *words, code=1):
    assert ended.returncode == code, f"exit code {ended.returncode}: {ended.stdout}{ended.stderr}"
    lines = [line for line in ended.stderr.splitlines() if line.strip() and " info " not in line]  # the log is none of it
    assert len(lines) == 1, ended.stderr
    for word in words:
        assert word.lower() in lines[0].lower(), f"{word!r} is not in {lines[0]!r}"


def test_help_lists_every_verb(cli):
    ended = cli("--help")
    assert ended.returncode == 0
    assert all(verb in ended.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(cli, verb):
    ended = cli(verb, "--help")
    assert ended.returncode == 0 and ended.stderr == ""
    assert verb in ended.stdout and len(ended.stdout.splitlines()) >= 3


def test_version(cli):
    ended = cli("version")
    assert ended.returncode == 0 and ended.stdout.strip()


def test_an_unknown_verb_or_flag_is_told(cli, tmp_path):
    for words in (("sell",), ("serve", "--no-such-flag"), ("audit", "--data-dir", tmp_path, "--colour", "red"), ("import",)):
        ended = cli(*words)
        assert ended.returncode not in (0, 98) and ended.returncode > 0
        assert ended.stderr.strip() and len(ended.stderr.strip().splitlines()) <= 5


@pytest.mark.parametrize("setting, word", [
    (("http.port", "70000"), "port"), (("http.port", "x"), "port"), (("holds.seconds_min", "-1"), "seconds_min"),
    (("holds.seconds_min", "1000"), "seconds_min"), (("limits.seats_per_buyer", "0"), "seats_per_buyer"),
    (("limits.seats_per_buyer", "17"), "seats_per_buyer"), (("payments.mock.success_share", "1.5"), "success_share"),
    (("http.address", "not-an-address"), "address"), (("payments.mock.delay", "sometimes"), "delay"),
    (("errors.content_type", "text/plain"), "content_type")])
def test_a_bad_setting_is_one_clear_line(cli, tmp_path, setting, word):
    one_clear_line(cli("serve", "--data-dir", tmp_path / "data", f"--{setting[0]}", setting[1]), word)


def test_a_busy_port_is_one_clear_line(cli, tmp_path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        ended = cli("serve", "--data-dir", tmp_path / "data", "--http.address", "127.0.0.1", "--port", port, "--internal-port", 0)
        one_clear_line(ended, str(port))


def test_another_office_on_the_same_port_is_told_too(start_office, cli, tmp_path):
    """SO_REUSEPORT would let two offices share a port and each get half of the buyers."""
    office = start_office()
    ended = cli("serve", "--data-dir", tmp_path / "other", "--http.address", "127.0.0.1", "--port", office.port, "--internal-port", 0)
    one_clear_line(ended, str(office.port))


def test_two_offices_on_one_data_folder_are_refused(start_office, cli):
    office = start_office()
    ended = cli("serve", "--data-dir", office.data_dir, "--http.address", "127.0.0.1", "--port", 0, "--internal-port", 0)
    one_clear_line(ended, str(office.data_dir))
    assert Buyer(office).hold(1, 1).status == 201, "the first one does not notice"


def test_a_folder_that_cannot_be_made_is_one_clear_line(cli, tmp_path):
    (tmp_path / "file").write_text("")
    one_clear_line(cli("serve", "--data-dir", tmp_path / "file" / "data", "--port", 0, "--internal-port", 0), "file")


def test_a_token_key_that_is_none_is_told(start_office, cli):
    office = start_office()
    assert office.stop() == 0
    (office.data_dir / "token.key").write_text("short")
    ended = cli("serve", "--data-dir", office.data_dir, "--port", 0, "--internal-port", 0)
    one_clear_line(ended, "token.key")
    office.process = None


def test_config_print_tells_every_setting_and_no_secret(cli, start_office):
    ended = cli("config", "--print")
    assert ended.returncode == 0
    for key in ("holds", "seats_per_buyer", "deadline_ms", "success_share", "header_time_ms", "viewers_max"):
        assert key in ended.stdout
    changed = cli("config", "--print", *to_flags({"limits.seats_per_buyer": 3}))
    assert changed.returncode == 0 and changed.stdout != ended.stdout
    assert start_office().internal_token not in changed.stdout


def test_audit_of_a_sold_office_counts_and_exits_0(start_office):
    office = start_office()
    buyer = Buyer(office)
    assert buyer.buy(1, [1, 4])["status"] == "CONFIRMED"
    buyer.hold(1, 7)
    assert office.stop() == 0
    audit = office.assert_audit_clean()
    for invariant in ("I1", "I2", "I3", "I4", "I5", "I11"):
        assert invariant in audit.stdout


def test_audit_of_no_office_is_one_clear_line(cli, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    one_clear_line(cli("audit", "--data-dir", empty), str(empty))
    assert list(empty.iterdir()) == [], "an audit makes nothing"
    one_clear_line(cli("audit", "--data-dir", tmp_path / "nowhere"), "nowhere")
    (empty / "office.sqlite").write_text("this is not a database")
    ended = cli("audit", "--data-dir", empty)
    assert ended.returncode == 1 and ended.stderr.strip()


def test_audit_finds_a_seat_that_was_sold_without_money(start_office):
    """The checker is checked: a breach planted in the books is found and named."""
    office = start_office()
    order = Buyer(office).buy(1, [1, 4])
    assert order["status"] == "CONFIRMED" and office.stop() == 0
    office.assert_audit_clean()
    with sqlite3.connect(office.data_dir / "provider.sqlite") as books:
        assert books.execute("DELETE FROM movements WHERE operation = 2").rowcount == 1  # the capture
    books.close()
    audit = office.audit()
    assert audit.returncode == 1 and "I2" in audit.stdout + audit.stderr
    office.process = None


def test_audit_finds_an_order_that_was_lost(start_office):
    office = start_office()
    assert Buyer(office).buy(1, [1, 4])["status"] == "CONFIRMED" and office.stop() == 0
    with sqlite3.connect(office.data_dir / "office.sqlite") as store:
        assert store.execute("DELETE FROM claims").rowcount == 2
    store.close()
    audit = office.audit()
    assert audit.returncode == 1 and ("I4" in audit.stdout + audit.stderr or "I1" in audit.stdout + audit.stderr)
    office.process = None


def test_audit_of_a_running_office_says_so(start_office):
    office = start_office()
    ended = office.audit()
    assert ended.returncode in (0, 1) and "onsale: bug" not in ended.stderr
    if ended.returncode == 1:
        assert "running" in ended.stderr.lower() or "in use" in ended.stderr.lower() or "lock" in ended.stderr.lower()


def test_the_log_tells_a_new_ledger_from_one_restored(start_office):
    office = start_office(fresh=True)
    assert "new ledger" in office.log_tail(50) and "restored" not in office.log_tail(50)
    office.kill()
    office.start()
    assert "restored clean=no epoch=1" in office.log_tail(50)


def test_a_second_start_finds_everything_as_it_was(start_office):
    office = start_office(fresh=True)
    events = Public(office).events()
    assert [event["seatCount"] for event in events[:3]] == [100, 100, 100]
    assert any(1_000 <= event["seatCount"] <= 2_000 for event in events), "a theatre"
    assert any(event["seatCount"] == 50_000 for event in events), "a stadium"
    for number in (1, 2, 3):
        seats = Public(office).seat_map(number)["seats"]
        assert [seat["id"] for seat in seats] == [3 * k + number for k in range(100)]
        assert all(seat["price"] == 50000 + seat["c"] * 1000 for seat in seats)
    office.restart()
    assert Public(office).events() == events


def test_endpoints_are_written_down_when_ready(start_office):
    office = start_office()
    told = json.loads((office.data_dir / "endpoints.json").read_text())
    assert told["pid"] == office.pid and told["public"].endswith(str(office.port))


def test_rehearse_sells_an_event_and_gives_its_verdict(start_office, cli, tmp_path):
    office = start_office({"payments.mock.success_share": 0.9, "payments.mock.seed": 3})
    report = tmp_path / "report.json"
    ended = cli("rehearse", office.url, "--event", 1, "--buyers", 150, "--seconds", 4, "--think-ms", 50, "--order-think-ms", 50,
                "--quiet", "--report", report, timeout=120)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    told = json.loads(report.read_text())
    assert told
    assert office.stop() == 0
    office.assert_audit_clean()


def test_rehearse_of_nobody_is_one_clear_line(cli):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one_clear_line(cli("rehearse", f"http://127.0.0.1:{port}", "--buyers", 1, "--quiet", timeout=60), str(port), code=2)


def test_the_access_log_tells_one_line_a_sampled_request(start_office):
    office = start_office({"log.access_sample": 1, "log.format": "json"})
    buyer = Buyer(office)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert buyer.request("GET", f"{CATALOG}/events/1", None, {"Trace-Id": trace}).status == 200
    assert office.stop() == 0
    told = [json.loads(line) for line in office.log().splitlines() if '"access"' in line]
    mine = [line for line in told if line["trace"] == trace]
    assert len(mine) == 1 and (mine[0]["route"], mine[0]["status"]) == ("getEvent", "200")
    assert "v1." not in office.log(), "no token in the log"
