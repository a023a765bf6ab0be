"""Look at a file: its dialect, and what the values of each column are like, on every row."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from charset_normalizer import from_bytes

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.recognise.times import TimeFormat, find_time_format, in_order
from cxanalysis.recognise.vocabulary import DATE_WORDS, MISSING_CODES, words
from cxanalysis.sources.sql import literal, quoted

_DELIMITERS = (",", ";", "\t", "|")
_WESTERN = ("cp1250", "cp1252", "cp1254", "cp1257", "iso8859", "latin", "mac", "cp437", "cp85")
_FEW = 60  # distinct values that are kept by name
_EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
_PHONE = r"^(\+|00|\()?[0-9][0-9 ()./-]{6,18}[0-9]$"
_NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_COMMA_NUMBER = r"^[+-]?[0-9]+(,[0-9]+)?$"
_CLOCK = r"^[0-9]{1,3}:[0-9]{2}(:[0-9]{2})?$"
TWICE = " · column "  # marks headers that come twice, which cannot be mapped by name
_MOST = 0.98  # share of values that must look alike


@dataclass(frozen=True)
class ColumnProfile:
    """One column as its values show it.

    ``kind`` is one of empty, email, phone, time, epoch, clock, integer, number, category, text.
    ``values`` are (text, rows), most frequent first, kept only where they are few; ``missing``
    are the codes for "no value" met in it. ``filled`` is a share of all rows.
    """

    name: str
    words: tuple[str, ...]
    rows: int
    given: int
    distinct: int
    kind: str
    low: float | None = None
    high: float | None = None
    comma: bool = False
    length: int = 0
    values: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()
    time: TimeFormat | None = None
    zeros: int = 0

    @property
    def filled(self) -> float:
        """Share of rows with a value."""
        return self.given / self.rows if self.rows else 0.0

    @property
    def unique(self) -> bool:
        """Whether no value comes twice (and nearly every row has one)."""
        return self.distinct == self.given and self.filled > 0.99

    @property
    def statistic(self) -> str:
        """An example-free summary for a comment."""
        kinds = "all different" if self.unique else f"{self.distinct:,} distinct"
        return f"{percent(self.filled)} filled, {kinds}"


@dataclass(frozen=True)
class FileProfile:
    """A file: where its rows are in the connection, how it is written, and its columns."""

    path: Path
    relation: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    delimiter: str | None = None
    quote: str | None = None
    encoding: str = "utf-8"
    encoding_sure: bool = True
    doubts: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The profile of the column with exactly this header."""
        return next(column for column in self.columns if column.name == name)


def percent(share: float) -> str:
    """A share in words of a comment; never rounded up to a false 100 or down to a false 0."""
    if 0.995 <= share < 1:
        return "over 99 %"
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{share:.0%}".replace("%", " %")


def clean(name: str) -> str:
    """SQL of a column's trimmed text, NULL where it is empty or a missing code."""
    text = f"trim({quoted(name)})"
    codes = ", ".join(literal(code) for code in ("", *sorted(MISSING_CODES)))
    return f"(CASE WHEN lower({text}) NOT IN ({codes}) THEN {text} END)"


def load(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> FileProfile:
    """Load a file as text into the connection; its columns are described by `describe`.

    Raises
    ------
    DataError
        When the file is absent, empty, has no rows below its header, is not a table or has no
        header line; the message says which.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name}: the file is empty. Export it again.")
    with path.open("rb") as stream:
        magic = stream.read(8)
    if magic.startswith(b"PAR1"):
        return _load_parquet(connection, path, relation)
    if magic.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{", b"[{")):
        raise DataError(
            f"{path.name}: not a CSV or Parquet file (it looks like a workbook, an archive, a PDF "
            "or JSON). Save or export the table as CSV first."
        )
    return _load_csv(connection, path, relation)


def headers(connection: duckdb.DuckDBPyConnection, file: FileProfile) -> tuple[str, ...]:
    """Names of the file's columns, in order."""
    return tuple(_names(connection, file.relation))


def describe(connection: duckdb.DuckDBPyConnection, file: FileProfile) -> FileProfile:
    """The file with a profile of every column, worked out on all its rows."""
    file = replace(file, rows=_count(connection, file.path, file.relation))
    columns = [_look_at_column(connection, file, name) for name in headers(connection, file)]
    return replace(file, columns=tuple(_shared_date_order(columns)))


def _load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> FileProfile:
    try:
        connection.execute(
            f"CREATE TABLE {relation} AS SELECT CAST(COLUMNS(*) AS VARCHAR) "
            f"FROM read_parquet({literal(str(path))})"
        )
    except duckdb.Error as error:
        raise DataError(
            f"{path.name}: not a readable Parquet file: {_first_line(error)}"
        ) from error
    return FileProfile(path, relation, _count(connection, path, relation), ())


def _load_csv(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> FileProfile:
    encoding, sure = find_encoding(path)
    with tempfile.TemporaryDirectory() as folder:
        source = path if encoding == "utf-8" else _recoded(path, encoding, Path(folder))
        delimiter, quote = _sniff(connection, source, path)
        names = _header(source, path, delimiter, quote)
        unique = ", ".join(literal(name) for name in _told_apart(names))
        try:
            connection.execute(
                f"CREATE TABLE {relation} AS FROM read_csv({literal(str(source))}, header = true, "
                f"names = [{unique}], delim = {literal(delimiter)}, quote = {literal(quote)}, "
                f"escape = {literal(quote)}, all_varchar = true, null_padding = true, "
                "strict_mode = false, ignore_errors = true, parallel = false, "
                "max_line_size = 10000000)"
            )
        except duckdb.Error as error:
            raise DataError(
                f"{path.name}: not readable as a table: {_first_line(error)}"
            ) from error
    rows = _count(connection, path, relation)
    if len(names) == 1:
        raise DataError(
            f"{path.name}: only one column was found, so this is no table, or its delimiter is "
            "none of comma, semicolon, tab and bar."
        )
    if _looks_like_data(names):
        raise DataError(
            f"{path.name}: the first line holds values, not names of columns. Put a line with "
            "the names of the columns on top."
        )
    return FileProfile(
        path,
        relation,
        rows,
        (),
        None if delimiter == "," else delimiter,
        None if quote == '"' else quote,
        encoding,
        sure,
    )


def find_encoding(path: Path) -> tuple[str, bool]:
    """A text file's encoding, and whether that is sure rather than the likeliest guess."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    opener = gzip.open if path.read_bytes()[:2] == b"\x1f\x8b" else open
    with opener(path, "rb") as stream:
        head = stream.read(1 << 20)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", True
        chunk = head
        kept = head
        try:
            while chunk:
                decoder.decode(chunk)
                kept = chunk
                chunk = stream.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _likeliest_encoding(path, head + kept), False
    return "utf-8", True


def _likeliest_encoding(path: Path, content: bytes) -> str:
    best = from_bytes(content).best()
    if best is None:
        raise DataError(f"{path.name}: neither text nor Parquet; its encoding is not recognised.")
    if best.encoding.startswith(_WESTERN):
        # Western single-byte encodings differ in a few signs; Windows writes this one.
        return "cp1252"
    return best.encoding


def _recoded(path: Path, encoding: str, folder: Path) -> Path:
    opener = gzip.open if path.read_bytes()[:2] == b"\x1f\x8b" else open
    with opener(path, "rb") as stream:
        text = stream.read().decode(encoding, errors="replace")
    target = folder / "recoded.csv"
    target.write_text(text, encoding="utf-8", newline="")
    return target


def _sniff(connection: duckdb.DuckDBPyConnection, source: Path, path: Path) -> tuple[str, str]:
    """Delimiter and quote; DuckDB's sniffer, checked against the header line.

    A ragged file can sniff as one column, so where the header holds another delimiter that one
    is taken.
    """
    opener = gzip.open if source.read_bytes()[:2] == b"\x1f\x8b" else open
    with opener(source, "rb") as stream:
        header = stream.readline(1 << 20).decode("utf-8", errors="replace")
    if "\x00" in header:
        raise DataError(f"{path.name}: not a text table. Give CSV or Parquet files.")
    counted = max(_DELIMITERS, key=header.count)
    delimiter, quote = counted, '"'
    try:
        row = connection.execute(
            'SELECT "Delimiter", "Quote" FROM sniff_csv(?, sample_size = 20000, '
            "ignore_errors = true, null_padding = true, strict_mode = false)",
            [str(source)],
        ).fetchone()
    except duckdb.Error:
        row = None
    if row is not None:
        delimiter = row[0] if row[0] and row[0] in header else counted
        quote = row[1] if row[1] not in ("", "(empty)", "\x00", None) else '"'
    return delimiter, quote


def _header(source: Path, path: Path, delimiter: str, quote: str) -> list[str]:
    """Names of the columns as the reader will know them: white space collapsed."""
    opener = gzip.open if source.read_bytes()[:2] == b"\x1f\x8b" else open
    with opener(source, "rt", encoding="utf-8-sig", newline="") as stream:
        content = (line for line in stream if line.strip())
        try:
            header = next(csv.reader(content, delimiter=delimiter, quotechar=quote), [])
        except csv.Error as error:
            raise DataError(f"{path.name}: the header cannot be read: {error}.") from error
    return [" ".join(name.split()) or f"(column {n + 1})" for n, name in enumerate(header)]


def _told_apart(names: list[str]) -> list[str]:
    """The names with a mark on those that come twice, whatever their case."""
    folded = [name.casefold() for name in names]
    return [
        name if folded.count(folded[place]) == 1 else f"{name}{TWICE}{place + 1}"
        for place, name in enumerate(names)
    ]


def _looks_like_data(names: list[str]) -> bool:
    """Names that are numbers, dates or addresses are a sign of a missing header line."""
    like_values = [
        name
        for name in names
        if re.match(rf"{_NUMBER}|{_EMAIL}|^\d{{4}}-\d\d-\d\d|^\d+/\d+/\d+", name)
    ]
    return len(like_values) > len(names) / 3


def _count(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    assert row is not None
    if not row[0]:
        raise DataError(f"{path.name}: no rows below the header. Export it again.")
    return int(row[0])


def _names(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE {relation}").fetchall()]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _look_at_column(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, name: str
) -> ColumnProfile:
    value = clean(name)
    row = connection.execute(
        f"""SELECT count(v), count(DISTINCT v), max(length(v)),
            count(*) FILTER (regexp_matches(v, '{_EMAIL}')),
            count(*) FILTER (regexp_matches(v, '{_PHONE}')),
            count(*) FILTER (regexp_matches(v, '{_NUMBER}')),
            count(*) FILTER (regexp_matches(v, '{_COMMA_NUMBER}')),
            count(*) FILTER (contains(v, '.')),
            count(*) FILTER (regexp_matches(v, '{_CLOCK}')),
            min(try_cast(replace(v, ',', '.') AS DOUBLE)),
            max(try_cast(replace(v, ',', '.') AS DOUBLE)),
            count(*) FILTER (try_cast(v AS DOUBLE) % 1 <> 0),
            count(*) FILTER (v = '0')
        FROM (SELECT {value} AS v FROM {file.relation})"""
    ).fetchone()
    assert row is not None
    (
        given,
        distinct,
        length,
        emails,
        phones,
        numbers,
        commas,
        dots,
        clocks,
        low,
        high,
        broken,
        zeros,
    ) = row
    profile = ColumnProfile(
        name, words(name), file.rows, given, distinct, "empty", length=length or 0
    )
    if not given or TWICE in name:
        return replace(profile, kind="empty" if not given else "twice")
    enough = _MOST * given
    kind = "category" if distinct <= max(20, given / 20) and (length or 0) <= 80 else "text"
    found: TimeFormat | None = None
    comma = False
    if emails >= enough:
        kind = "email"
    elif clocks >= enough:
        kind = "clock"
    elif max(numbers, commas) >= enough:
        comma = commas > numbers and not dots
        kind = "number" if broken or comma else "integer"
        if set(profile.words) & DATE_WORDS:
            kind, found = _digits_as_time(connection, file, value, kind, low, high)
    else:
        found = find_time_format(connection, file.relation, value, compact=False)
        if found is not None:
            kind = "time"
        elif phones >= enough:
            kind = "phone"
    profile = replace(profile, zeros=zeros)
    is_number = kind in ("integer", "number")
    return replace(
        profile,
        kind=kind,
        low=low if is_number else None,
        high=high if is_number else None,
        comma=comma,
        values=_values(connection, file, value) if distinct <= _FEW else (),
        missing=_missing_codes(connection, file, name),
        time=found,
    )


def _digits_as_time(
    connection: duckdb.DuckDBPyConnection,
    file: FileProfile,
    value: str,
    kind: str,
    low: float,
    high: float,
) -> tuple[str, TimeFormat | None]:
    """Digits under a header that speaks of time: 20160229, or seconds since 1970."""
    if low >= 6e8 and high <= 4.2e15 and (high <= 4.2e9 or low >= 6e11):
        return "epoch", None
    if low < 10_000:
        return kind, None
    found = find_time_format(connection, file.relation, value, compact=True)
    return ("time", found) if found is not None else (kind, None)


def _values(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, value: str
) -> tuple[tuple[str, int], ...]:
    rows = connection.execute(
        f"SELECT {value} AS v, count(*) AS n FROM {file.relation} WHERE v IS NOT NULL "
        "GROUP BY v ORDER BY n DESC, v"
    ).fetchall()
    return tuple((str(text), int(n)) for text, n in rows)


def _missing_codes(
    connection: duckdb.DuckDBPyConnection, file: FileProfile, name: str
) -> tuple[str, ...]:
    codes = ", ".join(literal(code) for code in sorted(MISSING_CODES))
    text = f"trim({quoted(name)})"
    rows = connection.execute(
        f"SELECT DISTINCT {text} FROM {file.relation} WHERE lower({text}) IN ({codes}) ORDER BY 1"
    ).fetchall()
    known = Table(path=("",)).missing
    return tuple(row[0] for row in rows if row[0] not in known)


def _shared_date_order(columns: list[ColumnProfile]) -> list[ColumnProfile]:
    """A column that cannot tell day from month follows one of the same file that can."""
    orders = {
        column.time.day_first: column.name
        for column in columns
        if column.time is not None and column.time.ambiguous_kind and column.time.decided
    }
    if len(orders) != 1:
        return columns
    ((day_first, teacher),) = orders.items()
    order = "day" if day_first else "month"
    evidence = f"{order} first, as {teacher.strip()!r} of the same file shows"
    return [
        replace(column, time=in_order(column.time, day_first=day_first, evidence=evidence))
        if column.time is not None and not column.time.decided
        else column
        for column in columns
    ]
