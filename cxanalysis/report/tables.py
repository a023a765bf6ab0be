"""The tables behind a report, a CSV file each, that no spreadsheet takes for formulas.

Every list of records that a finding holds is a table: the rows that its picture draws and its
table prints, with numbers as numbers, as precise as in findings.json, and empty where a figure is
withheld. The figures of its sentences are one more.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from cxanalysis.report.harvest import findings_of, said_of
from cxanalysis.report.page import without_controls

FOLDER = "tables"
SINGLE = "single figures"
SETTINGS = {"min_base"}  # no figures: the manifest has them
ESTIMATE = {"value", "low", "high"}
LONGEST_NAME = 60  # characters of a section's heading within a file's name
# What a spreadsheet takes for the beginning of a formula, in the widths that some take for equal.
# It may come after a sign at which another spreadsheet than ours splits a line.
FORMULA = re.compile(r"""(^|[;|]\s*)(["']*)(?=[=+\-@＝＋－＠])""")

Cell = str | int | float | bool | None
Row = dict[str, Cell]


def write_tables(notebook: NotebookNode, folder: Path) -> list[str]:
    """Write the tables of all findings that an executed notebook shows.

    Parameters
    ----------
    folder
        The report's; the files go into ``tables`` inside, named after section and contents.

    Returns
    -------
    list
        Their paths within the report's folder.
    """
    written: list[str] = []
    for said, finding in zip(said_of(notebook), findings_of(notebook), strict=True):
        for contents, rows in tables_of(finding).items():
            section = _slug(said["section"])[:LONGEST_NAME].strip("-") or _slug(finding["kind"])
            name = f"{section}-{_slug(contents)}"
            alike = sum(re.sub(r"-\d+$", "", Path(path).stem) == name for path in written)
            path = f"{FOLDER}/{name}{f'-{alike + 1}' if alike else ''}.csv"
            (folder / FOLDER).mkdir(exist_ok=True)
            write_csv(folder / path, rows)
            written.append(path)
    return written


def write_csv(path: Path, rows: Sequence[Mapping[Any, Any]]) -> None:
    """Write rows as a CSV file in which no cell is a formula.

    It begins with a mark of UTF-8: without one Excel reads letters beyond ASCII in the coding of
    the machine, and what else reads CSV skips it.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([inert(column) for column in columns])
        writer.writerows([_written(row.get(column)) for column in columns] for row in rows)


def inert(text: str) -> str:
    """A text that stays one in a spreadsheet: an apostrophe stands before what begins a formula.

    It also stands behind a separator within the text, since a spreadsheet may split lines at
    another sign than ours; line breaks and other controls become spaces.
    """
    flat = without_controls(re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)).strip()
    return FORMULA.sub(r"\1'\2", flat)


def tables_of(finding: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Tables of a finding as its JSON holds it, by what they hold: field names from the top."""
    found: dict[str, list[Row]] = {}
    single = list(_single(finding, ""))
    if single:
        found[SINGLE] = single
    _collect(finding, "", {}, found)
    return found


def _single(record: Mapping[str, Any], path: str) -> Iterable[Row]:
    """Numbers and estimates that stand in no list, a row each."""
    for key, item in record.items():
        name = f"{path} {key}".strip()
        if _is_estimate(item):
            yield {"figure": name, **item}
        elif isinstance(item, dict):
            yield from _single(item, name)
        elif key not in SETTINGS and isinstance(item, (int, float)) and not isinstance(item, bool):
            yield {"figure": name, "value": item, "low": None, "high": None}


def _collect(record: Mapping[str, Any], path: str, above: Row, found: dict[str, list[Row]]) -> None:
    """Add the lists of records anywhere below; rows of inner ones repeat what they belong to."""
    for key, item in record.items():
        name = f"{path} {key}".strip()
        if isinstance(item, dict) and not _is_estimate(item):
            _collect(item, name, above, found)
        elif isinstance(item, list):
            for number, each in enumerate(item, 1):
                if not isinstance(each, dict):
                    break
                row = {"number": number, **each} if _is_estimate(each) else _flat(each)
                found.setdefault(name, []).append(_beside(above, row, path))
                _collect(each, name, _beside(above, _plain(each), path), found)


def _beside(above: Row, row: Row, path: str) -> Row:
    """Both in one row; what both name is told apart by the list it comes from."""
    owner = _slug(path).replace("-", "_")
    return {f"{owner}_{key}" if key in row else key: cell for key, cell in above.items()} | row


def _flat(record: Mapping[str, Any], prefix: str = "") -> Row:
    """A record as cells: an estimate as three, texts of a list as one, other lists as none."""
    row: Row = {}
    for key, item in record.items():
        name = f"{prefix}{key}"
        if _is_estimate(item):
            row |= {name: item["value"], f"{name}_low": item["low"], f"{name}_high": item["high"]}
        elif isinstance(item, dict):
            row |= _flat(item, f"{name}_")
        elif not isinstance(item, list):
            row[name] = item
        elif item and all(isinstance(each, str) for each in item):
            row[name] = "; ".join(item)
    return row


def _plain(record: Mapping[str, Any]) -> Row:
    """What tells a record from others: its texts and numbers, without its estimates."""
    return {k: item for k, item in record.items() if not isinstance(item, (dict, list))}


def _is_estimate(item: object) -> bool:
    return isinstance(item, dict) and set(item) == ESTIMATE


def _written(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return str(cell).lower()
    return inert(cell) if isinstance(cell, str) else cell


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
