"""Which files are parts of one table, such as months, and what keeps parts from being one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import duckdb

from cxanalysis.errors import DataError
from cxanalysis.recognise.files import LoadedFile
from cxanalysis.recognise.times import find_time_format
from cxanalysis.recognise.vendors import find_vendor
from cxanalysis.sources.headers import shared_header
from cxanalysis.sources.sql import quoted

_ALIKE = 0.75  # share of all their headers that parts of one table have in common
_LOOKED_AT = 2000  # different values of a column that show how a part writes its times


def find_parts(files: Sequence[LoadedFile]) -> list[list[LoadedFile]]:
    """Files in groups of one table each: the same writing, and nearly the same headers.

    The order of the columns does not matter, as files are read by their headers.
    """
    groups: list[list[LoadedFile]] = []
    for file in files:
        group = next((g for g in groups if all(_are_parts(file, one) for one in g)), None)
        if group is None:
            groups.append([file])
        else:
            group.append(file)
    return groups


def _are_parts(one: LoadedFile, other: LoadedFile) -> bool:
    if _writing(one) != _writing(other):
        return False
    if one.headers == other.headers:
        return True
    mine, yours = _folded(one), _folded(other)
    if len(mine & yours) < _ALIKE * len(mine | yours):
        return False
    known = [find_vendor(file.headers, nested=file.format == "json") for file in (one, other)]
    vendors = [None if found is None else found.vendor for found in known]
    return vendors[0] is vendors[1]


def _writing(file: LoadedFile) -> tuple[object, ...]:
    how = (file.delimiter, file.quote, file.encoding, file.format)
    return (*how, file.title_lines, file.header_lines, file.records, file.sheet, file.query)


def _folded(file: LoadedFile) -> set[str]:
    return {name.casefold() for name in file.headers}


def merge(
    connection: duckdb.DuckDBPyConnection, group: Sequence[LoadedFile]
) -> tuple[LoadedFile, list[str]]:
    """The rows of all parts under the first one's relation, and what only some of them have.

    A column is missing in the rows of a file that does not have it.

    Raises
    ------
    DataError
        When parts write the times of a column in different forms.
    """
    first, *others = group
    _refuse_mixed_times(connection, group)
    headers = shared_header([file.headers for file in group])
    for name in headers[len(first.headers) :]:
        connection.execute(f"ALTER TABLE {first.relation} ADD COLUMN {quoted(name)} TEXT")
    for other in others:
        own = [name for name in headers if name.casefold() in _folded(other)]
        columns = ", ".join(quoted(name) for name in own)
        connection.execute(
            f"INSERT INTO {first.relation} ({columns}) SELECT {columns} FROM {other.relation}"
        )
    notes = [] if first.format == "json" else _not_shared(group, headers)
    return replace(first, headers=tuple(headers)), notes


def _not_shared(group: Sequence[LoadedFile], headers: Sequence[str]) -> list[str]:
    """What to know of each column that only some of the files have."""
    having = {
        name: [file.path.name for file in group if name.casefold() in _folded(file)]
        for name in headers
    }
    return [
        f"{', '.join(files)}: column {name!r} is not in the other files of the table "
        f"({len(group) - len(files)} of {len(group)}) and counts as missing in their rows; if "
        "they have it under another name, give it the same there"
        for name, files in having.items()
        if len(files) < len(group)
    ]


def _refuse_mixed_times(connection: duckdb.DuckDBPyConnection, group: Sequence[LoadedFile]) -> None:
    """Raise where two parts write one column's times in different forms.

    Together they would be no times at all, or worse, day and month exchanged in one of them.
    """
    written: dict[str, dict[str | None, LoadedFile]] = {}
    for file in group if len(group) > 1 else ():
        for name in file.headers:
            found = _form(connection, file, name)
            if found is None:
                continue
            (form,) = found
            forms = written.setdefault(name.casefold(), {})
            if not forms or form in forms:
                forms.setdefault(form, file)
                continue
            other, earlier = next(iter(forms.items()))
            raise DataError(
                f"{file.path.name}: {name!r} is written {_said(form)}, in {earlier.path.name} "
                f"{_said(other)}. Files of one table must write a time in one form: export them "
                "alike."
            )


def _form(
    connection: duckdb.DuckDBPyConnection, file: LoadedFile, name: str
) -> tuple[str | None] | None:
    """The form of a column's times in one file; None where it holds none, or may be two."""
    relation = f"{file.relation}_form"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {relation} AS SELECT trim({quoted(name)}) AS v, "
        f"count(*) AS n FROM (FROM {file.relation} LIMIT {10 * _LOOKED_AT}) GROUP BY v "
        f"HAVING regexp_matches(v, '[0-9].*[0-9]') LIMIT {_LOOKED_AT}"
    )
    given = connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is not None
    found = find_time_format(connection, relation, compact=False) if given else None
    connection.execute(f"DROP TABLE {relation}")
    if found is None or (found.format is not None and not found.decided):
        return None
    return (found.format,)


def _said(form: str | None) -> str:
    return "2026-03-14 10:11 (ISO 8601)" if form is None else form
