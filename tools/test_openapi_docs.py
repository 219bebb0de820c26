"""tools/openapi_docs.py on the real contract: what the program will carry, and that a reader's links lead somewhere."""

import html.parser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

TOOL = Path(__file__).with_name("openapi_docs.py")
CONTRACT = TOOL.parent.parent / "contract"


def run(contract: Path, out: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(TOOL), "--contract", str(contract), "--out", str(out)],
                          capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    done = run(CONTRACT, folder)
    assert done.returncode == 0, done.stderr
    return folder


class Elements(html.parser.HTMLParser):
    """Ids, links and the nesting of a page."""

    VOID = {"meta", "link", "wbr", "br", "img"}

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.tags, self.open, self.crossed = [], [], set(), [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.add(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        for name in ("href", "src"):
            if name in attributes:
                self.links.append(attributes[name])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)


@pytest.fixture(scope="module")
def page(out) -> Elements:
    elements = Elements()
    elements.feed((out / "docs.html").read_text(encoding="utf-8"))
    return elements


def test_json_says_what_the_yaml_says(out):
    assert json.loads((out / "openapi.json").read_text()) == yaml.safe_load((CONTRACT / "openapi.yaml").read_text())


def test_the_same_contract_gives_the_same_bytes(out, tmp_path):
    assert run(CONTRACT, tmp_path).returncode == 0
    for name in ("openapi.json", "docs.html"):
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes()


def test_page_is_well_nested(page):
    assert page.open == [] and page.crossed == []


def test_page_needs_nothing_else(page, out):
    assert "script" not in page.tags and "img" not in page.tags
    assert [link for link in page.links if not link.startswith(("#", "/", "data:,"))] == []
    assert "url(" not in (out / "docs.html").read_text() and "@import" not in (out / "docs.html").read_text()


def test_every_link_inside_the_page_leads_somewhere(page):
    assert sorted({link for link in page.links if link.startswith("#")} - {f"#{name}" for name in page.ids}) == []


def test_no_anchor_is_there_twice(page):
    assert sorted(name for name in set(page.ids) if page.ids.count(name) > 1) == []


def test_each_error_operation_and_schema_has_its_anchor(page):
    spec = yaml.safe_load((CONTRACT / "openapi.yaml").read_text())
    wanted = {error["docs"].removeprefix("/docs#") for error in json.loads((CONTRACT / "errors.json").read_text())}
    wanted |= {operation["operationId"] for item in spec["paths"].values() for operation in item.values()
               if isinstance(operation, dict)}
    wanted |= {f"schema-{name}" for name in spec["components"]["schemas"]}
    assert sorted(wanted - set(page.ids)) == []


def test_no_mark_of_markdown_is_left_over(out):
    body = re.sub(r"<(pre|style)[^>]*>.*?</\1>|<code>.*?</code>", "", (out / "docs.html").read_text(), flags=re.DOTALL)
    assert "**" not in body and "`" not in body


def test_text_of_the_contract_is_escaped(tmp_path):
    shutil.copytree(CONTRACT, tmp_path / "contract")
    file = tmp_path / "contract/openapi.yaml"
    file.write_text(file.read_text().replace("description: Every event, by id", "description: <script>alert(1)</script> & by id"))
    assert run(tmp_path / "contract", tmp_path / "out").returncode == 0
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; by id" in (tmp_path / "out/docs.html").read_text()


def test_a_contract_that_cannot_be_read_is_one_clear_line(tmp_path):
    (tmp_path / "openapi.yaml").write_text("a: [")
    done = run(tmp_path, tmp_path / "out")
    assert done.returncode == 1 and done.stderr.startswith("openapi_docs: ")
