"""tools/page_bundle.py: what it packs can be read back, is the same each time, and nothing unfit gets in."""

import gzip
import struct
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).with_name("page_bundle.py")


def run(folder: Path, out: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(TOOL), str(folder), str(out)], capture_output=True, text=True, timeout=60, check=False)


def unpack(bundle: bytes) -> dict:
    """{path: (media type, bytes, gzip, Brotli)}"""
    assert bundle[:4] == b"OSP2"
    found, at = {}, 8
    for _ in range(struct.unpack_from("<I", bundle, 4)[0]):
        sizes = struct.unpack_from("<IIIII", bundle, at)
        at += 20
        parts = []
        for size in sizes:
            parts.append(bundle[at:at + size])
            at += size
        found[parts[0].decode()] = (parts[1].decode(), *parts[2:])
    assert at == len(bundle)
    return found


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>" + "<p>좌석</p>" * 50)
    (folder / "assets" / "index-a1B2c3D4.js").write_text("let seat = 1;\n" * 200)
    (folder / "assets" / "index-a1B2c3D4.js.br").write_bytes(b"as Brotli")
    (folder / "assets" / "seat-00000000.png").write_bytes(bytes(range(256)))
    (folder / ".built").write_text("a stamp is no part of the page")
    (folder / "manifest.json").write_text("{}")
    return folder


def test_what_was_packed_is_read_back(page, tmp_path):
    assert run(page, tmp_path / "bundle").returncode == 0
    files = unpack((tmp_path / "bundle").read_bytes())
    assert list(files) == ["assets/index-a1B2c3D4.js", "assets/seat-00000000.png", "index.html"]
    for name, (_, content, packed, _) in files.items():
        assert content == (page / name).read_bytes()
        assert not packed or gzip.decompress(packed) == content
    assert files["index.html"][0] == "text/html; charset=utf-8"
    assert files["assets/index-a1B2c3D4.js"][2] and not files["assets/seat-00000000.png"][2], "packed only where it helps"
    assert [files[name][3] for name in files] == [b"as Brotli", b"", b""]


def test_the_same_page_is_the_same_bundle(page, tmp_path):
    run(page, tmp_path / "one")
    run(page, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_no_page_is_a_bundle_of_nothing(tmp_path):
    assert run(tmp_path / "nowhere", tmp_path / "bundle").returncode == 0
    assert unpack((tmp_path / "bundle").read_bytes()) == {}


@pytest.mark.parametrize("name, told", [
    ("robots.txt", "no address"), ("assets/plain.js", "no address"), ("assets/more/index-a1B2c3D4.js", "no address"),
    ("assets/index-a1B2c3D4.exe", "media type"),
])
def test_a_file_that_could_not_be_served_is_refused_by_name(page, tmp_path, name, told):
    (page / name).parent.mkdir(exist_ok=True)
    (page / name).write_text("x")
    ended = run(page, tmp_path / "bundle")
    assert ended.returncode == 1 and not (tmp_path / "bundle").exists()
    assert name in ended.stderr and told in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_a_page_without_its_first_file_is_refused(page, tmp_path):
    (page / "index.html").unlink()
    assert run(page, tmp_path / "bundle").returncode == 1
