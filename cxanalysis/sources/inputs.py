"""Which files or queries a table is read from, what messages call them, and their hashes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.databases import fetch_postgresql, with_environment
from cxanalysis.sources.packed import look_inside
from cxanalysis.sources.privacy import masked_path
from cxanalysis.sources.remote import fetch, is_remote

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xls": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
    ".db": "sqlite",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
_MAGIC = {
    b"PAR1": "parquet",
    b"SQLite format 3\0": "sqlite",
    b"PK\x03\x04": "excel",
    b"\xd0\xcf\x11\xe0": "excel",
}
_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*[\{\]])")


@dataclass(frozen=True)
class Source:
    """One input: what messages call it, how it is read, and the hash of its bytes."""

    name: str
    kind: str
    path: Path
    hash: str


def find_sources(
    folder: Path, paths: Sequence[str], table: Table, name: str, scratch: Path
) -> list[Source]:
    """The inputs of a table, each with the hash of its content.

    A database's rows and files at addresses are fetched here, into ``scratch``, since only
    their content tells whether anything changed.

    Raises
    ------
    DataError
        When a path or pattern finds no file, or a database or server does not answer.
    """
    sources: list[Source] = []
    for pattern in paths:
        address = with_environment(pattern, name)
        if is_database(address, table):
            path = fetch_postgresql(address, table.query, name, scratch)
            sources.append(Source(f"{name} query", "parquet", path, content_hash(path)))
            continue
        if is_remote(address):
            for label, path in fetch(address, pattern, name, scratch):
                kind = table.format or kind_of(path, label)
                sources.append(Source(label, kind, path, content_hash(path)))
            continue
        for path in find_files(folder, pattern, name):
            if all(path != other.path for other in sources):
                label = _label(path, folder, [source.name for source in sources])
                kind = table.format or kind_of(path, label)
                sources.append(Source(label, kind, path, content_hash(path)))
    return sources


def is_database(path: str, table: Table) -> bool:
    """Whether a path is the address of a PostgreSQL database."""
    if table.format is not None:
        return table.format == "postgresql"
    return path.startswith(("postgresql://", "postgres://"))


def kind_of(path: Path, name: str) -> str:
    """How a file is to be read: what its first bytes say, else its ending; packing set aside.

    Raises
    ------
    DataError
        When it is an archive that is damaged or holds several files.
    """
    inner, head = look_inside(path, name)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    by_name = FORMATS.get(Path(inner).suffix.lower())
    if by_name is not None:
        return by_name
    return "json" if _JSON.match(head) else "csv"


def find_files(folder: Path, pattern: str, table: str) -> list[Path]:
    """Files that a path or glob pattern names, sorted."""
    matches = matching_files(folder, pattern)
    if not matches:
        what = " (that is a folder)" if (folder / pattern).is_dir() and pattern else ""
        raise DataError(
            f"{table}: no file {pattern!r} in the study's folder {folder.resolve().name!r}"
            f"{what}. Put it there, or correct path under [tables.{table}]."
        )
    return matches


def matching_files(folder: Path, pattern: str) -> list[Path]:
    """The same; none where there is none."""
    path = folder / pattern
    if any(sign in pattern for sign in "*?[") and not path.exists():
        base, relative = _glob_base(folder, pattern)
        return sorted(match for match in base.glob(relative) if match.is_file())
    return [path] if path.is_file() else []


def _glob_base(folder: Path, pattern: str) -> tuple[Path, str]:
    absolute = Path(pattern)
    if absolute.is_absolute():
        return Path(absolute.anchor), str(absolute.relative_to(absolute.anchor))
    return folder, pattern


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _label(path: Path, folder: Path, taken: Sequence[str]) -> str:
    """What a file is called in messages and made ids: its path in the study, else its name."""
    if path.is_relative_to(folder) and ".." not in path.relative_to(folder).parts:
        label = masked_path(path.relative_to(folder).as_posix())
    else:
        label = masked_path(path.name)
        if label in taken:
            label = masked_path(f"{path.parent.name}/{path.name}")
    return f"({len(taken) + 1}) {label}" if label in taken else label
