"""Halls for the import tests: small plans made here, and the real arena of examples/halls."""

import copy
import json
from pathlib import Path

from office import ROOT, run_cli

ARENA = ROOT / "examples" / "halls" / "riethsporthalle.json"
ARENA_SEATS = 1252


def plan(rows=2, seats=5, category="Front") -> dict:
    """A small pretix seating plan: one zone, `rows` rows of `seats` seats."""
    return {
        "name": "Little Hall", "size": {"width": 300, "height": 200},
        "categories": [{"name": category, "color": "#123456"}, {"name": "Back", "color": "#654321"}],
        "zones": [{
            "name": "Stalls", "position": {"x": 10, "y": 20}, "areas": [
                {"shape": "rectangle", "position": {"x": 0, "y": 0}, "rectangle": {"width": 100, "height": 10}, "color": "#eee",
                 "border_color": "#000", "text": {"text": "Stage", "position": {"x": 50, "y": 5}, "color": "#000", "size": 10}}],
            "rows": [{
                "row_number": str(row + 1), "row_number_position": "both", "position": {"x": 0, "y": 20 * row},
                "seats": [{"seat_guid": f"r{row}s{seat}", "seat_number": str(seat + 1), "position": {"x": 15 * seat, "y": 0},
                           "category": category if row == 0 else "Back"} for seat in range(seats)],
            } for row in range(rows)],
        }],
    }


def changed(original: dict, change) -> dict:
    """A copy of a plan after `change(copy)`."""
    copied = copy.deepcopy(original)
    change(copied)
    return copied


def write(path: Path, content) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def import_plan(data_dir, path, **options):
    """`onsale import`, with {"on_sale_at": …} as --on-sale-at …; lists repeat the option."""
    words = ["import", path, "--data-dir", data_dir]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            words += [f"--{name.replace('_', '-')}", one]
    return run_cli(*words)


def event_called(public, title):
    """The newest event with that title."""
    return max((event for event in public.events() if event["title"] == title), key=lambda event: event["id"])
