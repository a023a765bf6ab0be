"""Load a file as text: its encoding, delimiter, quote and headers."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import available_timezones

import duckdb
from charset_normalizer import from_bytes

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.delimited import (
    EMPTY,
    LABELLED,
    TITLED,
    Above,
    column_names,
    find_header_lines,
    find_title_lines,
    lines_above,
    open_text,
)
from cxanalysis.sources.encodings import refuse_page
from cxanalysis.sources.json_documents import form_of, outline_of
from cxanalysis.sources.json_rows import open_json
from cxanalysis.sources.nested import parquet_columns
from cxanalysis.sources.sql import literal, quoted

EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
NUMBER = r"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
TWICE = " · column "  # marks headers that come twice, which cannot be mapped by name
_DELIMITERS = (",", ";", "\t", "|")
_ERROR_KEYS = frozenset({"error", "errors"})  # what a server answers in place of records
_WESTERN = ("cp1250", "cp1252", "cp1254", "cp1257", "iso8859", "latin")
# Letters of Western Europe stand alone or in twos among plain ones; in other scripts words hold
# nothing else, and what the signs of the East begin with is none of these.
_LETTERS = re.compile(rb"[\x8c\x9c\xc0-\xcf\xd1-\xd6\xd8-\xdc\xdf-\xef\xf1-\xf6\xf8-\xfc\xff]+")
_NEARLY = 0.9
# Of DOS and of Macs of old, which no program of today writes.
_OLD = ["cp437", "cp720", "cp737", "cp775", "cp850", "cp852", "cp855", "cp856", "cp857", "cp858",
        "cp860", "cp861", "cp862", "cp863", "cp864", "cp865", "cp866", "cp869", "cp1006", "cp1125",
        "mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish",
        "kz1048", "ptcp154", "hp_roman8", "tis_620", "johab"]  # fmt: skip


@dataclass(frozen=True)
class LoadedFile:
    """A file whose rows are in the connection as text: where, under which headers, and how it
    is written. ``delimiter`` and ``quote`` are None where they are the usual ones; ``format`` is
    one of those that a study file may name, ``records`` where the records of a JSON document
    are. ``title_lines`` with content stand above the header. ``questions`` holds by header what
    the second of three header lines says, ``time_zone`` what the third says of times. ``written``
    is what the study file has as its path, where that is not the file's own, and ``told`` its
    format, where that is not what its name says.
    """

    path: Path
    relation: str
    headers: tuple[str, ...]
    delimiter: str | None = None
    quote: str | None = None
    encoding: str = "utf-8"
    encoding_sure: bool = True
    format: str = "csv"
    records: str | None = None
    sheet: str | None = None
    query: str | None = None
    written: Path | str | None = None
    told: str | None = None
    header_lines: int = 1
    title_lines: int = 0
    questions: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None


def load(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> LoadedFile:
    """Load a file as text into the connection; `profile.describe` looks at its columns.

    Raises
    ------
    DataError
        When the file is absent, empty, has no rows below its header, is not a table or has no
        header line; the message says which.
    """
    if path.is_dir():
        raise DataError(f"{path}: a folder. Name the files in it, such as {path / '*.csv'}")
    if not path.is_file():
        raise DataError(f"{path}: no such file.")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name}: the file is empty. Export it again.")
    with path.open("rb") as stream:
        magic = stream.read(64)
    if magic.startswith(b"PAR1"):
        return _load_parquet(connection, path, relation)
    if re.match(rb"(\xef\xbb\xbf)?\s*(\{|\[\s*(\{|$))", magic):
        return _load_json(connection, path, relation)
    refuse_page(magic, path.name)
    if magic.startswith(b"%PDF"):
        raise DataError(
            f"{path.name}: this is a PDF. Export the table as CSV, JSON, Excel or Parquet."
        )
    return _load_csv(connection, path, relation)


def load_texts(
    connection: duckdb.DuckDBPyConnection,
    rows: Path,
    path: Path,
    relation: str,
    header: Sequence[str] = (),
) -> LoadedFile | None:
    """Load the rows of a sheet or a database's table; None where they are no table.

    Parameters
    ----------
    rows
        A Parquet file.
    path
        What messages call it.
    header
        Names of the columns, where those in the Parquet file are not the true ones.
    """
    names = [name or f"(column {place + 1})" for place, name in enumerate(header)]
    columns = parquet_columns(connection, rows, path.name)
    told_apart = ", ".join(quoted(n) for n in _told_apart(names or list(columns.header)))
    connection.execute(
        f"CREATE TABLE {relation} AS SELECT CAST(COLUMNS(*) AS VARCHAR) "
        f"FROM {columns.sql} AS rows({told_apart})"
    )
    names = list(_names(connection, relation))
    empty = connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is None
    if empty or len(names) < 2 or _looks_like_data(names):
        return None
    return LoadedFile(path, relation, tuple(names))


def _load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> LoadedFile:
    columns = parquet_columns(connection, path, path.name)
    names = ", ".join(quoted(name) for name in _told_apart(list(columns.header)))
    connection.execute(
        f"CREATE TABLE {relation} AS SELECT CAST(COLUMNS(*) AS VARCHAR) "
        f"FROM {columns.sql} AS file({names})"
    )
    _refuse_empty(connection, path, relation)
    return LoadedFile(path, relation, _names(connection, relation), format="parquet")


def _load_json(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> LoadedFile:
    """Load JSON; of a document the longest list of records."""
    with tempfile.TemporaryDirectory() as folder:
        records = _longest_list(path)
        table = Table(path=(str(path),), format="json", records=records)
        file = open_json(connection, path, path.name, table, Path(folder))
        names = ", ".join(quoted(name) for name in _told_apart(list(file.header)))
        if file.header:
            connection.execute(
                f"CREATE TABLE {relation} AS SELECT * FROM {file.sql(range(len(file.header)))} "
                f"AS file({names})"
            )
    if not file.header:
        raise DataError(f"{path.name}: no records. Export it again.")
    if {name.partition(".")[0].casefold() for name in file.header} <= _ERROR_KEYS:
        raise DataError(
            f"{path.name}: the file holds an error message, not an export. Export it again."
        )
    _refuse_empty(connection, path, relation)
    return LoadedFile(path, relation, _names(connection, relation), format="json", records=records)


def _longest_list(path: Path) -> str | None:
    """Where a document's records are; None where each line or the whole file is one or a list."""
    if form_of(path, path.name) != "objects":
        return None
    outline = outline_of(path, path.name)
    if outline.values != 1:
        return None
    sizes = {
        ".".join(keys): end - start
        for keys, (start, end, objects) in outline.lists.items()
        if objects
    }
    return max(sizes, key=lambda keys: sizes[keys], default=None)


def _load_csv(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> LoadedFile:
    encoding, sure = find_encoding(path)
    with tempfile.TemporaryDirectory() as folder:
        source = path if encoding == "utf-8" else _recoded(path, encoding, Path(folder))
        above, titles = _above(source)
        delimiter, quote = _sniff(connection, source, path, above)
        rows = _first_rows(source, path, delimiter, quote, above.lines)
        header_lines = find_header_lines(rows)
        names = [
            name or f"(column {place + 1})"
            for place, name in enumerate(column_names(rows[:header_lines]))
        ]
        unique = ", ".join(literal(name) for name in _told_apart(names))
        try:
            connection.execute(
                f"CREATE TABLE {relation} AS FROM read_csv({literal(str(source))}, header = true, "
                f"names = [{unique}], delim = {literal(delimiter)}, quote = {literal(quote)}, "
                f"escape = {literal(quote)}, skip = {above.lines}, all_varchar = true, "
                "null_padding = true, "
                "strict_mode = false, ignore_errors = true, parallel = false, "
                "max_line_size = 10000000)"
            )
        except duckdb.Error as error:
            raise DataError(
                f"{path.name}: not readable as a table: {_first_line(error)}"
            ) from error
    if header_lines > 1:
        connection.execute(f"DELETE FROM {relation} WHERE rowid < {header_lines - 1}")
    _refuse_empty(connection, path, relation)
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
    file = LoadedFile(
        path,
        relation,
        _names(connection, relation),
        None if delimiter == "," else delimiter,
        None if quote == '"' else quote,
        encoding,
        sure,
    )
    return with_heading(replace(file, title_lines=titles), rows[:header_lines])


def find_encoding(path: Path) -> tuple[str, bool]:
    """A text file's encoding, and whether that is sure rather than the likeliest guess."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
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
    beyond = re.findall(rb"[\x80-\xff]+", content)
    western = sum(len(run) <= 2 and _LETTERS.fullmatch(run) is not None for run in beyond)
    if western >= _NEARLY * len(beyond) and b"\0" not in content:
        return "cp1252"
    best = from_bytes(content, cp_exclusion=_OLD).best()
    if best is None:
        raise DataError(f"{path.name}: neither text nor Parquet; its encoding is not recognised.")
    if best.encoding.startswith(_WESTERN):
        # Western single-byte encodings differ in a few signs; Windows writes this one.
        return "cp1252"
    return best.encoding


def _recoded(path: Path, encoding: str, folder: Path) -> Path:
    with path.open("rb") as stream:
        text = stream.read().decode(encoding, errors="replace")
    target = folder / "recoded.csv"
    target.write_text(text, encoding="utf-8", newline="")
    return target


def _above(source: Path) -> tuple[Above, int]:
    """What stands above the header of a text file, and how many titles are among it."""
    above = lines_above(source)
    with open_text(source) as text:
        content = itertools.islice(text, above.lines, above.lines + TITLED)
        lines = [line for line in content if line.strip(EMPTY)]
    signs = _DELIMITERS if above.separator is None else (above.separator,)
    ways = [
        [next(csv.reader([line], delimiter=sign, skipinitialspace=sign != " ")) for line in lines]
        for sign in signs
    ]
    if any(_begins_with_header(rows) for rows in ways):
        return above, 0  # another sign may stand in the values only, as a comma of decimals
    titles = max(map(find_title_lines, ways))
    return lines_above(source, titles), titles


def _begins_with_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is as wide as all others and holds most of what it could."""
    widths = {len(row) for row in rows}
    return widths != {1} and len(widths) == 1 and find_title_lines(rows) == 0


def _sniff(
    connection: duckdb.DuckDBPyConnection, source: Path, path: Path, above: Above
) -> tuple[str, str]:
    """Delimiter and quote; DuckDB's sniffer, checked against the header line.

    A ragged file can sniff as one column, so where the header holds another delimiter that one
    is taken.
    """
    header = above.first
    if "\x00" in header:
        raise DataError(f"{path.name}: not a text table. Give CSV or Parquet files.")
    counted = max(_DELIMITERS, key=header.count)
    delimiter, quote = counted, '"'
    try:
        row = connection.execute(
            'SELECT "Delimiter", "Quote" FROM sniff_csv(?, sample_size = 20000, '
            "ignore_errors = true, null_padding = true, strict_mode = false, skip = ?)",
            [str(source), above.lines],
        ).fetchone()
    except duckdb.Error:
        row = None
    if row is not None:
        delimiter = row[0] if row[0] and row[0] in header else counted
        quote = row[1] if row[1] not in ("", "(empty)", "\x00", None) else '"'
    return above.separator or delimiter, quote


def _first_rows(
    source: Path, path: Path, delimiter: str, quote: str, above: int
) -> list[list[str]]:
    """The first rows with content of a table, as many as there may be lines of a header."""
    with open_text(source) as text:
        content = (line for line in itertools.islice(text, above, None) if line.strip())
        spaced = delimiter != " "
        reader = csv.reader(content, delimiter=delimiter, quotechar=quote, skipinitialspace=spaced)
        rows: list[list[str]] = []
        try:
            rows.append(next(reader, []))
            rows += itertools.islice(reader, LABELLED - 1)
        except csv.Error as error:
            if not rows:
                raise DataError(f"{path.name}: the header cannot be read: {error}.") from error
    return rows


def with_heading(file: LoadedFile, head: Sequence[Sequence[str]]) -> LoadedFile:
    """The file with what its lines of a header say besides the names of the columns."""
    file = replace(file, header_lines=max(1, len(head)))
    if len(head) < LABELLED:
        return file
    texts = (" ".join(text.split()) for text in head[1])
    questions = {name: text for name, text in zip(file.headers, texts, strict=False) if text}
    return replace(file, questions=questions, time_zone=_zone(head[2]))


def _zone(cells: Sequence[str]) -> str | None:
    """The time zone that {"ImportId": …, "timeZone": …} names; None where it names none or two."""
    found = {match[1] for cell in cells if (match := re.search(r'"timeZone": ?"([^"]+)"', cell))}
    found = {"UTC" if zone == "Z" else zone for zone in found}
    return found.pop() if len(found) == 1 and found <= available_timezones() else None


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
        if re.match(rf"{NUMBER}|{EMAIL}|^\d{{4}}-\d\d-\d\d|^\d+/\d+/\d+", name)
    ]
    return len(like_values) > len(names) / 3


def _refuse_empty(connection: duckdb.DuckDBPyConnection, path: Path, relation: str) -> None:
    if connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is None:
        raise DataError(f"{path.name}: no rows below the header. Export it again.")


def _names(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(f"DESCRIBE {relation}").fetchall())


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
