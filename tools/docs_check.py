#!/usr/bin/python3
"""Checks that what the documents point to is there.

    tools/docs_check.py [CHECKOUT]

In every Markdown file: the target of each relative link exists (and, with #anchor, has that heading); each `make verb` is a
verb of the Makefile; each path in backticks that starts with one of our top folders exists. Code blocks are read for `make`
verbs only. Each fault is one line, `file:line: what is wrong`; the exit code is 1 if there is any.
"""

import re
import sys
from pathlib import Path

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`((?:backend|contract|docs|tools|examples|cmake|deploy|load|web)/[\w./-]+)`")
VERB = re.compile(r"(?:^|[`$\s])make ([a-z]+)\b(?=[`\s]|$)")
# A bare `make verb` in running prose ("make sure") is no command: outside code it counts only in backticks.
VERB_IN_PROSE = re.compile(r"`(?:[A-Z_]+=\S+ )*make ([a-z]+)\b")
SKIPPED_FOLDERS = {"build", "data", "node_modules", ".git", ".venv", ".cache"}


def anchors(text: str) -> set:
    """The anchors that a page's headings get, as the usual renderers make them."""
    found = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.MULTILINE):
        plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", plain)))
    return found


def check_page(checkout: Path, page: Path, verbs: set) -> list:
    faults, in_code = [], False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{page.relative_to(checkout).as_posix()}:{number}"
        if line.lstrip().startswith("```"):
            in_code = not in_code
            continue
        for verb in (VERB if in_code else VERB_IN_PROSE).findall(line):
            if verbs and verb not in verbs:
                faults.append(f"{where}: the Makefile has no verb '{verb}'")
        if in_code:
            continue
        for link in LINK.findall(line):
            target = link[0] or link[1]
            if re.match(r"[a-z]+:", target):
                continue  # elsewhere: not ours to promise
            name, _, anchor = target.partition("#")
            file = page if not name else (checkout / name.lstrip("/") if name.startswith("/") else page.parent / name)
            if not file.exists():
                faults.append(f"{where}: {target} is not there")
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
                faults.append(f"{where}: {target} has no such heading")
        for path in PATH.findall(line):
            if not (checkout / path.rstrip(".")).exists():
                faults.append(f"{where}: {path} is not there")
    return faults


def main() -> int:
    checkout = (Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent).resolve()
    makefile = checkout / "Makefile"
    verbs = set(re.findall(r"^([a-z]+):", makefile.read_text(encoding="utf-8"), re.MULTILINE)) if makefile.exists() else set()
    faults = []
    for page in sorted(checkout.rglob("*.md")):
        if not SKIPPED_FOLDERS.intersection(page.relative_to(checkout).parts):
            faults += check_page(checkout, page, verbs)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
