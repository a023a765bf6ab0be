"""Columns looked up in other files, row by row, by a key that is unique there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxanalysis.config import Join, Table, closest
from cxanalysis.errors import DataError
from cxanalysis.sources.inputs import Source
from cxanalysis.sources.job import Job
from cxanalysis.sources.mapping import joined
from cxanalysis.sources.privacy import plain_contact
from cxanalysis.sources.raw import Raw, load, open_inputs
from cxanalysis.sources.sql import code, without_codes

Lookup = tuple[Join, Sequence[Source]]


def file_of(join: Join, table: Table) -> Table:
    """How a joined file is read: as a file of its own."""
    return Table(
        path=(join.path,),
        records=join.records,
        encoding=join.encoding,
        delimiter=join.delimiter,
        missing=table.missing,
    )


def join_all(job: Job, lookups: Sequence[Lookup], columns: Mapping[str, str]) -> dict[str, str]:
    """Make the view ``base`` of ``base0`` and all that is looked up.

    Returns
    -------
    dict
        Columns of ``base`` by their names in the files; a joined file's are "FILE: NAME".

    Raises
    ------
    DataError
        When a key is no column, or not unique in the file looked up.
    """
    columns = dict(columns)
    for number, (join, sources) in enumerate(lookups):
        columns |= _join(job, number, join, sources, columns)
    job.connection.execute(f"CREATE VIEW base AS FROM base{len(lookups)}")
    return columns


def _join(
    job: Job, number: int, join: Join, sources: Sequence[Source], columns: Mapping[str, str]
) -> dict[str, str]:
    """Make ``base<number + 1>`` with the columns looked up in one file."""
    left = columns.get(join.on) or _found_before(job, join, columns)
    right = join.right_on or join.on
    wanted = dict.fromkeys([right, *(s for c in join.columns.values() for s in c.sources)])
    inputs = open_inputs(job, sources, file_of(join, job.table), list(wanted))
    other = load(job, f"other{number}", inputs, list(wanted))
    _note_ragged(job, other, join)
    missing = job.table.missing
    _check_unique(job, number, _key(other.columns[right], missing), right, join)
    names = {source: f"j{number}{column}" for source, column in other.columns.items()}
    found = ", ".join(f"o.{other.columns[source]} AS {name}" for source, name in names.items())
    same = f"{_key('b.' + left, missing)} = {_key('o.' + other.columns[right], missing)}"
    job.connection.execute(
        f"CREATE TABLE base{number + 1} AS SELECT b.*, {found} FROM base{number} b "
        f"LEFT JOIN other{number} o ON {same}"
    )
    lost = job.number(
        f"SELECT count(*) FROM base{number + 1} WHERE {_key(left, missing)} IS NOT NULL "
        f"AND {names[right]} IS NULL"
    )
    if lost:
        job.notes.append(f"{lost:,} rows find no {right} in {join.path}")
    return {f"{join.path}: {source}": name for source, name in names.items()}


def _key(text: str, missing: Sequence[str]) -> str:
    """SQL: a key as it is compared: addresses without capitals, phone numbers as digits.

    One that says "missing" is none: rows that both lack a key do not belong together.
    """
    return plain_contact(code(without_codes(text, missing)))


def _note_ragged(job: Job, other: Raw, join: Join) -> None:
    if other.ragged:
        first = other.ragged[0]
        job.notes.append(
            f"{len(other.ragged):,} lines of {join.path} cannot be read and find no rows (first: "
            f"line {first.line}, {first.rule}, {first.value})"
        )


def _check_unique(job: Job, number: int, key: str, name: str, join: Join) -> None:
    many = job.number(
        f"SELECT count(*) FROM (SELECT {key} FROM other{number} WHERE {key} IS NOT NULL "
        "GROUP BY 1 HAVING count(*) > 1)"
    )
    if many:
        raise DataError(
            f"{join.path}: {many:,} values of {name!r} occur more than once, so it is unclear "
            f"which row belongs to a row of {job.name}. Join on a column that is unique there."
        )


def _found_before(job: Job, join: Join, columns: Mapping[str, str]) -> str:
    """The key of a join may itself have been looked up by an earlier one."""
    for earlier in job.table.join:
        if join.on in earlier.columns and earlier is not join:
            return columns[joined(earlier, earlier.columns[join.on]).sources[0]]
    raise DataError(
        f"{job.name}: join with {join.path} on {join.on!r}, which is no column."
        f"{closest(join.on, list(columns))}"
    )
