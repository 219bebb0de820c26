#!/usr/bin/python3
"""Checks that every line of backend/ stands in its room: who may include whom, and a few rules of the house.

    tools/layering.py [CHECKOUT]

The table below is the architecture. A file belongs to the first of ROOMS that its folder starts with; it may include its
own room, the rooms listed, and the third-party parts listed. A test (x_test.cpp) may besides include the test helpers, the
in-memory adapters and the test framework. Each breach is one line, `file:line: what is wrong`; the exit code is 1 if there is any.
"""

import dataclasses
import re
import sys
from pathlib import Path

LINES_MAX = 550
FORBIDDEN_FOLDERS = {"util", "utils", "common", "misc", "helpers"}
SOURCES = {".cpp", ".hpp", ".h", ".cc"}


@dataclasses.dataclass(frozen=True)
class Room:
    folder: str  # below backend/, no slash at the end
    rooms: tuple = ()  # what it may include of ours, beside itself
    parts: frozenset = frozenset()  # third-party parts, see PARTS


ANY_ROOM = ("base", "domain", "runtime", "ports", "services", "api", "adapters", "app", "rehearsal", "tests")
# Runtime's gift to ports and services: coroutines without Asio.
TASK = ("runtime/task.hpp", "runtime/scheduler.hpp", "runtime/completion.hpp")

# Ordered: the more particular folder first.
ROOMS = (
    Room("base"),
    Room("domain", ("base",)),
    Room("runtime/http", ("base", "runtime"), frozenset({"asio", "beast", "zlib", "openssl"})),
    Room("runtime", ("base",), frozenset({"asio"})),
    Room("ports", ("base", "domain", *TASK)),
    Room("services/catalog", ("base", "domain", "ports", *TASK)),
    Room("services/reservation", ("base", "domain", "ports", *TASK)),
    Room("services/order", ("base", "domain", "ports", *TASK)),
    Room("services/payment", ("base", "domain", "ports", *TASK)),
    Room("services", ("base", "domain", "ports", *TASK)),
    Room("api", ("base", "domain", "services", "ports", "runtime"), frozenset({"json", "zlib", "openssl"})),
    Room("adapters/peers", ("base", "domain", "ports", "runtime", "services"), frozenset({"json"})),
    Room("adapters/memory", ("base", "domain", "ports", "runtime")),
    Room("adapters/embedded", ("base", "domain", "ports", "runtime"), frozenset({"zlib"})),
    Room("adapters/sqlite", ("base", "domain", "ports", "runtime"), frozenset({"sqlite", "json"})),
    Room("adapters/mysql", ("base", "domain", "ports", "runtime"), frozenset({"mysql"})),
    Room("adapters/mock_provider", ("base", "domain", "ports", "runtime"), frozenset({"sqlite"})),
    Room("adapters/redis", ("base", "domain", "ports", "runtime"), frozenset({"redis"})),
    Room("adapters/kafka", ("base", "domain", "ports", "runtime"), frozenset({"kafka", "json"})),
    Room("adapters/crypto", ("base", "domain", "ports", "runtime"), frozenset({"openssl"})),
    Room("adapters/telemetry", ("base", "domain", "ports", "runtime"), frozenset({"prometheus", "spdlog", "json"})),
    # An adapter that the table does not know yet names its own driver here when it comes.
    Room("adapters", ("base", "domain", "ports", "runtime")),
    Room("rehearsal", ("base", "domain", "runtime"), frozenset({"asio", "json", "openssl"})),
    Room("app", ANY_ROOM, frozenset({"cli11", "toml", "spdlog", "json", "openssl", "sqlite", "prometheus", "zlib"})),
    Room("tests/bench", ANY_ROOM, frozenset({"asio", "json", "sqlite", "mysql", "kafka", "benchmark", "zlib", "openssl"})),
    # Beast's parser is the oracle that ours is compared with.
    Room("tests/fuzz", ANY_ROOM, frozenset({"json", "sqlite", "zlib", "openssl", "beast"})),
    Room("tests", ANY_ROOM, frozenset({"json", "sqlite", "zlib", "openssl", "gtest", "rapidcheck", "kafka"})),
)

# Third-party headers, by the part they belong to. Ordered: the more particular first.
PARTS = (
    ("beast", re.compile(r"boost/beast")),
    ("asio", re.compile(r"boost/asio")),
    ("json", re.compile(r"boost/json")),
    ("boost", re.compile(r"boost/")),
    ("sqlite", re.compile(r"sqlite3(ext)?\.h$")),
    ("openssl", re.compile(r"openssl/")),
    ("zlib", re.compile(r"zlib\.h$|zconf\.h$")),
    ("spdlog", re.compile(r"spdlog/")),
    ("prometheus", re.compile(r"prometheus/")),
    ("cli11", re.compile(r"CLI/")),
    ("toml", re.compile(r"toml\+\+/|toml\.hpp$")),
    ("gtest", re.compile(r"gtest/|gmock/")),
    ("rapidcheck", re.compile(r"rapidcheck")),
    ("benchmark", re.compile(r"benchmark/")),
    ("redis", re.compile(r"hiredis/")),
    ("mysql", re.compile(r"(mysql|mariadb)/")),
    ("kafka", re.compile(r"librdkafka/")),
)
# Small header-only parts of Boost that stand wherever the part beside them may.
BOOST_WITH = frozenset({"asio", "beast", "json"})
TEST_PARTS = frozenset({"gtest", "rapidcheck"})
TEST_ROOMS = ("tests/support", "adapters/memory", "base", "domain", *TASK)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(path: str):
    """The room of a path below backend/ such as `domain/seat/decide.hpp`, or None."""
    return next((room for room in ROOMS if path == room.folder or path.startswith(room.folder + "/")), None)


def part_of(header: str):
    return next((name for name, pattern in PARTS if pattern.match(header)), None)


def within(path: str, allowed: str) -> bool:
    return path == allowed or path.startswith(allowed + "/")


class Checker:
    def __init__(self, checkout: Path):
        self.backend = checkout / "backend"
        self.checkout = checkout
        self.breaches: list = []

    def run(self) -> list:
        if not self.backend.is_dir():
            return [f"{self.backend}: no such folder"]
        for path in sorted(self.backend.rglob("*")):
            if path.is_dir() and path.name in FORBIDDEN_FOLDERS:
                self.breach(path, 0, f"a folder named '{path.name}' says nothing about what lives in it")
            elif path.is_file() and path.suffix in SOURCES:
                self.check_file(path)
        return self.breaches

    def breach(self, path: Path, line: int, what: str) -> None:
        where = path.relative_to(self.checkout).as_posix()
        self.breaches.append(f"{where}:{line}: {what}" if line else f"{where}: {what}")

    def check_file(self, path: Path) -> None:
        here = path.relative_to(self.backend).as_posix()
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        is_header = path.suffix in (".hpp", ".h")
        if len(lines) > LINES_MAX:
            self.breach(path, len(lines), f"{len(lines)} lines; a file has at most {LINES_MAX}")
        if not self.opens_with_comment(lines):
            self.breach(path, 1, "the first lines do not say why this file exists")
        room = room_of(here)
        if room is None:
            self.breach(path, 1, "stands in a folder that tools/layering.py does not know")
        for number, line in enumerate(lines, start=1):
            if is_header and re.match(r"\s*using\s+namespace\b", line):
                self.breach(path, number, "'using namespace' in a header reaches every file that includes it")
            include = INCLUDE.match(line)
            if include and room is not None:
                self.check_include(path, here, room, number, include.group(1), include.group(2))

    @staticmethod
    def opens_with_comment(lines: list) -> bool:
        for line in lines:
            if not line.strip() or line.startswith("#pragma once"):
                continue
            return line.lstrip().startswith(("//", "/*"))
        return False

    def check_include(self, path: Path, here: str, room: Room, number: int, quote: str, header: str) -> None:
        is_test = here.endswith("_test.cpp")
        ours = self.resolve(path, quote, header)
        if ours is not None:
            self.check_own(path, room, number, ours, is_test)
            return
        if quote == '"':
            return  # a generated header (embedded file); the compiler says so if it does not exist
        part = part_of(header)
        if part is None:
            return  # the standard library or the system
        allowed = room.parts | (TEST_PARTS if is_test else frozenset())
        if part == "beast" and path.suffix != ".cpp":
            self.breach(path, number, f"<{header}>: Beast stays in runtime/http/*.cpp")
        elif part not in allowed and not (part == "boost" and room.parts & BOOST_WITH):
            self.breach(path, number, f"folder {room.folder} may not include {part} (<{header}>)")

    def resolve(self, path: Path, quote: str, header: str):
        """The path below backend/ of one of our own headers, or None."""
        candidates = [self.backend / header, self.checkout / header]
        if quote == '"':
            candidates.insert(0, path.parent / header)
        for candidate in candidates:
            if candidate.is_file() and candidate.resolve().is_relative_to(self.backend.resolve()):
                return candidate.resolve().relative_to(self.backend.resolve()).as_posix()
        first = header.removeprefix("backend/")
        if first.split("/")[0] in ANY_ROOM and "/" in first and quote == '"':
            return first  # not written yet, or misspelt: the rule holds all the same
        return None

    def check_own(self, path: Path, room: Room, number: int, ours: str, is_test: bool) -> None:
        allowed = (room.folder, *room.rooms, *(TEST_ROOMS if is_test else ()))
        target = room_of(ours)
        target_name = target.folder if target else ours
        if any(within(ours, name) for name in allowed):
            return
        self.breach(path, number, f"folder {room.folder} may not include {target_name} (\"{ours}\")")


def main() -> int:
    checkout = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    breaches = Checker(checkout).run()
    for breach in breaches:
        print(breach)
    if breaches:
        print(f"{len(breaches)} breaches of the house rules (docs/ARCHITECTURE.md has the table)", file=sys.stderr)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
