"""Importing halls: the real arena, small plans, CSV; what a re-import keeps; how bad files are told."""

import json
import shutil

import pytest

from client import CATALOG, Buyer, Public
from halls import ARENA, ARENA_SEATS, changed, event_called, import_plan, plan, write
from promise import check

PRICES = ["Front=45000", "Back=30000"]


def imported(office, path, **options):
    """Imports into a running office and returns the event."""
    ended = import_plan(office.data_dir, path, **options)
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return event_called(Public(office), options.get("title", "Little Hall"))


def test_the_arena_is_imported_priced_and_sold(start_office):
    office = start_office()
    categories = ("Kategorie I", "Kategorie II", "Kategorie III", "Fanblock", "C unten", "VIP")
    prices = [f"{name}={10000 * (number + 1)}" for number, name in enumerate(categories)]
    event = imported(office, ARENA, title="Derby", price=prices)
    assert event["seatCount"] == ARENA_SEATS and event["status"] == "ON_SALE"
    assert (event["minPrice"], event["maxPrice"]) == (10000, 60000)
    public = Public(office)
    seats = public.seat_map(event["id"])["seats"]
    assert len(seats) == ARENA_SEATS and {seat["status"] for seat in seats} == {"AVAILABLE"}
    assert [seat["id"] for seat in seats] == [event["id"] * 1_000_000 + 1 + n for n in range(ARENA_SEATS)]
    path = f"{CATALOG}/events/{event['id']}/layout"
    layout = public.get(path)
    check("GET", path, layout)
    placed = [seat for section in layout.json["sections"] for row in section["rows"] for seat in row["seats"]]
    assert len(placed) == ARENA_SEATS
    source = json.loads(ARENA.read_text())
    wheelchairs = sum(bool(seat.get("wheelchair")) for zone in source["zones"] for row in zone["rows"] for seat in row["seats"])
    assert sum(bool(seat.get("wheelchair")) for seat in placed) == wheelchairs > 0
    assert {tier["name"]: tier["price"] for tier in layout.json["tiers"]} == {
        name: 10000 * (number + 1) for number, name in enumerate(categories)}
    buyer = Buyer(office)
    order = buyer.buy(event["id"], [seats[0]["id"], seats[1]["id"]])
    assert order["status"] == "CONFIRMED" and order["amount"] == seats[0]["price"] + seats[1]["price"]
    assert all(ticket["section"] and ticket["row"] and ticket["seat"] for ticket in order["tickets"])
    assert office.stop() == 0
    office.assert_audit_clean()


def test_an_import_into_a_stopped_office_is_on_sale_at_the_next_start(start_office, tmp_path):
    office = start_office()
    assert office.stop() == 0
    ended = import_plan(office.data_dir, write(tmp_path / "plan.json", plan()), price=PRICES)
    assert ended.returncode == 0, ended.stderr
    office.start()
    event = event_called(Public(office), "Little Hall")
    assert event["seatCount"] == 10
    assert Buyer(office).buy(event["id"], event["id"] * 1_000_000 + 1)["amount"] == 45000


def test_positions_nest(start_office, tmp_path):
    office = start_office()
    event = imported(office, write(tmp_path / "plan.json", plan()), price=PRICES)
    layout = Public(office).get(f"{CATALOG}/events/{event['id']}/layout").json
    seat = layout["sections"][0]["rows"][1]["seats"][3]
    assert (seat["x"], seat["y"]) == (10 + 0 + 45, 20 + 20 + 0), "zone + row + seat"
    assert layout["sections"][0]["areas"], "decoration is kept"


def test_unknown_extra_keys_are_tolerated(start_office, tmp_path):
    office = start_office()
    def add(hall):
        hall["generator"] = {"by": "someone"}
        hall["zones"][0]["colour_scheme"] = [1, 2]
        hall["zones"][0]["rows"][0]["seats"][0]["tooltip"] = {"a": None}
    event = imported(office, write(tmp_path / "plan.json", changed(plan(), add)), price=PRICES)
    assert event["seatCount"] == 10


def test_a_csv_is_a_hall_too(start_office, tmp_path):
    office = start_office()
    lines = ["section,row,seat,x,y,tier"] + [f'"Block, A",{row},{seat},{seat * 10},{row * 10},Front' for row in (1, 2) for seat in range(1, 6)]
    event = imported(office, write(tmp_path / "hall.csv", "\n".join(lines) + "\n"), title="From a table", price=["Front=1000"])
    assert event["seatCount"] == 10 and event["minPrice"] == 1000
    layout = Public(office).get(f"{CATALOG}/events/{event['id']}/layout").json
    assert layout["sections"][0]["name"] == "Block, A"


BAD_PLANS = {
    "not json": "{",
    "not an object": "[]",
    "no zones": changed(plan(), lambda hall: hall.pop("zones")),
    "zones that are none": changed(plan(), lambda hall: hall.update(zones={})),
    "a guid twice": changed(plan(), lambda hall: hall["zones"][0]["rows"][0]["seats"][1].update(seat_guid="r0s0")),
    "no guid": changed(plan(), lambda hall: hall["zones"][0]["rows"][1]["seats"][2].pop("seat_guid")),
    "a category that is none": changed(plan(), lambda hall: hall["zones"][0]["rows"][1]["seats"][2].update(category="Nowhere")),
    "a position of text": changed(plan(), lambda hall: hall["zones"][0]["rows"][1]["seats"][2].update(position={"x": "a", "y": 0})),
    "a number that is none": changed(plan(), lambda hall: hall["zones"][0]["rows"][1]["seats"][2].update(seat_number=[])),
    "no seats at all": changed(plan(), lambda hall: hall["zones"][0].update(rows=[])),
}


@pytest.mark.parametrize("what", list(BAD_PLANS))
def test_a_bad_plan_names_the_fault_and_changes_nothing(start_office, tmp_path, what):
    office = start_office()
    before = Public(office).events()
    ended = import_plan(office.data_dir, write(tmp_path / "plan.json", BAD_PLANS[what]), price=PRICES)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stderr.strip() and "Traceback" not in ended.stderr and "terminate" not in ended.stderr
    if what in ("no guid", "a category that is none", "a position of text", "a number that is none"):
        assert "zones" in ended.stderr and "2" in ended.stderr, f"the path of the fault: {ended.stderr}"
    assert Public(office).events() == before


def test_a_csv_fault_names_its_line(start_office, tmp_path):
    office = start_office()
    text = "section,row,seat,x,y,tier\nA,1,1,0,0,Front\nA,1,2,zero,0,Front\n"
    ended = import_plan(office.data_dir, write(tmp_path / "hall.csv", text), price=["Front=1000"])
    assert ended.returncode == 1 and "line 3" in ended.stderr


def test_a_file_that_is_not_there_is_one_clear_line(start_office, tmp_path):
    office = start_office()
    ended = import_plan(office.data_dir, tmp_path / "nowhere.json")
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1 and "nowhere.json" in ended.stderr


def test_a_re_import_keeps_sold_seats_and_their_ids(start_office, tmp_path):
    office = start_office()
    path = write(tmp_path / "plan.json", plan())
    event = imported(office, path, price=PRICES)["id"]
    buyer, first = Buyer(office), event * 1_000_000 + 1
    assert buyer.buy(event, first)["status"] == "CONFIRMED"
    # the plan grows by a row, a seat moves, prices change
    def grow(hall):
        hall["zones"][0]["rows"][1]["seats"][0]["position"]["x"] = 7
    write(path, changed(plan(rows=3), grow))
    ended = import_plan(office.data_dir, path, event=event, price=["Front=50000", "Back=35000"])
    assert ended.returncode == 0, ended.stderr
    public = Public(office)
    seats = public.seat_map(event)["seats"]
    assert len(seats) == 15 and seats[0]["id"] == first and seats[0]["status"] == "SOLD"
    assert [seat["id"] for seat in seats] == [first + n for n in range(15)], "a kept seat keeps its id"
    assert public.event(event)["seatCount"] == 15 and public.event(event)["minPrice"] == 35000
    assert buyer.orders()[0]["amount"] == 45000, "what was sold keeps its price"
    assert buyer.buy(event, first + 14)["status"] == "CONFIRMED"
    office.kill()
    office.start()
    assert Public(office).statuses(event)[first] == "SOLD" and Public(office).statuses(event)[first + 14] == "SOLD"
    assert office.stop() == 0
    office.assert_audit_clean()


def test_a_re_import_without_a_sold_seat_is_refused_with_the_reason(start_office, tmp_path):
    office = start_office()
    path = write(tmp_path / "plan.json", plan())
    event = imported(office, path, price=PRICES)["id"]
    buyer = Buyer(office)
    assert buyer.buy(event, event * 1_000_000 + 1)["status"] == "CONFIRMED"
    before = Public(office).get(f"{CATALOG}/events/{event}/seats").body
    write(path, changed(plan(), lambda hall: hall["zones"][0]["rows"][0]["seats"].pop(0)))
    ended = import_plan(office.data_dir, path, event=event, price=PRICES)
    assert ended.returncode == 1 and "sold" in ended.stderr.lower()
    assert Public(office).get(f"{CATALOG}/events/{event}/seats").body == before, "nothing has changed"


def test_a_re_import_without_a_free_seat_takes_it_off_sale(start_office, tmp_path):
    office = start_office()
    path = write(tmp_path / "plan.json", plan())
    event = imported(office, path, price=PRICES)["id"]
    first = event * 1_000_000 + 1
    write(path, changed(plan(), lambda hall: hall["zones"][0]["rows"][0]["seats"].pop(0)))
    ended = import_plan(office.data_dir, path, event=event, price=PRICES)
    assert ended.returncode == 0, ended.stderr
    assert Buyer(office).hold(event, first).status in (404, 409), "a seat that is no longer there cannot be held"
    assert Buyer(office).buy(event, first + 1)["status"] == "CONFIRMED"


def test_a_retired_seat_stays_off_sale_whatever_is_lost_of_the_journal(start_office, tmp_path):
    office = start_office()
    path = write(tmp_path / "plan.json", plan())
    event = imported(office, path, price=PRICES)["id"]
    write(path, changed(plan(), lambda hall: hall["zones"][0]["rows"][0]["seats"].pop(0)))
    assert import_plan(office.data_dir, path, event=event, price=PRICES).returncode == 0
    office.kill()
    shutil.rmtree(office.data_dir / "journal")
    # the next thing that opens the seats is an import into the stopped office
    ended = import_plan(office.data_dir, write(tmp_path / "other.json", plan()), title="Other", price=PRICES)
    assert ended.returncode == 0, ended.stderr
    office.start()
    statuses = Public(office).statuses(event)
    assert statuses[event * 1_000_000 + 1] == "BLOCKED" and list(statuses.values()).count("AVAILABLE") == 9


def test_export_gives_back_what_was_imported(start_office, tmp_path, cli):
    office = start_office()
    event = imported(office, ARENA, title="Derby", default_price="20000")["id"]
    out = tmp_path / "out.json"
    ended = cli("export", event, "--data-dir", office.data_dir, "--output", out)
    assert ended.returncode == 0, ended.stderr
    source, told = json.loads(ARENA.read_text()), json.loads(out.read_text())

    def guids(hall):
        return [seat["seat_guid"] for zone in hall["zones"] for row in zone["rows"] for seat in row["seats"]]
    assert sorted(guids(told)) == sorted(guids(source))
    again = imported(office, out, title="Derby again", default_price="20000")
    assert again["seatCount"] == ARENA_SEATS
