"""tools/layering.py on small trees, each with one thing planted in it."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).with_name("layering.py")


class Tree:
    def __init__(self, checkout: Path):
        self.checkout = checkout
        self.add("base/result.hpp")
        self.add("domain/seat/decide.hpp", '#include "base/result.hpp"')
        self.add("runtime/task.hpp")
        self.add("ports/seat_ledger.hpp", '#include "domain/seat/decide.hpp"', '#include "runtime/task.hpp"')

    def add(self, path: str, *lines: str, opening: str = "// Why this file exists.") -> None:
        file = self.checkout / "backend" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([opening, *lines]) + "\n")

    def breaches(self) -> list:
        done = subprocess.run([sys.executable, str(TOOL), str(self.checkout)], capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        assert done.returncode == (1 if lines else 0), done.stderr
        return lines


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_tidy_tree_has_no_breach(tree):
    tree.add("services/order/place.cpp", '#include "ports/seat_ledger.hpp"', '#include "runtime/task.hpp"', "#include <vector>")
    tree.add("runtime/http/server.cpp", "#include <boost/beast/core.hpp>", '#include "runtime/task.hpp"')
    tree.add("app/main.cpp", '#include "ports/seat_ledger.hpp"', '#include "adapters/sqlite/store.hpp"')
    tree.add("adapters/sqlite/store.hpp", "#include <sqlite3.h>")
    assert tree.breaches() == []


@pytest.mark.parametrize("path, include, told", [
    ("base/ids.cpp", '"domain/seat/decide.hpp"', "folder base may not include domain"),
    ("domain/seat/seat.cpp", '"runtime/task.hpp"', "folder domain may not include runtime"),
    ("domain/seat/seat.cpp", "<boost/json.hpp>", "folder domain may not include json"),
    ("runtime/loop.cpp", '"domain/seat/decide.hpp"', "folder runtime may not include domain"),
    ("runtime/loop.cpp", "<boost/beast/http.hpp>", "folder runtime may not include beast"),
    ("runtime/http/server.hpp", "<boost/beast/http.hpp>", "Beast stays in runtime/http/*.cpp"),
    ("ports/clock.hpp", "<boost/asio.hpp>", "folder ports may not include asio"),
    ("ports/store.hpp", "<sqlite3.h>", "folder ports may not include sqlite"),
    ("services/order/place.cpp", '"adapters/sqlite/store.hpp"', "folder services/order may not include adapters/sqlite"),
    ("services/order/place.cpp", '"services/payment/pay.hpp"', "folder services/order may not include services/payment"),
    ("services/order/place.cpp", '"api/routes/orders.hpp"', "folder services/order may not include api"),
    ("api/routes/orders.cpp", '"adapters/memory/store.hpp"', "folder api may not include adapters/memory"),
    ("api/routes/orders.cpp", "<boost/beast/http.hpp>", "folder api may not include beast"),
    ("adapters/sqlite/store.cpp", '"services/order/place.hpp"', "folder adapters/sqlite may not include services/order"),
    ("adapters/sqlite/store.cpp", '"adapters/memory/store.hpp"', "folder adapters/sqlite may not include adapters/memory"),
    ("adapters/redis/ledger.cpp", '"api/wire_errors.hpp"', "folder adapters/redis may not include api"),
    ("rehearsal/buyer.cpp", '"ports/clock.hpp"', "folder rehearsal may not include ports"),
    ("ports/clock.hpp", '"app/config.hpp"', "folder ports may not include app"),
])
def test_a_planted_include_is_named_with_its_line(tree, path, include, told):
    tree.add(path, "", f"#include {include}")
    (breach,) = tree.breaches()
    assert breach.startswith(f"backend/{path}:3: ")
    assert told in breach


def test_a_relative_include_cannot_hide(tree):
    tree.add("domain/seat/seat.cpp", '#include "../../runtime/task.hpp"')
    (breach,) = tree.breaches()
    assert "folder domain may not include runtime" in breach


def test_a_unit_test_may_use_helpers_and_memory_adapters_but_no_more(tree):
    tree.add("services/order/place_test.cpp", '#include "adapters/memory/store.hpp"', '#include "tests/support/clock.hpp"',
             "#include <gtest/gtest.h>")
    assert tree.breaches() == []
    tree.add("services/order/place_test.cpp", '#include "adapters/sqlite/store.hpp"')
    assert len(tree.breaches()) == 1


def test_using_namespace_in_a_header(tree):
    tree.add("base/names.hpp", "using namespace std;")
    (breach,) = tree.breaches()
    assert breach.startswith("backend/base/names.hpp:2: 'using namespace'")


def test_using_namespace_in_a_source_is_that_files_own_business(tree):
    tree.add("base/names.cpp", "using namespace std::literals;")
    assert tree.breaches() == []


def test_a_file_that_grew_too_long(tree):
    tree.add("base/long.cpp", *["int line;"] * 550)
    (breach,) = tree.breaches()
    assert "551 lines" in breach


@pytest.mark.parametrize("name", ["util", "common", "misc"])
def test_a_folder_that_says_nothing(tree, name):
    tree.add(f"base/{name}/things.hpp")
    (breach,) = tree.breaches()
    assert f"'{name}'" in breach


def test_a_file_that_does_not_say_why_it_exists(tree):
    tree.add("base/bare.hpp", "int x;", opening="#pragma once")
    (breach,) = tree.breaches()
    assert breach.startswith("backend/base/bare.hpp:1:")


def test_a_pragma_may_come_before_the_reason(tree):
    tree.add("base/fine.hpp", "// Why.", "int x;", opening="#pragma once")
    assert tree.breaches() == []


def test_a_room_nobody_knows(tree):
    tree.add("attic/box.cpp")
    (breach,) = tree.breaches()
    assert "does not know" in breach
