"""Where a record stands in its file: DuckDB's line numbers are off after quoted line breaks,
so they are counted here, and only when there is something to report or to repair.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cxanalysis.errors import DataError
from cxanalysis.sources.delimited import CsvFile, make_reader, open_text

RAGGED = "ragged line"
BROKEN = "broken quoting"
DAMAGED = "NUL byte"


@dataclass(frozen=True)
class Ragged:
    """A line that is no record: ``line`` is physical, ``value`` says what is wrong with it."""

    file: str
    line: int
    rule: str
    value: str


def read_records(file: CsvFile) -> Iterator[tuple[int, list[str] | Ragged]]:
    """Physical line and fields of each record; blank lines are skipped.

    Raises
    ------
    DataError
        When a quote opens and never closes: the rest of the file would vanish into one field.
    """
    with open_text(file.path) as handle:
        for _ in range(file.header_lines):
            handle.readline()
        yield from records_of(handle, file, file.header_lines + 1)


def records_of(
    handle: TextIO, file: CsvFile, first: int
) -> Iterator[tuple[int, list[str] | Ragged]]:
    """The same for a part of a file, whose first line is that physical line of it."""
    width = len(file.header)
    reader = make_reader(handle, file.delimiter, file.quote)
    while True:
        line = first + reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise DataError(
                    f"{file.name}: a quote opened in line {line} never closes, so the rest of "
                    'the file cannot be read. Close it, or set quote = "" if the file '
                    "does not use quotes."
                ) from error
            yield line, Ragged(file.name, line, BROKEN, "text after a closing quote")
            continue
        if not fields or (len(fields) == 1 and not fields[0].strip()):
            continue
        if len(fields) != width:
            found = f"expected {width} fields, found {len(fields)}"
            yield line, Ragged(file.name, line, RAGGED, found)
        elif file.nul and any("\0" in field for field in fields):
            yield line, Ragged(file.name, line, DAMAGED, "the line is damaged")
        else:
            yield line, fields


def clean_copy(file: CsvFile, target: Path) -> list[Ragged]:
    """Write the sound records of a file to ``target`` and return the others.

    Line breaks inside a field become plain ones: DuckDB refuses a file that mixes two kinds.
    """
    ragged = []
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for _, fields in read_records(file):
            if isinstance(fields, Ragged):
                ragged.append(fields)
            else:
                writer.writerow([_plain_breaks(field) for field in fields])
    return ragged


def _plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def line_numbers(file: CsvFile, records: Collection[int]) -> tuple[dict[int, int], int]:
    """Physical lines of sound records (numbered from 1), and how many there are in all."""
    wanted = set(records)
    found = {}
    number = 0
    for line, fields in read_records(file):
        if isinstance(fields, Ragged):
            continue
        number += 1
        if number in wanted:
            found[number] = line
    return found, number
