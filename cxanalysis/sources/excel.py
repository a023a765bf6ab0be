"""A sheet of a workbook as a Parquet file of texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from cxanalysis.config import closest
from cxanalysis.errors import DataError
from cxanalysis.sources.delimited import TITLED, column_names
from cxanalysis.sources.footers import LONGEST, footer_start


def sheet_texts(
    path: Path,
    name: str,
    wanted: str | None,
    target: Path,
    header_lines: int = 1,
    title_lines: int = 0,
    footer: Sequence[str] = (),
    decimal: str = ".",
) -> tuple[list[str], int, int]:
    """Write a sheet's rows as texts and return its header, the sheet row of its first record, and
    how many rows below the last were left out as its ``footer``.

    Numbers get the table's ``decimal`` sign, since cells of text may have it too. Above the header
    stand ``title_lines`` rows with content. Rows keep their distance from the
    header so that a record's number tells its sheet row.

    Raises
    ------
    DataError
        When the file is no workbook, or has no such sheet or an empty one.
    """
    rows, start = _rows(path, name, wanted, title_lines)
    head = rows[start : start + header_lines]
    header = column_names([[_text(cell) or "" for cell in row] for row in head])
    records = rows[start + header_lines :]
    below = _footer_of(records, footer)
    records = records[: len(records) - len(below)]
    columns = range(len(header))
    _write([[_text(row[place], decimal) for row in records] for place in columns], target)
    return list(header), start + header_lines + 1, sum(map(bool, below))


def _footer_of(records: list[list[Any]], signs: Sequence[str]) -> list[list[str]]:
    """What the cells of the rows of a sheet's footer hold."""
    last = [[text for cell in row if (text := _text(cell))] for row in records[-LONGEST:]]
    start = footer_start(last, signs) if signs else None
    return [] if start is None else last[start:]


def sheet_head(path: Path, name: str, wanted: str | None) -> list[list[str]]:
    """The first rows with content of a sheet, as many as there may be titles and a header."""
    rows, start = _rows(path, name, wanted)
    texts = [[_text(cell) or "" for cell in row] for row in rows[start : start + TITLED]]
    return [row for row in texts if any(row)]


def _rows(
    path: Path, name: str, wanted: str | None, title_lines: int = 0
) -> tuple[list[list[Any]], int]:
    """A sheet's rows, and the first that holds anything below so many that do."""
    book = _open(path, name)
    sheet = wanted or book.sheet_names[0]
    if sheet not in book.sheet_names:
        raise DataError(f"{name}: no sheet {sheet!r}.{closest(sheet, book.sheet_names)}")
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    filled = (row for row, cells in enumerate(rows) if any(map(_text, cells)))
    start = next(islice(filled, title_lines, None), None)
    if start is None:
        raise DataError(f"{name}: sheet {sheet!r} is empty. Name the right one with sheet = …")
    return rows, start


def sheet_names(path: Path, name: str) -> list[str]:
    """Names of a workbook's sheets in their order."""
    return list(_open(path, name).sheet_names)


def _open(path: Path, name: str) -> Any:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise DataError(
            f'{name}: Excel files need more packages: pip install "cxanalysis[sources]".'
        ) from error
    try:
        return CalamineWorkbook.from_path(str(path))
    except CalamineError as error:
        raise DataError(
            f"{name}: cannot be read as a workbook. If it is text or a web page under an Excel "
            "ending, open it in a spreadsheet and save it as .xlsx or .csv."
        ) from error


def _write(columns: list[list[str | None]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [pa.array(values, pa.string()) for values in columns]
    names = [f"c{place}" for place in range(len(arrays))]
    pq.write_table(pa.Table.from_arrays(arrays, names=names), path)


def _text(value: Any, decimal: str = ".") -> str | None:
    """A cell as text: whole numbers without a fraction, times as ISO 8601."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, float):
        return str(value).replace(".", decimal)
    if isinstance(value, timedelta):  # hours go on beyond a day
        seconds = value.total_seconds()
        sign, (minutes, rest) = "-" * (seconds < 0), divmod(abs(seconds), 60)
        return f"{sign}{minutes // 60:.0f}:{minutes % 60:02.0f}:{rest:09.6f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
