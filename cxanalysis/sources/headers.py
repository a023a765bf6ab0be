"""Find a column by its name in the header of a file."""

from __future__ import annotations

from collections.abc import Sequence

from cxanalysis.config import closest
from cxanalysis.errors import DataError
from cxanalysis.sources.privacy import mask

SHORT_HEADER = 20  # columns that an error lists


def place_of(header: Sequence[str], name: str, file: str, table: str) -> int:
    """Where a wanted column stands in a header: exact name first, then regardless of case.

    Raises
    ------
    DataError
        When the header has no such column, naming the closest one, or several.
    """
    places = _places(header, name)
    if len(places) > 1:
        where = " and ".join(str(place + 1) for place in places)
        raise DataError(
            f"{file}: the header names {name!r} {len(places)} times (columns {where}), so "
            "it is unclear which one is meant. Rename one of them in the file."
        )
    if not places:
        known = [mask(column) for column in header]
        hint = closest(name, known)
        hint = hint if len(known) <= SHORT_HEADER else hint.partition(" Known: ")[0]
        raise DataError(f"{file}: no column {name!r}.{hint} Correct it under [tables.{table}].")
    return places[0]


def shared_header(headers: Sequence[Sequence[str]]) -> list[str]:
    """The columns of the first file, then those that only later ones have."""
    first, *others = headers
    found = list(first)
    for header in others:
        known = {name.casefold() for name in found}
        found += [name for name in header if name.casefold() not in known]
    return found


def _places(header: Sequence[str], name: str) -> list[int]:
    bare = " ".join(name.split())
    exact = [place for place, column in enumerate(header) if column == bare]
    return exact or [
        place for place, column in enumerate(header) if column.casefold() == bare.casefold()
    ]


def has_column(header: Sequence[str], name: str) -> bool:
    """Whether a header has a column of this name, regardless of case and outer white space."""
    return bool(_places(header, name))
