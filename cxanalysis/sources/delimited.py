"""Open a delimited text file: its encoding, its delimiter and its header."""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.encodings import as_utf8

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class CsvFile:
    """A delimited text file that can be read as UTF-8.

    ``name`` is what messages call it; ``path`` may be a re-encoded copy. ``header_lines`` is
    the number of physical lines up to the end of the header. ``nul`` and ``odd`` tell what
    bytes it holds, see `cxanalysis.sources.encodings.Utf8`.
    """

    name: str
    path: Path
    delimiter: str
    quote: str
    header: tuple[str, ...]
    header_lines: int
    nul: bool = False
    odd: bool = True
    note: str = ""


def open_text(path: Path) -> TextIO:
    """A UTF-8 file's text with its line ends as they are; a byte order mark is skipped."""
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open("r", encoding="utf-8-sig", newline="")


def open_csv(path: Path, name: str, table: Table, wanted: Sequence[str], scratch: Path) -> CsvFile:
    """Check a text file's encoding, find its delimiter and read its header.

    Parameters
    ----------
    wanted
        Names that the study file maps; they decide between delimiters.
    scratch
        Folder for a re-encoded copy; it holds raw data and is deleted after reading.

    Raises
    ------
    DataError
        When the file is empty, is not in the declared encoding, or its columns are separated
        by something else than the declared delimiter.
    """
    file = as_utf8(path, name, table.encoding, scratch)
    blank, text = _first_lines(file.path)
    if not text.strip():
        raise DataError(f"{name}: the file is empty. Export it again, or leave the table out.")
    quote = '"' if table.quote is None else table.quote
    likely = _likely_delimiter(file.path, quote, wanted)
    delimiter = table.delimiter or likely
    header, lines = _read_header(file.path, name, delimiter, quote)
    if len(header) == 1 and len(wanted) > 1:
        _refuse_one_column(name, delimiter, likely)
    return CsvFile(
        name, file.path, delimiter, quote, header, lines + blank, file.nul, file.odd, file.note
    )


def _refuse_one_column(name: str, delimiter: str, likely: str) -> None:
    """A header of one column where several are wanted has been split at the wrong sign."""
    if likely != delimiter:
        raise DataError(
            f"{name}: with {DELIMITERS.get(delimiter, repr(delimiter))} as delimiter the file has "
            f"one column. It looks separated by {DELIMITERS[likely]}; "
            f"set delimiter = {_toml(likely)}."
        )
    raise DataError(
        f"{name}: the first line holds one column only. If lines stand above the header, remove "
        "them; if another sign than comma, semicolon, tab or bar separates the columns, set "
        "delimiter."
    )


def _toml(text: str) -> str:
    """A delimiter as the study file writes it."""
    return '"' + text.replace("\t", "\\t") + '"'


def _first_lines(path: Path) -> tuple[int, str]:
    """How many blank lines a file starts with, and its first line with content."""
    with open_text(path) as handle:
        for number, line in enumerate(handle):
            if line.strip():
                return number, line
    return 0, ""


def _read_header(path: Path, name: str, delimiter: str, quote: str) -> tuple[tuple[str, ...], int]:
    """Names of the columns and the number of physical lines they take, blank ones before not."""
    with open_text(path) as handle:
        reader = make_reader(_from_content(handle), delimiter, quote)
        try:
            header = next(reader)
        except csv.Error as error:
            raise DataError(
                f"{name}: the header cannot be read, its quotes do not pair up. Correct the "
                'first line, or set quote = "" if the file does not use quotes.'
            ) from error
        return tuple(" ".join(column.split()) for column in header), reader.line_num


def _from_content(handle: TextIO) -> Iterator[str]:
    started = False
    for line in handle:
        started = started or bool(line.strip())
        if started:
            yield line


def make_reader(lines: Iterator[str] | TextIO, delimiter: str, quote: str) -> Any:
    """A strict reader: broken quoting is an error, never a guess."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True)


def _likely_delimiter(path: Path, quote: str, wanted: Sequence[str]) -> str:
    """The delimiter that yields most of the wanted names, then most columns."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            header, _ = _read_header(path, path.name, delimiter, quote)
        except DataError:
            return (-1, 0)
        names = {name.casefold() for name in header}
        return sum(" ".join(name.split()).casefold() in names for name in wanted), len(header)

    return max(DELIMITERS, key=fit)
