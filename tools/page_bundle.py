#!/usr/bin/python3
"""Packs the built page into the one file that the program carries.

    tools/page_bundle.py FOLDER OUT      FOLDER as tools/web built it; not there: OUT is a bundle of nothing

Little-endian: "OSP2", u32 number of files; then for each file, by path, u32 sizes of path, media type, bytes, gzip and Brotli,
and those five one after the other. gzip is empty where it would not be smaller, Brotli where FOLDER has no FILE.br (web's
build writes them). backend/api/codec/page_bundle reads it.

A file must be index.html, icon.svg or lie in assets/, with a name that carries its content's hash: the program answers
at no other address, and tells browsers to keep what lies in assets/ for ever.
"""

import re
import struct
import sys
import zlib
from pathlib import Path

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
AT_THE_ROOT = {"index.html", "icon.svg"}
NOT_SERVED = {"manifest.json"}  # which file came from which source: for the size budget
BROTLI = ".br"
HASHED = re.compile(r"assets/[A-Za-z0-9_.~-]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+\Z")


class Unfit(Exception):
    """The folder holds something the program could not serve as it is."""


def gzip(content: bytes) -> bytes:
    """The same bytes each time: no name, no time. Nothing if it does not help."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return packed if len(packed) < len(content) else b""


def files_of(folder: Path) -> list:
    """[(path, media type, bytes, Brotli)], by path."""
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or path.name.startswith(".") or name in NOT_SERVED or path.suffix == BROTLI:
            continue
        if name not in AT_THE_ROOT and not HASHED.match(name):
            raise Unfit(f"{path}: the program has no address for it (index.html, icon.svg, assets/NAME-HASH.EXT)")
        if path.suffix not in MEDIA_TYPES:
            raise Unfit(f"{path}: of which media type is {path.suffix}? Add it to MEDIA_TYPES")
        packed = path.with_name(path.name + BROTLI)
        found.append((name, MEDIA_TYPES[path.suffix], path.read_bytes(), packed.read_bytes() if packed.exists() else b""))
    if found and not any(file[0] == "index.html" for file in found):
        raise Unfit(f"{folder} has no index.html")
    return found


def pack(files: list) -> bytes:
    parts = [b"OSP2", struct.pack("<I", len(files))]
    for name, media_type, content, brotli in files:
        of_file = [name.encode(), media_type.encode(), content, gzip(content), brotli]
        parts += [struct.pack("<IIIII", *map(len, of_file)), *of_file]
    return b"".join(parts)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        bundle = pack(files_of(folder))
    except Unfit as unfit:
        print(f"page_bundle: {unfit}", file=sys.stderr)
        return 1
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(bundle)
    return 0


if __name__ == "__main__":
    sys.exit(main())
