"""Every source as one table of trimmed texts in DuckDB: file number, record, wanted columns.

Typed sources (Parquet, Excel, databases) are turned into text as well, so that one way of
checking serves all of them.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from cxanalysis.config import Table, closest
from cxanalysis.errors import DataError
from cxanalysis.sources.files import (
    CsvFile,
    content_hash,
    find_files,
    kind_of,
    open_csv,
)
from cxanalysis.sources.lines import Ragged, clean_copy, line_numbers
from cxanalysis.sources.sql import literal, quoted, trimmed

SHORT_HEADER = 20  # columns that an error lists


@dataclass(frozen=True)
class Source:
    """One input: what messages call it, how it is read, and the hash of its bytes."""

    name: str
    kind: str
    path: Path
    hash: str


@dataclass
class Raw:
    """What was loaded: the DuckDB table ``name`` with ``_file``, ``_record`` and ``columns``.

    ``columns`` maps the names asked for to columns of the table. ``unread`` are the files'
    other columns.
    """

    name: str
    columns: dict[str, str]
    files: list[str] = field(default_factory=list)
    csv: dict[int, CsvFile] = field(default_factory=dict)
    first_line: dict[int, int] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    ragged: list[Ragged] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


class LinesDisagreeError(Exception):
    """DuckDB and the line counter see different records: the file must be read carefully."""


def find_sources(
    folder: Path, paths: Sequence[str], table: Table, name: str, scratch: Path
) -> list[Source]:
    """The inputs of a table, each with the hash of its content.

    A database's rows are fetched here, into a Parquet file of ``scratch``, since only its
    answer tells whether anything changed.
    """
    sources = []
    for pattern in paths:
        kind = kind_of(pattern, table)
        if kind == "postgresql":
            sources.append(_fetch_postgresql(pattern, table, name, scratch))
            continue
        if "://" in pattern:
            raise DataError(f"{name}: {pattern!r} is no file. Download it and give its path.")
        for path in find_files(folder, [pattern], name):
            if all(path != other.path for other in sources):
                label = _label(path, folder, [source.name for source in sources])
                sources.append(Source(label, kind_of(path.name, table), path, content_hash(path)))
    return sources


def _label(path: Path, folder: Path, taken: Sequence[str]) -> str:
    """What a file is called in messages and made ids: its path in the study, else its name."""
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return f"{path.parent.name}/{path.name}" if path.name in taken else path.name


def header_of(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    table: Table,
    wanted: Sequence[str],
    scratch: Path,
) -> list[str]:
    """Names of an input's columns, without white space around them."""
    return _open(source, table, wanted, scratch, connection)[0]


def load(
    connection: duckdb.DuckDBPyConnection,
    target: str,
    sources: Sequence[Source],
    table: Table,
    wanted: Sequence[str],
    scratch: Path,
    *,
    owner: str,
    careful: bool = False,
) -> Raw:
    """Read the wanted columns of all sources into the table ``target``.

    Parameters
    ----------
    owner
        The table of the study that is being read, for messages.
    careful
        Read text files record by record instead of by DuckDB: slower, and right for files
        that DuckDB refuses or sees differently.

    Raises
    ------
    DataError
        When an input is empty, lacks a wanted column, or names one twice.
    """
    raw = Raw(target, {name: f"c{number}" for number, name in enumerate(wanted)})
    declared = "".join(f", {column} VARCHAR" for column in raw.columns.values())
    connection.execute(f"CREATE TABLE {target} (_file INTEGER{declared})")
    for number, source in enumerate(sources):
        header, relation = _open(source, table, wanted, scratch, connection)
        places = [_place(header, name, source.name, owner) for name in wanted]
        raw.files.append(source.name)
        raw.unread += [
            name
            for place, name in enumerate(header)
            if place not in places and name not in raw.unread
        ]
        texts = "".join(f", {trimmed(_as_text(f'c{place}', relation))}" for place in places)
        before = _count(connection, target)
        insert = f"INSERT INTO {target} SELECT {number}{texts} FROM "
        if isinstance(relation, CsvFile):
            raw.csv[number] = relation
            raw.ragged += _insert_csv(connection, insert, relation, scratch, careful)
        else:
            raw.first_line[number] = relation.first_line
            connection.execute(insert + relation.sql)
        raw.counts.append(_count(connection, target) - before)
        if raw.counts[-1] == 0 and not raw.ragged:
            raise DataError(
                f"{source.name}: the file has a header and no rows. Export it again, or leave "
                f"it out of [tables.{owner}]."
            )
    return raw


def lines_of(raw: Raw, number: int, records: Iterable[int]) -> dict[int, int]:
    """Physical line (row number where there are no lines) of records of one file.

    Raises
    ------
    LinesDisagreeError
        When counting finds another number of records than DuckDB read.
    """
    if number not in raw.csv:
        return {record: record + raw.first_line[number] - 1 for record in records}
    found, total = line_numbers(raw.csv[number], set(records))
    if total != raw.counts[number]:
        raise LinesDisagreeError(raw.csv[number].name)
    return found


@dataclass(frozen=True)
class _Relation:
    """Something DuckDB can select from; its columns are called c0, c1, …"""

    sql: str
    types: tuple[str, ...]
    first_line: int


def _open(
    source: Source,
    table: Table,
    wanted: Sequence[str],
    scratch: Path,
    connection: duckdb.DuckDBPyConnection,
) -> tuple[list[str], CsvFile | _Relation]:
    if source.kind == "csv":
        file = open_csv(source.path, source.name, table, wanted, scratch)
        return list(file.header), file
    if source.kind == "excel":
        path, header, first_line = _excel_to_parquet(source, table.sheet, scratch)
        return header, _parquet(connection, path, first_line)[1]
    path = (
        _sqlite_to_parquet(source, table.query, scratch) if source.kind == "sqlite" else source.path
    )
    return _parquet(connection, path, 1)


def _parquet(
    connection: duckdb.DuckDBPyConnection, path: Path, first_line: int
) -> tuple[list[str], _Relation]:
    try:
        described = connection.execute(
            "DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]
        ).fetchall()
    except duckdb.Error as error:
        raise DataError(f"{path.name}: cannot be read as Parquet. Set format if it is not.") from (
            error
        )
    names = ", ".join(f"{quoted(row[0])} AS c{number}" for number, row in enumerate(described))
    sql = f"(SELECT {names} FROM read_parquet({literal(str(path))}))"
    types = tuple(row[1] for row in described)
    return [" ".join(row[0].split()) for row in described], _Relation(sql, types, first_line)


def _as_text(column: str, relation: CsvFile | _Relation) -> str:
    if isinstance(relation, CsvFile):
        return column
    kind = relation.types[int(column[1:])]
    if kind in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN NOT isnan({column}) THEN {column}::VARCHAR END"
    return f"{column}::VARCHAR"


def _insert_csv(
    connection: duckdb.DuckDBPyConnection,
    insert: str,
    file: CsvFile,
    scratch: Path,
    careful: bool,
) -> list[Ragged]:
    """Insert a text file's records; lines that are no records come back.

    DuckDB reads the file as it is. Where it refuses a line, the file is read once more record
    by record, because its own line numbers and the extent of what it left out are not exact.
    """
    if not careful and len(file.header) > 1:
        connection.execute("BEGIN")
        try:
            connection.execute(insert + _read_csv(file, file.path, file.header_lines))
            refused = connection.execute("SELECT count(*) FROM reject_errors").fetchall()[0][0]
        except duckdb.Error:
            refused = 1
        connection.execute("COMMIT" if refused == 0 else "ROLLBACK")
        connection.execute("DROP TABLE IF EXISTS reject_errors")
        connection.execute("DROP TABLE IF EXISTS reject_scans")
        if refused == 0:
            return []
    copy = scratch / "records.csv"
    ragged = clean_copy(file, copy)
    plain = CsvFile(file.name, copy, ",", '"', file.header, 0)
    connection.execute(insert + _read_csv(plain, copy, 0, rejects=False))
    copy.unlink()
    return ragged


def _read_csv(file: CsvFile, path: Path, skip: int, *, rejects: bool = True) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(file.header)))
    return (
        f"read_csv({literal(str(path))}, columns = {{{columns}}}, header = false, skip = {skip}, "
        f"auto_detect = false, delim = {literal(file.delimiter)}, quote = {literal(file.quote)}, "
        f"escape = {literal(file.quote)}, store_rejects = {str(rejects).lower()}, "
        "strict_mode = true)"
    )


def _place(header: list[str], name: str, file: str, owner: str) -> int:
    """Where a wanted column stands in a header: exact name first, then regardless of case."""
    bare = " ".join(name.split())
    exact = [place for place, column in enumerate(header) if column == bare]
    places = exact or [
        place for place, column in enumerate(header) if column.casefold() == bare.casefold()
    ]
    if len(places) > 1:
        where = " and ".join(str(place + 1) for place in places)
        raise DataError(
            f"{file}: the header names {name!r} {len(places)} times (columns {where}), so it is "
            "unclear which one is meant. Rename one of them in the file."
        )
    if not places:
        raise DataError(
            f"{file}: no column {name!r}.{_hint(bare, header)} Correct it under [tables.{owner}]."
        )
    return places[0]


def _hint(name: str, header: list[str]) -> str:
    """The closest column of a header, and all of them where that is short enough to read."""
    hint = closest(name, header)
    return hint if len(header) <= SHORT_HEADER else hint.partition(" Known: ")[0]


def has_column(header: list[str], name: str) -> bool:
    """Whether a header has a column of this name, regardless of case and outer white space."""
    bare = " ".join(name.split()).casefold()
    return any(column.casefold() == bare for column in header)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


@lru_cache(maxsize=8)  # the header is looked at before the rows are
def _excel_to_parquet(
    source: Source, wanted: str | None, scratch: Path
) -> tuple[Path, list[str], int]:
    """A sheet as Parquet, with its header and the sheet row of its first record.

    Rows keep their distance from the header so that a record's number tells its sheet row.
    """
    try:
        from python_calamine import CalamineWorkbook
    except ImportError as error:
        raise DataError(_needs_extra(source.name, "Excel files")) from error
    book = CalamineWorkbook.from_path(str(source.path))
    sheet = wanted or book.sheet_names[0]
    if sheet not in book.sheet_names:
        raise DataError(f"{source.name}: no sheet {sheet!r}.{closest(sheet, book.sheet_names)}")
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    start = next((row for row, cells in enumerate(rows) if any(map(_cell, cells))), None)
    if start is None:
        raise DataError(f"{source.name}: sheet {sheet!r} is empty.")
    header = [" ".join((_cell(cell) or "").split()) for cell in rows[start]]
    cells = [[_cell(row[place]) for row in rows[start + 1 :]] for place in range(len(header))]
    return _write_texts(cells, scratch / f"{source.hash[:16]}.parquet"), header, start + 2


def _write_texts(columns: list[list[str | None]], path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [pa.array(values, pa.string()) for values in columns]
    names = [f"c{place}" for place in range(len(arrays))]
    pq.write_table(pa.Table.from_arrays(arrays, names=names), path)
    return path


def _cell(value: Any) -> str | None:
    """A spreadsheet's value as text: whole numbers without a fraction, times as ISO 8601."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@lru_cache(maxsize=8)
def _sqlite_to_parquet(source: Source, query: str | None, scratch: Path) -> Path:
    driver = _driver("sqlite", source.name)
    with driver.connect(str(source.path)) as database:
        return _query_to_parquet(driver, database, source.name, query, scratch)


def _fetch_postgresql(pattern: str, table: Table, name: str, scratch: Path) -> Source:
    driver = _driver("postgresql", name)
    label = f"{name} query"
    with _connect_postgresql(driver, _with_environment(pattern, name), label) as database:
        path = _query_to_parquet(driver, database, label, table.query, scratch)
    return Source(label, "parquet", path, content_hash(path))


def _driver(kind: str, name: str) -> Any:
    try:
        return importlib.import_module(f"adbc_driver_{kind}.dbapi")
    except ImportError as error:
        raise DataError(_needs_extra(name, "databases")) from error


def _connect_postgresql(driver: Any, address: str, label: str) -> Any:
    try:
        return driver.connect(address)
    except driver.Error as error:  # the address may hold a password: keep it out of the message
        raise DataError(f"{label}: the database does not answer, or refuses.") from error


def _with_environment(text: str, name: str) -> str:
    """Replace ``${NAME}`` by the environment variable, so that no secret is in the study file."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise DataError(f"{name}: the environment variable {match[1]} is not set.")
        return os.environ[match[1]]

    return re.sub(r"\$\{(\w+)\}", value, text)


def _query_to_parquet(
    driver: Any, database: Any, label: str, query: str | None, scratch: Path
) -> Path:
    import pyarrow.parquet as pq

    if query is None:
        raise DataError(f'{label}: say which rows: query = "SELECT … FROM …".')
    path = scratch / f"query-{len(list(scratch.glob('query-*.parquet')))}.parquet"
    with database.cursor() as cursor:
        try:
            cursor.execute(query)
            batches = cursor.fetch_record_batch()
            with pq.ParquetWriter(path, batches.schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except driver.Error as error:
            raise DataError(f"{label}: the query failed: {str(error)[:200]}") from error
    return path


def _needs_extra(name: str, what: str) -> str:
    return f'{name}: {what} need more packages: pip install "cxanalysis[sources]".'
