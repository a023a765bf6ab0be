"""Packed files: told by their bytes, read like the files inside, damage named."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from cxanalysis.engine import collect
from cxanalysis.errors import DataError
from cxanalysis.study import open_study

CSV = b"id,customer,opened\n" + b"".join(b"%d,c%d,2026-03-01 10:00\n" % (n, n) for n in range(900))
JSON = b"".join(
    json.dumps({"id": n, "customer": f"c{n}", "opened": "2026-03-01"}).encode() + b"\n"
    for n in range(900)
)


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", ".").replace("MACOSX", "__MACOSX/"), content)
    return packed.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda content: bytes(pa.Codec("zstd").compress(content, asbytes=True)),
}


def study_of(folder: Path, name: str, content: bytes, more: str = "") -> Path:
    (folder / name).write_bytes(content)
    (folder / "study.toml").write_text(
        f'name = "test"\n[tables.tickets]\npath = "{name}"\n{more}\n[tables.tickets.columns]\n'
        'ticket_id = "id"\ncustomer_id = "customer"\nopened_at = "opened"\n'
    )
    return folder


def ids(folder: Path) -> list[str]:
    return list(collect(open_study(folder).tables["tickets"])["ticket_id"])


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize(("inner", "content"), [("t.csv", CSV), ("t.jsonl", JSON)])
def test_packed_files_are_read(tmp_path: Path, packing: str, inner: str, content: bytes) -> None:
    packed = PACKERS[packing](content)
    assert len(ids(study_of(tmp_path, f"{inner}.{packing}", packed))) == 900
    assert len(ids(study_of(tmp_path, "export", packed))) == 900, "by content, not by name"


@pytest.mark.parametrize(("inner", "content"), [("t__csv", CSV), ("t__json", JSON)])
def test_an_archive_of_one_file_is_read(tmp_path: Path, inner: str, content: bytes) -> None:
    packed = zipped(**{inner: content, "MACOSX._t": b"x"})
    assert len(ids(study_of(tmp_path, "t.zip", packed))) == 900


def test_a_file_that_only_looks_packed_or_like_a_pattern_is_read(tmp_path: Path) -> None:
    assert len(ids(study_of(tmp_path, "t.csv.gz", CSV))) == 900
    assert len(ids(study_of(tmp_path, "t [1].json", JSON))) == 900


def test_lines_are_those_of_the_file_inside(tmp_path: Path) -> None:
    bad = CSV.replace(b"c7,2026-03-01 10:00", b"c7,soon")
    study = open_study(study_of(tmp_path, "t.csv.xz", lzma.compress(bad)))
    assert list(study.rejects()["line"]) == [9]
    assert list(study.rejects()["file"]) == ["t.csv.xz"]


TAR = b"t.csv".ljust(257, b"\0") + b"ustar\x0000" + CSV


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(CSV, mtime=0)[:-99], "breaks off or is damaged"),
        (bz2.compress(CSV)[:-99], "breaks off or is damaged"),
        (lzma.compress(CSV)[:-99], "breaks off or is damaged"),
        (PACKERS["zst"](CSV)[:-99], "breaks off or is damaged"),
        (zipped(t__csv=CSV)[:-99], "breaks off or is damaged"),
        (zipped(), "the archive holds no file"),
        (zipped(a__csv=CSV, b__csv=CSV), "the archive holds 2 files (a.csv, b.csv)"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (TAR, "this is a tar archive of files. Unpack it"),
        (gzip.compress(TAR, mtime=0), "this is a tar archive of files. Unpack it"),
    ],
)
def test_archives_that_cannot_be_read_are_named(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(DataError) as error:
        open_study(study_of(tmp_path, "t.csv.gz", content))
    assert message in str(error.value)
    assert "t.csv.gz: " in str(error.value)


def test_an_encrypted_archive_is_named(tmp_path: Path) -> None:
    content = bytearray(zipped(t__csv=CSV))
    for start in (content.find(b"PK\x03\x04") + 6, content.find(b"PK\x01\x02") + 8):
        content[start] |= 1
    with pytest.raises(DataError, match="encrypted"):
        open_study(study_of(tmp_path, "t.zip", bytes(content)))
