"""What `init` was given, as files and tables that can be looked at: patterns, addresses, archives,
workbooks and databases are taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.recognise.files import LoadedFile, load, load_texts, with_heading
from cxanalysis.sources.databases import fetch_postgresql, sqlite_rows, with_environment
from cxanalysis.sources.delimited import LABELLED, find_header_lines, find_title_lines
from cxanalysis.sources.excel import sheet_head, sheet_names, sheet_texts
from cxanalysis.sources.inputs import is_database, kind_of, matching_files
from cxanalysis.sources.packed import look_inside, unpacked
from cxanalysis.sources.remote import fetch, is_remote
from cxanalysis.sources.sql import literal, quoted

MOST_TABLES = 8  # of a database or a workbook that are looked at
_SQLITE_TABLES = (
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
    "AND name NOT LIKE 'sqlite%' ORDER BY name"
)
_POSTGRESQL_TABLES = (
    "SELECT CASE table_schema WHEN 'public' THEN quote_ident(table_name) "
    "ELSE quote_ident(table_schema) || '.' || quote_ident(table_name) END AS name "
    "FROM information_schema.tables "
    "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
)


@dataclass(frozen=True)
class Given:
    """A file, or a database; ``written`` is what a study file has as its path.

    ``path`` of a database is only its name in messages; ``address`` is its whole address.
    """

    path: Path
    written: Path | str
    address: str | None = None


def find_given(files: Sequence[Path | str], scratch: Path) -> list[Given]:
    """The files that paths, patterns and addresses name; those elsewhere are fetched.

    Raises
    ------
    DataError
        When a pattern finds nothing, or an address cannot be reached.
    """
    found: list[Given] = []
    for file in files:
        text = str(file)
        address = with_environment(text, "init")
        if is_database(address, Table(path=(text,))):
            found.append(Given(Path("database"), without_password(text), address))
        elif is_remote(address):
            copies = fetch(address, text, "init", scratch)
            found += [Given(copy.path, without_password(text)) for copy in copies]
        elif any(sign in text for sign in "*?[") and not Path(text).exists():
            matches = matching_files(Path(), text)
            if not matches:
                raise DataError(f"no file {text!r} here. Look for slips in the pattern.")
            found += [Given(match, Path(text)) for match in matches]
        else:
            found.append(Given(Path(text), Path(text)))
    return found


def without_password(address: str) -> str:
    """An address as a study file may hold it."""
    address = re.sub(r"(://[^:/@]*):[^/]*@", r"\1@", address)
    return re.sub(r"([?&])password=[^&]*&?", r"\1", address).rstrip("?&")


def load_given(
    connection: duckdb.DuckDBPyConnection, given: Given, relation: str, scratch: Path
) -> list[LoadedFile]:
    """The tables of one given thing: one of a file, several of a workbook or a database.

    Raises
    ------
    DataError
        When it holds no table, or more than can be looked at.
    """
    if given.address is not None:
        parts = _of_postgresql(given, given.address, scratch)
    elif given.path.is_file() and given.path.stat().st_size:
        kind = kind_of(given.path, given.path.name)
        readable = _readable(given.path, scratch)
        if kind not in ("excel", "sqlite"):
            file = load(connection, readable, relation)
            told = None if file.format == kind else file.format
            return [replace(file, path=given.path, written=given.written, told=told)]
        parts = (_of_workbook if kind == "excel" else _of_sqlite)(given, readable, scratch)
    else:
        return [load(connection, given.path, relation)]  # which says what is wrong
    tables = []
    for number, part in enumerate(parts):
        table = load_texts(connection, part.rows, part.path, f"{relation}_{number}", part.header)
        if table is not None:
            how = replace(table, written=given.written, sheet=part.sheet, query=part.query)
            how = replace(how, title_lines=part.titles)
            tables.append(replace(with_heading(how, part.head), format=part.format))
    if not tables:
        raise DataError(f"{given.path.name}: it holds no table with a header and rows.")
    if len(tables) == 1 and given.address is None:
        tables = [replace(tables[0], path=given.path)]
    return tables


@dataclass(frozen=True)
class _Part:
    """A sheet or a table, its rows in a Parquet file.

    ``head`` are the lines of its header, above which stand so many ``titles``.
    """

    path: Path
    rows: Path
    format: str
    header: tuple[str, ...] = ()
    sheet: str | None = None
    query: str | None = None
    head: tuple[Sequence[str], ...] = ()
    titles: int = 0


def _readable(path: Path, scratch: Path) -> Path:
    """The file, unpacked where it is packed, under the name it has inside."""
    copy = unpacked(path, path.name, scratch)
    if copy == path:
        return path
    folder = scratch / f"inside-{len(list(scratch.glob('inside-*')))}"
    folder.mkdir()
    inner = re.sub(r"[*?\[\]]", "_", Path(look_inside(path, path.name)[0]).name)
    return copy.rename(folder / inner)


def _of_workbook(given: Given, path: Path, scratch: Path) -> Iterator[_Part]:
    names = sheet_names(path, given.path.name)
    for sheet in _few(names, given.path.name, "sheets"):
        rows = scratch / f"sheet-{len(list(scratch.glob('sheet-*')))}.parquet"
        try:
            head = sheet_head(path, given.path.name, sheet)
            titles = find_title_lines(head)
            head = head[titles : titles + LABELLED]
            lines = find_header_lines(head)
            header, _, _ = sheet_texts(path, given.path.name, sheet, rows, lines, titles)
        except DataError:  # an empty sheet
            continue
        named = sheet if len(names) > 1 else None
        name = _named(given.path, sheet)
        labels = tuple(head[:lines])
        yield _Part(name, rows, "excel", tuple(header), named, head=labels, titles=titles)


def _of_sqlite(given: Given, path: Path, scratch: Path) -> Iterator[_Part]:
    name = given.path.name
    tables = _column(sqlite_rows(path, name, _SQLITE_TABLES, scratch))
    for table in _few(tables, name, "tables"):
        query = f"SELECT * FROM {quoted(table)}"
        rows = sqlite_rows(path, name, query, scratch)
        yield _Part(_named(given.path, table), rows, "sqlite", query=query)


def _of_postgresql(given: Given, address: str, scratch: Path) -> Iterator[_Part]:
    tables = _column(fetch_postgresql(address, _POSTGRESQL_TABLES, "init", scratch))
    for table in _few(tables, given.path.name, "tables"):
        query = f"SELECT * FROM {table}"
        rows = fetch_postgresql(address, query, table, scratch)
        yield _Part(Path(table.replace("/", "_")), rows, "postgresql", query=query)


def _few(names: Sequence[str], file: str, what: str) -> Sequence[str]:
    if len(names) <= MOST_TABLES:
        return names
    listed = ", ".join(names[:MOST_TABLES])
    raise DataError(
        f"{file}: {len(names)} {what} ({listed} …) are too many to tell apart. Give at most "
        f"{MOST_TABLES}, those with tickets, survey, events, customers, in a file or schema of "
        "their own, or write study.toml by hand."
    )


def _named(path: Path, part: str) -> Path:
    """What messages call a sheet or a table of a file."""
    return path.with_name(f"{path.name}: {part.replace('/', '_')}")


def _column(rows: Path) -> list[str]:
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM read_parquet({literal(str(rows))})").fetchall()
    return [str(name) for (name,) in found]


def written_of(group: Sequence[LoadedFile], every: Sequence[LoadedFile]) -> tuple[Path | str, ...]:
    """What a study file has as path of a group: a pattern where the group is all it finds."""
    found: dict[Path | str, None] = {}
    for file in group:
        written = file.path if file.written is None else file.written
        several = [other for other in every if other.written == file.written]
        parts = file.sheet is not None or file.query is not None
        whole = parts or isinstance(written, str) or len(several) == 1
        whole = whole or all(any(other is one for one in group) for other in several)
        found[written if whole else file.path] = None
    return tuple(found)
