"""Every source as one table of trimmed texts in DuckDB: file number, whether a row is empty, and
the wanted columns.

Typed sources (Parquet, Excel, databases) are turned into text as well, so that one way of
checking serves all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import duckdb

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.databases import sqlite_rows
from cxanalysis.sources.delimited import CsvFile, open_csv
from cxanalysis.sources.excel import sheet_texts
from cxanalysis.sources.expressions import names_of
from cxanalysis.sources.footers import without_footer
from cxanalysis.sources.headers import has_column, place_of
from cxanalysis.sources.inputs import Source
from cxanalysis.sources.insert import Inserted, insert_csv
from cxanalysis.sources.job import Job
from cxanalysis.sources.json_rows import JsonFile, agree, open_json
from cxanalysis.sources.lines import Counted
from cxanalysis.sources.nested import Columns, parquet_columns
from cxanalysis.sources.numbers import typed_text
from cxanalysis.sources.packed import unpacked
from cxanalysis.sources.records import Ragged, line_numbers
from cxanalysis.sources.stored import Stored, rows_of

NO_TEXT = "NULL::VARCHAR"


@dataclass(frozen=True)
class Typed:
    """Rows in a Parquet file.

    ``first_line`` is the row of a sheet that the first record stands in, else 1.
    """

    columns: Columns
    first_line: int = 1

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.columns.header


@dataclass(frozen=True)
class Opened:
    """An input whose header is known."""

    name: str
    content: CsvFile | JsonFile | Typed

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns, without white space around them."""
        return self.content.header


@dataclass
class Raw:
    """What was loaded: ``columns`` maps the names asked for to columns of the DuckDB table.

    ``stored`` tells how the table holds them; ``counts`` are records per file; ``unread`` are
    the files' other columns. ``counted`` knows the lines of a file's records, see
    `cxanalysis.sources.insert.Inserted`.
    """

    columns: dict[str, str]
    inputs: list[Opened] = field(default_factory=list)
    stored: dict[str, Stored] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    ragged: list[Ragged] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    counted: list[Counted | None] = field(default_factory=list)

    @property
    def files(self) -> tuple[str, ...]:
        """What messages call the inputs."""
        return tuple(opened.name for opened in self.inputs)


class LinesDisagreeError(Exception):
    """DuckDB and the line counter see different records: the file must be read carefully."""


def open_inputs(
    job: Job, sources: Sequence[Source], table: Table, wanted: Sequence[str]
) -> list[Opened]:
    """The inputs of a table with their headers; ``wanted`` names tell delimiters apart."""
    contents = [_open(job, source, table, wanted) for source in sources]
    nested = agree([content for content in contents if isinstance(content, JsonFile)])
    if nested and len(nested) == len(contents):
        if not nested[0].header and not any(file.bad for file in nested):
            raise DataError(f"{nested[0].name}: the file holds no records. Export it again.")
        contents = list(nested)
    return [Opened(s.name, content) for s, content in zip(sources, contents, strict=True)]


def _open(
    job: Job, source: Source, table: Table, wanted: Sequence[str]
) -> CsvFile | JsonFile | Typed:
    path = unpacked(source.path, source.name, job.scratch)
    if source.kind == "csv":
        file = open_csv(path, source.name, table, wanted, job.scratch)
        job.notes.extend([file.note] if file.note else [])
        return file
    if source.kind == "json":
        return open_json(job.connection, path, source.name, table, job.scratch)
    if source.kind == "excel":
        target = job.scratch / f"{source.hash[:16]}.parquet"
        header, first_line, footer = sheet_texts(
            path, source.name, table.sheet, target, table.header_lines, table.title_lines,
            table.footer, table.decimal,
        )  # fmt: skip
        job.notes.extend([f"{source.name}: left out {footer} lines of a footer"] if footer else [])
        sheet = parquet_columns(job.connection, target, source.name)
        return Typed(replace(sheet, header=tuple(header)), first_line)
    if source.kind == "sqlite":
        path = sqlite_rows(path, source.name, table.query, job.scratch)
    return Typed(parquet_columns(job.connection, path, source.name, names_of(table)))


def load(
    job: Job,
    target: str,
    inputs: Sequence[Opened],
    wanted: Sequence[str],
    types: Mapping[str, str] = MappingProxyType({}),
    gone: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    spare: Collection[str] = (),
) -> Raw:
    """Read the wanted columns of all inputs into the table ``target``.

    Parameters
    ----------
    types
        What texts of some wanted columns are stored as, where that tells the text; such columns
        are not in the table as a whole.
    gone
        Words that stand for missing in some wanted columns and are taken out.
    spare
        Wanted columns that are missing in the rows of an input without them, where another has
        them.

    Raises
    ------
    DataError
        When all inputs are empty, or one lacks a wanted column or names it twice.
    """
    raw = Raw({name: f"c{number}" for number, name in enumerate(wanted)}, list(inputs))
    for name, column in raw.columns.items():
        raw.stored[name] = Stored(column, types.get(name), gone.get(name, ()))
    declared = "".join(f", {stored.declared}" for stored in raw.stored.values())
    job.connection.execute(f"CREATE TABLE {target} (_file INTEGER, _empty BOOLEAN{declared})")
    for number, opened in enumerate(inputs):
        places = _places(job, inputs, number, wanted, spare)
        raw.unread += [
            name or f"column {place + 1}, which has no name"
            for place, name in enumerate(opened.header)
            if place not in places and name not in raw.unread
        ]
        before = job.number(f"SELECT count(*) FROM {target}")
        inserted = _insert(job, target, number, raw, places)
        raw.ragged += inserted.ragged
        raw.counted.append(inserted.counted)
        raw.counts.append(job.number(f"SELECT count(*) FROM {target}") - before)
        if not raw.counts[-1] and not inserted.ragged:
            job.notes.append(f"{opened.name} has a header and no rows")
    if not sum(raw.counts) and not raw.ragged:
        raise DataError(
            f"{raw.files[0]}: the file has a header and no rows. Export it again, or leave it "
            f"out of [tables.{job.name}]."
        )
    return raw


def _places(
    job: Job, inputs: Sequence[Opened], number: int, wanted: Sequence[str], spare: Collection[str]
) -> list[int | None]:
    """Where wanted columns stand in an input; None for one that only others have, which is said."""
    header = inputs[number].header
    absent = [
        name
        for name in spare
        if not has_column(header, name) and any(has_column(i.header, name) for i in inputs)
    ]
    if absent:
        job.notes.append(
            f"{inputs[number].name} has no column {', '.join(map(repr, absent))}, which other "
            "files of the table have: it is missing in its rows"
        )
    return [
        None if name in absent else place_of(header, name, inputs[number].name, job.name)
        for name in wanted
    ]


def _insert(job: Job, target: str, number: int, raw: Raw, places: Sequence[int | None]) -> Inserted:
    """Insert an input's records; lines of a text file that are no records come back."""
    opened, stored = raw.inputs[number], list(raw.stored.values())
    content = opened.content
    if isinstance(content, Typed):
        decimal = job.table.decimal
        texts = [_as_text(place, content.columns, decimal) for place in places]
        rows = rows_of(content.columns.sql, number, texts, stored)
        try:
            job.connection.execute(f"INSERT INTO {target} {rows}")
        except duckdb.ConversionException as error:
            raise _no_text(opened.name, content.columns, places) from error
        job.notes.extend(content.columns.expressions.notes(opened.name))
        return Inserted()
    texts = [NO_TEXT if place is None else f"c{place}" for place in places]
    if isinstance(content, JsonFile):
        read = [place for place in places if place is not None]
        rows = rows_of(content.sql(read), number, texts, stored)
        try:
            job.connection.execute(f"INSERT INTO {target} {rows}")
        except duckdb.InvalidInputException as error:
            raise DataError(f"{content.name}: changed while it was read. Run again.") from error
        job.notes.extend(content.expressions.notes(content.name))
        return Inserted(list(content.bad))
    inserted = insert_csv(
        job, target, lambda source: rows_of(source, number, texts, stored, content.white), content
    )
    ragged, footer = without_footer(content, inserted.ragged, job.table.footer)
    job.notes.extend([f"{content.name}: left out {footer} lines of a footer"] if footer else [])
    return replace(inserted, ragged=ragged)


def _as_text(place: int | None, columns: Columns, decimal: str) -> str:
    if place is None:
        return NO_TEXT
    if columns.types[place] in ("DOUBLE", "FLOAT"):
        return f"CASE WHEN NOT isnan(c{place}) THEN {typed_text(f'c{place}', decimal)} END"
    if columns.types[place] == "BLOB":  # how some programs write texts
        return f"decode(c{place})"
    if columns.types[place].startswith("DECIMAL"):
        return typed_text(f"c{place}", decimal)
    return f"c{place}::VARCHAR"


def _no_text(name: str, columns: Columns, places: Sequence[int | None]) -> DataError:
    """Bytes that are no text: which columns may hold them."""
    read = [place for place in places if place is not None and columns.types[place] == "BLOB"]
    names = ", ".join(repr(columns.header[place]) for place in read)
    return DataError(
        f"{name}: {names} holds bytes that are no text in UTF-8. Export it as text, or do not "
        "map it."
    )


def lines_of(raw: Raw, number: int, records: Iterable[int]) -> dict[int, int]:
    """Physical line (row number where there are no lines) of records of one file.

    Raises
    ------
    LinesDisagreeError
        When counting finds another number of records than DuckDB read.
    """
    content = raw.inputs[number].content
    if isinstance(content, Typed):
        return {record: record + content.first_line - 1 for record in records}
    counted = raw.counted[number]
    if counted is not None:
        return counted.lines(set(records))
    if isinstance(content, JsonFile):
        found, total = content.lines(set(records))
    else:
        found, total = line_numbers(content, set(records))
    if total != raw.counts[number]:
        raise LinesDisagreeError(content.name)
    return found
