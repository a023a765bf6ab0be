"""Lines that some exports write below their rows: the report's name, who made it, a copyright."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Sequence

from cxanalysis.sources.delimited import EMPTY, CsvFile, make_reader, open_text
from cxanalysis.sources.records import RAGGED, Ragged

LONGEST = 40  # lines at the end of a file among which a footer is looked for


def footer_start(rows: Sequence[Sequence[str]], signs: Sequence[str]) -> int | None:
    """Where the footer begins among the last rows of a file; None where there is none.

    From a line that begins with one of the ``signs`` to the end no line fills more than one
    column. What stands right above that line, up to a blank one, belongs to it; where there is no
    blank one, it may be a row that broke off, and the footer begins with the line itself.

    Parameters
    ----------
    rows
        The fields of each row, none for a blank one.
    """
    first = len(rows)
    while first and len(rows[first - 1]) <= 1:
        first -= 1
    wanted = tuple(sign.casefold() for sign in signs)
    for place in range(first, len(rows)):
        if rows[place] and rows[place][0].strip().casefold().startswith(wanted):
            above = place
            while above > first and rows[above - 1]:
                above -= 1
            return above if above and not rows[above - 1] else place
    return None


def without_footer(
    file: CsvFile, ragged: Sequence[Ragged], signs: Sequence[str]
) -> tuple[list[Ragged], int]:
    """Lines of a text file that are no records, less those of its footer, and how many these are.

    Only lines that have been found to be no records are taken for a footer, and only if all of it
    are such: a row of the table never is.
    """
    if not signs or not ragged:
        return list(ragged), 0
    with open_text(file.path) as handle:
        last = deque(enumerate(handle, 1), LONGEST)
    start = footer_start([_fields(text, file) for _, text in last], signs)
    if start is None:
        return list(ragged), 0
    footer = {number for number, text in list(last)[start:] if text.strip(EMPTY)}
    broken = {one.line for one in ragged if one.rule == RAGGED}
    if not footer <= broken:
        return list(ragged), 0
    return [one for one in ragged if one.line not in footer], len(footer)


def _fields(line: str, file: CsvFile) -> list[str]:
    """The fields of a line; two where it is none by itself, so that it belongs to no footer."""
    if not line.strip(EMPTY):
        return []
    try:
        return list(next(make_reader(iter([line]), file.delimiter, file.quote)))
    except csv.Error:
        return ["", ""]
