"""tools/watch_stack.py: where an office's listeners are found."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from watch_stack import targets_of  # noqa: E402


def test_one_office_and_many_nodes_are_found(tmp_path):
    (tmp_path / "endpoints.json").write_text('{"pid":1,"public":"http://127.0.0.1:1","internal":"http://127.0.0.1:2"}')
    for number in (1, 2):
        (tmp_path / f"order-{number}").mkdir()
        (tmp_path / f"order-{number}/endpoints.json").write_text(
            f'{{"pid":1,"public":"http://127.0.0.1:1","internal":"http://127.0.0.1:{40 + number}"}}')
    assert targets_of(tmp_path) == ["127.0.0.1:2", "127.0.0.1:41", "127.0.0.1:42"]


def test_where_none_is_there_is_none(tmp_path):
    assert targets_of(tmp_path) == []
