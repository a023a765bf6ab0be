"""Open a delimited text file: its encoding, its delimiter and its header."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from cxanalysis.config import Table
from cxanalysis.errors import DataError
from cxanalysis.sources.encodings import as_utf8
from cxanalysis.sources.sql import WHITE

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
RARE = {"^": "caret", "~": "tilde", "\x01": "control sign 1", "\x1f": "control sign 31"}
FEWEST = 3  # columns of a header that titles stand above
LABELLED = 3  # most header lines that are told without being declared
TITLED = 12  # lines among which a header below titles is looked for
# All that lines hold which a spreadsheet wrote for an empty row.
EMPTY = ' \t\r\n,;|"'
# A first line for Excel, which names the sign between the columns.
SEPARATOR = re.compile(r'"?sep=(.)"?\s*$', re.IGNORECASE)


@dataclass(frozen=True)
class CsvFile:
    """A delimited text file that can be read as UTF-8.

    ``name`` is what messages call it; ``path`` may be a re-encoded copy. ``header_lines`` is
    the number of physical lines up to the first record, ``skip`` how many lines DuckDB skips to
    get there: it counts a record with quoted line breaks as one. ``nul`` and ``white`` tell
    what it holds, see `cxanalysis.sources.encodings.Utf8`.
    """

    name: str
    path: Path
    delimiter: str
    quote: str
    header: tuple[str, ...]
    header_lines: int
    nul: bool = False
    white: str = WHITE
    note: str = ""
    skip: int = 0


def open_text(path: Path) -> TextIO:
    """A UTF-8 file's text with its line ends as they are; a byte order mark is skipped."""
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
    above = lines_above(file.path, table.title_lines)
    if not above.first:
        raise DataError(f"{name}: the file is empty. Export it again, or leave the table out.")
    quote = '"' if table.quote is None else table.quote
    likely = above.separator or _likely_delimiter(file.path, quote, wanted, above.lines)
    delimiter = table.delimiter or likely
    header, lines, rows = _read_header(
        file.path, name, delimiter, quote, above.lines, table.header_lines
    )
    if len(header) == 1 and len(wanted) > 1:
        _refuse_one_column(name, delimiter, likely)
    return CsvFile(
        name,
        file.path,
        delimiter,
        quote,
        header,
        above.lines + lines,
        file.nul,
        file.white if quote in ("", '"', "'") else WHITE,
        file.note,
        above.lines + rows,
    )


def _refuse_one_column(name: str, delimiter: str, likely: str) -> None:
    """A header of one column where several are wanted has been split at the wrong sign."""
    if likely != delimiter:
        names = DELIMITERS | RARE
        said, looks = (names.get(sign, repr(sign)) for sign in (delimiter, likely))
        raise DataError(
            f"{name}: with {said} as delimiter the file has one column. It looks separated by "
            f"{looks}; set delimiter = {_toml(likely)}."
        )
    raise DataError(
        f"{name}: the first line holds one column only. If lines stand above the header, say how "
        "many with title_lines; if another sign than comma, semicolon, tab or bar separates the "
        "columns, set delimiter."
    )


def _toml(text: str) -> str:
    """A delimiter as the study file writes it."""
    sign = "\\t" if text == "\t" else text if text.isprintable() else f"\\u{ord(text):04x}"
    return f'"{sign}"'


@dataclass(frozen=True)
class Above:
    """Physical ``lines`` above a header, the sign between columns if one is named there, and the
    ``first`` line of the header, empty where there is none.
    """

    lines: int
    separator: str | None
    first: str


def lines_above(path: Path, titles: int = 0) -> Above:
    """What stands above the header of a UTF-8 file.

    Lines that hold nothing, one that names the sign between columns, and so many ``titles``.
    """
    separator = None
    with open_text(path) as handle:
        for number, line in enumerate(handle):
            if not line.strip(EMPTY):
                continue
            named = SEPARATOR.match(line) if separator is None else None
            if named:
                separator = named[1]
            elif titles:
                titles -= 1
            else:
                return Above(number, separator, line)
    return Above(0, separator, "")


def _read_header(
    path: Path, name: str, delimiter: str, quote: str, above: int, lines: int = 1
) -> tuple[tuple[str, ...], int, int]:
    """Names of the columns, and physical lines and rows from the header to the first record.

    Lines ``above`` the header are not counted, blank ones between its lines are.
    """
    with open_text(path) as handle:
        reader = make_reader(islice(handle, above, None), delimiter, quote)
        try:
            rows: list[list[str]] = []
            for row in reader:
                rows.append(row)
                if sum(map(bool, rows)) == lines:
                    break
        except csv.Error as error:
            raise DataError(
                f"{name}: the header cannot be read, its quotes do not pair up. Correct the "
                'first line, or set quote = "" if the file does not use quotes.'
            ) from error
        return column_names([row for row in rows if row]), reader.line_num, len(rows)


def column_names(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Names of the columns by the lines of a header: those of the first line.

    A question with several columns has its name in the first of them only, and what each column
    is in the second line: these are called "question: label".
    """
    first, *others = [[" ".join(cell.split()) for cell in row] for row in rows]
    labels = [*others[0], *[""] * len(first)] if others else [""] * len(first)
    names = []
    question = ""
    for place, name in enumerate(first):
        question = name or question
        spread = not name or (place + 1 < len(first) and not first[place + 1])
        label = labels[place] if spread else ""
        names.append(f"{question.rstrip(':')}: {label}" if question and label else name)
    return tuple(names)


def find_title_lines(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first rows with content of a file are titles above its header.

    A title fills a third of the header's columns at most, and what follows is as wide as the
    header.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    place = next((place for place, cells in enumerate(filled) if cells >= FEWEST), 0)
    after = rows[place + 1 :]
    table = after and all(len(row) == len(rows[place]) for row in after)
    return place if table and all(3 * cells <= filled[place] for cells in filled[:place]) else 0


def find_header_lines(rows: Sequence[Sequence[str]]) -> int:
    """How many lines of a header the first ``LABELLED`` records of a file are.

    Qualtrics writes names, questions and {"ImportId": …}; SurveyMonkey writes questions and
    labels, with nothing under the columns that are no questions.
    """
    if len(rows) >= 3 and sum('"ImportId"' in cell for cell in rows[2]) * 2 > len(rows[0]):
        return 3
    if len(rows) >= 2 and rows[0][0].strip() and not rows[1][0].strip():
        unnamed = [label for name, label in zip(*rows[:2], strict=False) if not name.strip()]
        if any(label.strip() for label in unnamed):
            return 2
    return 1


def make_reader(lines: Iterator[str] | TextIO, delimiter: str, quote: str) -> Any:
    """A strict reader: broken quoting is an error, never a guess.

    Spaces before a value do not count, as DuckDB has it for one before a quote.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    if not quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    spaced = delimiter != " "
    return csv.reader(
        lines, delimiter=delimiter, quotechar=quote, strict=True, skipinitialspace=spaced
    )


def _likely_delimiter(path: Path, quote: str, wanted: Sequence[str], above: int) -> str:
    """The delimiter that yields most of the wanted names, then most columns.

    Signs that texts may hold as well count only where no usual delimiter separates anything.
    """

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            header = _read_header(path, path.name, delimiter, quote, above)[0]
        except DataError:
            return (-1, 0)
        names = {name.casefold() for name in header}
        return sum(" ".join(name.split()).casefold() in names for name in wanted), len(header)

    likely = max(DELIMITERS, key=fit)
    return likely if fit(likely)[1] > 1 else max((likely, *RARE), key=fit)
